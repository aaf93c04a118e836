# SPDX-License-Identifier: GPL-2.0-or-later
# Bytes that the kernel moves to stdout: they are in no memory of the program.
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    _fields_ = [('base', ctypes.c_char_p), ('length', ctypes.c_size_t)]


with open('moved.txt', 'w') as file:
    file.write(''.join(f'line {i}\n' for i in range(30000)))
moved = os.open('moved.txt', os.O_RDONLY)
os.write(1, b'sendfile\n')
os.sendfile(1, moved, 7, 35)
os.write(1, b'\nsplice\n')
while os.splice(moved, 1, 1 << 20):  # more than the pipe holds
    pass
inlet, outlet = os.pipe()
os.write(outlet, b'from a pipe\n')
os.splice(inlet, 1, 100)
os.write(outlet, b'tee\n')
os.write(2, b'%d\n' % libc.tee(inlet, 1, 100, 0))
os.write(1, os.read(inlet, 100))
pieces = (Piece * 2)(Piece(b'vm', 2), Piece(b'splice\n', 7))
os.write(2, b'%d\n' % libc.vmsplice(1, pieces, 2, 0))
os.write(1, b'the end\n')
