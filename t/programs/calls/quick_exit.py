# SPDX-License-Identifier: GPL-2.0-or-later
"""printf to a descriptor, and an end without destructors."""
import ctypes
import os

libc = ctypes.CDLL(None)
print('one', flush=True)
libc.dprintf(1, b'two %d\n', 2)
print('three', flush=True)
last = ctypes.CFUNCTYPE(None)(lambda: os.write(1, b'at quick exit\n') and None)
libc.__cxa_at_quick_exit(last, None)
libc.quick_exit(3)
