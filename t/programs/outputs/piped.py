# SPDX-License-Identifier: GPL-2.0-or-later
# Its own stdout and stderr, whatever they are.
import ctypes
import os

os.write(1, b'written\n')
os.writev(2, [b'com', b'plained\n'])
ctypes.CDLL(None).puts(b'puts')
