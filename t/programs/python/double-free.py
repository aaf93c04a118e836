# SPDX-License-Identifier: GPL-2.0-or-later
# The C library ends this program, with a message of its own; "overflow": another one.
import ctypes
import sys

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
print('begun', flush=True)
blocks = [libc.malloc(5000) for _ in range(2)]
if 'overflow' in sys.argv:
    libc.__fdelt_chk(-1)
for _ in range(2):
    libc.free(blocks[0])
print('not reached')
