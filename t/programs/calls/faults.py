# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that are given addresses of nothing, and fail by that."""
import ctypes
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
bad = ctypes.c_void_p(1)
keep = socket.socket(type=socket.SOCK_DGRAM)
udp = keep.fileno()
for name, *args in (
        ('open', bad, 0), ('stat', b'/', bad), ('write', 1, bad, 5), ('writev', 1, bad, 2), ('mkdir', bad, 0),
        ('writev', 1, (ctypes.c_ulong * 2)(1, 5), 1), ('connect', udp, bad, 16), ('getsockname', udp, bad, bad),
        ('getsockopt', udp, 1, 3, bad, bad), ('setsockopt', udp, 1, 2, bad, 4), ('recvmsg', udp, bad, 64),
        ('sendmsg', udp, bad, 0), ('nanosleep', bad, None), ('clock_nanosleep', 1, 0, bad, None), ('uname', bad),
        ('clock_gettime', 0, bad), ('pipe', bad), ('getrlimit', 7, bad), ('epoll_ctl', 0, 1, 0, bad),
        ('fcntl', 1, 5, bad), ('statfs', bad, bad), ('syscall', 4, bad, bad), ('poll', bad, 1, 0),
        ('select', 2, bad, None, None, None)):
    ctypes.set_errno(0)
    print(name, libc[name](*args), os.strerror(ctypes.get_errno()))
