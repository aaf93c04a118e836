# SPDX-License-Identifier: GPL-2.0-or-later
# One page at several addresses: a file that is mapped twice, shared memory that is attached twice, mappings that get
# another size.
import ctypes
import mmap
import os
from multiprocessing import shared_memory

PAGE = 4096
with open('data', 'wb') as out:
    out.writelines(b'%07d\n' % i for i in range(4096))
file = os.open('data', os.O_RDWR)
one, two = mmap.mmap(file, 0), mmap.mmap(file, 0)
one[0:4] = b'ONE,'
print(two[:8])
two[4:8] = b'TWO\n'
print(one[:8], os.pread(file, 8, 0))
for i in range(5):
    one[PAGE] = (two[PAGE] + 1) % 256
    two[PAGE + 1] = one[PAGE]
print(one[PAGE:PAGE + 8], two[PAGE:PAGE + 8])
two[2 * PAGE:2 * PAGE + 3] = b'two'
one[3 * PAGE:3 * PAGE + 3] = b'one'
print(one[2 * PAGE:2 * PAGE + 8], two[3 * PAGE:3 * PAGE + 8])
readonly = mmap.mmap(file, 2 * PAGE, offset=PAGE, access=mmap.ACCESS_READ)
one[PAGE + 4:PAGE + 8] = b'read'
two[2 * PAGE + 4:2 * PAGE + 8] = b'only'
print(readonly[:8], readonly[PAGE:PAGE + 8])
os.pwrite(file, b'written', 5 * PAGE)
print(one[5 * PAGE:5 * PAGE + 8], two[5 * PAGE:5 * PAGE + 8])
os.pwrite(file, b'again', 5 * PAGE)
print(one[5 * PAGE:5 * PAGE + 8], two[5 * PAGE:5 * PAGE + 8])
print(one[:] == two[:], sum(one[:]), flush=True)

pid = os.fork()
if not pid:
    two[6 * PAGE:6 * PAGE + 5] = b'child'
    print('child', os.getpid(), one[6 * PAGE:6 * PAGE + 8], one[:8], readonly[:8], flush=True)
    one[7 * PAGE:7 * PAGE + 5] = b'child'
    os._exit(0)
print(os.waitpid(pid, 0)[1], one[6 * PAGE:6 * PAGE + 8], two[7 * PAGE:7 * PAGE + 8])

# The place of a mapping that is gone is other memory's.
readonly.close()
two.close()
three = mmap.mmap(-1, 8 * PAGE)
three[0:5] = b'three'
one[0:4] = b'One '
print(one[:8], three[:5])
two = mmap.mmap(file, 0)
print(two[:8])

# Another size: longer, shorter, and longer than there is room for.
for size in 16 * PAGE, 3 * PAGE, 2048 * PAGE, 0x123456:
    one.resize(size)
    one[size - 3:size] = b'end'
    print(len(one), one[:4], two[:4], one[2 * PAGE:2 * PAGE + 8], one[-6:])
    one[0] = two[1]
    two[0:2] = b'%d' % (len(one) % 9)  * 2
    print(one[:4], two[:4])
other = mmap.mmap(-1, PAGE)
other[:5] = b'other'
print(other[:5], len(one), one[-3:])

memory = shared_memory.SharedMemory(create=True, size=10)
memory.buf[:4] = bytearray([22, 33, 44, 55])
memory.buf[4] = 100
attached = shared_memory.SharedMemory(memory.name)
print(bytes(attached.buf[:5]))
attached.buf[:5] = b'howdy'
print(bytes(memory.buf[:5]))
again = shared_memory.SharedMemory(memory.name)
again.buf[5:8] = b'all'
print(bytes(memory.buf[:8]), bytes(attached.buf[:8]))
attached.close()
again.buf[0] = 72
print(bytes(memory.buf[:8]))
again.close()
memory.close()
memory.unlink()

libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = ctypes.c_int, ctypes.c_void_p, ctypes.c_int
libc.shmdt.argtypes = ctypes.c_void_p,
number = libc.shmget(0, PAGE, 0o1600)
first, second = libc.shmat(number, None, 0), libc.shmat(number, None, 0)
ctypes.memmove(first, b'System V', 8)
print(ctypes.string_at(second, 8))
ctypes.memset(second, 66, 3)
print(ctypes.string_at(first, 8), libc.shmdt(first), ctypes.string_at(second, 8), libc.shmdt(second))
libc.shmctl(number, 0, None)

# Advice that would take pages away.
area = mmap.mmap(file, 2 * PAGE)
area[:6] = b'advice'
area.madvise(mmap.MADV_DONTNEED)
print(area[:6], area[PAGE:PAGE + 8])
