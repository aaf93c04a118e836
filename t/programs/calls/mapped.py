# SPDX-License-Identifier: GPL-2.0-or-later
"""Mapped files that the program also writes by calls, as LMDB does, and memory that processes share."""
import mmap
import multiprocessing
import os
import time

with open('map.tmp', 'w+b') as file:
    fd = file.fileno()
    file.truncate(1 << 16)
    file.flush()
    shown = mmap.mmap(fd, 1 << 16, prot=mmap.PROT_READ)
    before = shown[0]
    for number in range(4):
        os.pwrite(fd, b'record %d' % number, number * 100)
        print(shown[number * 100:number * 100 + 8])
    os.pwrite(fd, b'further', 5 * 4096)
    print(shown[5 * 4096:5 * 4096 + 7])
    os.ftruncate(fd, 4096)
    os.ftruncate(fd, 8192)
    print(shown[:8], shown[4096:4103])

with open('both.tmp', 'w+b') as file:
    file.truncate(8192)
    both = mmap.mmap(file.fileno(), 8192)
    both[10:14] = b'self'
    os.pwritev(file.fileno(), [b'writ', b'ten'], 4096)
    os.pwrite(file.fileno(), b'by a call', 0)
    print(both[:20], both[4096:4103], os.pread(file.fileno(), 4, 10))


def work(value, memory):
    value.value = 42
    for number in range(3):
        memory[number] = b'abc'[number]
        time.sleep(0.02)


value = multiprocessing.get_context('fork').Value('i', 7)
memory = mmap.mmap(-1, 4096)
child = multiprocessing.get_context('fork').Process(target=work, args=(value, memory))
child.start()
child.join()
print(value.value * 2, memory[:3])


def count(memory):
    for number in range(1, 200001):
        memory[8] = number & 127
    memory[8] = 255


memory[8] = 1
pid = os.fork()
if not pid:
    count(memory)
    os._exit(0)
spins = 0
while memory[8] != 255:
    spins += 1
print('seen after some spins', spins > 0, memory[8])
os.waitpid(pid, 0)
