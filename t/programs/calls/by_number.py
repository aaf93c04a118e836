# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls by syscall(2): they bring, and do, what the functions of the same names do."""
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
number = {'read': 0, 'write': 1, 'fstat': 5, 'lseek': 8, 'writev': 20, 'getpid': 39, 'sendto': 44, 'recvfrom': 45,
          'socketpair': 53, 'uname': 63, 'fcntl': 72, 'rename': 82, 'sysinfo': 99, 'getresuid': 118, 'gettid': 186,
          'tkill': 200, 'sched_getaffinity': 204, 'getdents64': 217, 'fadvise64': 221, 'clock_gettime': 228,
          'exit_group': 231, 'set_mempolicy': 238, 'get_mempolicy': 239, 'openat': 257, 'newfstatat': 262,
          'eventfd2': 290, 'pipe2': 293, 'prlimit64': 302, 'sched_setattr': 314, 'sched_getattr': 315,
          'getrandom': 318, 'statx': 332}


def call(name, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number[name]), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return result if result >= 0 else os.strerror(ctypes.get_errno())


def brings(name, size, *args):
    """With a buffer in place of None."""
    room = ctypes.create_string_buffer(b'\x55' * size, size)
    result = call(name, *[room if a is None else a for a in args])
    print(name, result, room.raw.hex())
    return room.raw


data = ctypes.create_string_buffer(b'written by number\n')
call('write', 1, data, 18)
pieces = (ctypes.c_void_p * 4)(ctypes.addressof(data), 8, ctypes.addressof(data) + 7, 11)
call('writev', 1, pieces, 2)
print(call('getpid') == os.getpid(), call('gettid'), flush=True)
for name, size, args in (('uname', 390, (None,)), ('sysinfo', 112, (None,)), ('clock_gettime', 16, (0, None)),
                         ('getresuid', 4, (None, data, data)), ('sched_getaffinity', 128, (0, 128, None)),
                         ('getrandom', 12, (None, 12, 0)), ('prlimit64', 16, (0, 7, None, None)),
                         ('get_mempolicy', 128, (None, None, 1024, 0, 0)), ('newfstatat', 144, (-100, b'.', None, 0)),
                         ('statx', 256, (-100, b'.', 0, 0xfff, None)), ('sched_getattr', 48, (0, None, 48, 0))):
    attributes = brings(name, size, *args)
print(call('sched_setattr', 0, ctypes.create_string_buffer(attributes, 48), 0), call('set_mempolicy', 0, 0, 0))
fd = call('openat', -100, b'by-number', os.O_RDWR | os.O_CREAT, 0o600)
print(call('write', fd, data, 18), call('lseek', fd, 3, 0), call('fadvise64', fd, 0, 0, 1))
brings('read', 30, fd, None, 30)
brings('fstat', 144, fd, None)
print(call('fcntl', fd, 3), call('rename', b'by-number', b'renamed'), call('rename', b'by-number', b'renamed'))
directory = call('openat', -100, b'/proc/self/task', os.O_RDONLY | os.O_DIRECTORY)
brings('getdents64', 300, directory, None, 300)
pair = (ctypes.c_int * 2)()
print(call('socketpair', 1, 1, 0, pair), call('sendto', pair[0], data, 9, 0, None, 0))
brings('recvfrom', 40, pair[1], None, 40, 0, None, None)
print(call('pipe2', pair, os.O_CLOEXEC), list(pair), call('eventfd2', 5, os.O_NONBLOCK), call('tkill', os.getpid(), 0))
sys.stdout.flush()
call('exit_group', 3)
