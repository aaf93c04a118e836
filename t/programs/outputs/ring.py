# SPDX-License-Identifier: GPL-2.0-or-later
# io_uring: writes that no call makes.
import ctypes

print('before')
ctypes.CDLL(None).syscall(425, 8, bytes(120))
