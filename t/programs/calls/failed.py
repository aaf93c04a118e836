# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that fail and write into the caller's memory all the same."""
import ctypes
import os
import signal
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.fopen.restype = libc.realpath.restype = libc.mkdtemp.restype = ctypes.c_void_p
PATH = b'/no/such/dir-XXXXXX'


def call(name, *args):
    result = libc[name](*args)
    return result, os.strerror(ctypes.get_errno())


def show(name, *results):
    print(name, *(bytes(each) if isinstance(each, ctypes.Array) else each for each in results))


signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, True)

reading, writing = os.pipe()
fds = ctypes.create_string_buffer(struct.pack('ihh', reading, 1, 77), 8)
signal.setitimer(signal.ITIMER_REAL, 0.05)
show('poll', call('poll', fds, 1, 5000), fds)

left = ctypes.create_string_buffer(struct.pack('qq', 5, 0), 16)
signal.setitimer(signal.ITIMER_REAL, 0.05)
show('select', call('select', 0, None, None, None, left), left)
show('select of nothing', call('select', -1, None, None, None, left), left)
show('select without a timeout', call('select', -1, None, None, None, None))

info = ctypes.create_string_buffer(b'\xff' * 128, 128)
show('waitid', call('waitid', 1, os.getpid(), info, 4), info)

name = ctypes.create_string_buffer(PATH)
show('mkstemp', call('mkstemp', name), name)
show('mkdtemp', call('mkdtemp', name), name)
name = ctypes.create_string_buffer(b'no pattern')
show('mkstemp without a pattern', call('mkstemp', name), name)

path = ctypes.create_string_buffer(4096)
show('realpath', call('realpath', b'/usr/bin/../lib/none/x', path), path.value)
short = ctypes.create_string_buffer(b'..', 3)
show('gethostname', call('gethostname', short, 1), short)
text = ctypes.create_string_buffer(40)
show('strerror_r', call('__xpg_strerror_r', 9999, text, 40), text.value)

open('short.txt', 'w').write('a')
stream = ctypes.c_void_p(libc.fopen(b'short.txt', b'r'))
flags = ctypes.cast(stream, ctypes.POINTER(ctypes.c_int))
show('getc', libc.fgetc(stream), flags[0] & 0x30, libc.fgetc(stream), flags[0] & 0x30)
