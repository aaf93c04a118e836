# SPDX-License-Identifier: GPL-2.0-or-later
# One read, one write and one writev of more than a record of a slice holds.
import hashlib
import os

with open('large.bin', 'wb') as file:
    for number in range(70):
        file.write(bytes([number]) * 999 + b'x' * (1 << 20) + b'\n')
read = os.open('large.bin', os.O_RDONLY)
data = os.read(read, 1 << 30)
print(len(data), hashlib.sha256(data).hexdigest())
copy = os.open('copy.bin', os.O_WRONLY | os.O_CREAT)
print(os.write(copy, data), os.writev(copy, [data[:20 << 20], b'x', data[:9 << 20]]))
