# SPDX-License-Identifier: GPL-2.0-or-later
# What the C library writes by itself: when it flushes, complains, ends.
import ctypes
import os

libc = ctypes.CDLL(None)
libc.puts(b'x' * (3 << 20))
libc.printf(b'printf %d\n', 5)
libc.fputs(b'fputs\n', ctypes.c_void_p.in_dll(libc, 'stderr'))
os.write(1, b'before what is buffered\n')
libc.fflush(None)
ctypes.set_errno(0)
libc.perror(b'perror')
libc.puts(b'while it ends')
