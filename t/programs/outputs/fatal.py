# SPDX-License-Identifier: GPL-2.0-or-later
# The C library ends the program, with a message of its own.
import ctypes

print('before', flush=True)
ctypes.CDLL(None).__assert_fail(b'1 == 2', b'file.c', 7, b'function')
