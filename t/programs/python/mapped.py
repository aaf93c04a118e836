# SPDX-License-Identifier: GPL-2.0-or-later
import mmap
import os
import sys

with open('data', 'wb') as out:
    out.write(b''.join(b'line %d\n' % i for i in range(2000)))
with open('data', 'r+b') as file:
    with mmap.mmap(file.fileno(), 0) as area:
        print(len(area), area[:20], area.find(b'line 1999'), area.readline(), area.readline(), area)
        area[0:4] = b'LINE'
        area.flush()
        print(area[:6], area.rfind(b'line'))
    print(file.read(10))
    with mmap.mmap(file.fileno(), 5000, access=mmap.ACCESS_READ) as area:
        print(hash(area[:]) == hash(bytes(area)), area[4990:], sum(area[:]))
        try:
            area[0] = 1
        except TypeError as error:
            print(error)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY) as area:
        area[:7] = b'private'
        print(area[:10])
    with mmap.mmap(file.fileno(), 8192, offset=4096, prot=mmap.PROT_READ) as area:
        print(area[:10], len(area))
print(open('data', 'rb').read(8))
with mmap.mmap(-1, 100000) as area:
    area.write(b'anonymous')
    area.seek(0)
    print(area.read(9), len(area))
try:
    mmap.mmap(os.open('data', os.O_RDONLY), 1 << 20)
except (OSError, ValueError) as error:
    print(error)
with open('big', 'wb') as out:
    out.writelines(b'%08d' % i * 512 for i in range(512))
sys.stdout.reconfigure(line_buffering=True)
with open('big', 'r+b') as file:
    area = mmap.mmap(file.fileno(), 0)
    print(area[5000:5010], area.find(b'00000300'))
    area[28672:28676] = b'ABCD'
    for i in range(0, len(area), 99991):
        area[i] ^= 1
    print(sum(area[::997]), area[:9])
    file.seek(28672)
    print(file.read(9))
    pid = os.fork()
    if not pid:
        print('child', os.getpid(), area[4096 * 400:4096 * 400 + 9], area[28672:28680])
        os._exit(0)
    print(os.waitpid(pid, 0)[1], file.seek(0), file.write(area), area[:4])
