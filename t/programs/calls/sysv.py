# SPDX-License-Identifier: GPL-2.0-or-later
"""System V's shared memory, semaphores and messages: how large they are, no call says."""
import ctypes
import os
import struct
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype, libc.shmat.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]


def child(function):
    pid = os.fork()
    if not pid:
        function()
        os._exit(0)
    return pid


def write(at, data):
    ctypes.memmove(at, data, len(data))


segment = libc.shmget(0, 10000, 0o1600)
at = libc.shmat(segment, None, 0)
print(segment >= 0, hex(at), ctypes.string_at(at, 8))
write(at + 5000, b'written here')
os.waitpid(child(lambda: (write(at, b'from a child'), write(at + 8192, b'last page'))), 0)
print(ctypes.string_at(at, 12), ctypes.string_at(at + 5000, 12), ctypes.string_at(at + 8192, 9))
print(libc.shmdt(at), libc.shmdt(at), ctypes.get_errno())
at = libc.shmat(segment, None, 0o10000)
print(hex(at), ctypes.string_at(at, 12))
state = ctypes.create_string_buffer(112)
print(libc.shmctl(segment, 2, state), struct.unpack_from('Q', state, 48), libc.shmctl(segment, 0, None))


def another():
    mine = libc.shmat(libc.shmget(0x1234, 3 * 4096, 0o1600), None, 0)
    write(mine + 4096, b'by key')
    os.write(ready[1], b'x')
    time.sleep(0.05)


ready = os.pipe()
pid = child(another)
os.read(ready[0], 1)
segment = libc.shmget(0x1234, 0, 0)
at = libc.shmat(segment, None, 0)
print(ctypes.string_at(at + 4096, 6), libc.shmat(999, None, 0) == 2**64 - 1, ctypes.get_errno())
os.waitpid(pid, 0)
print(libc.shmctl(segment, 0, None), libc.shmdt(at))

GETALL, SETALL, GETVAL, SETVAL, RMID = 13, 17, 12, 16, 0
for count in (4, 500):
    semaphores = libc.semget(0, count, 0o1600)
    values = (ctypes.c_ushort * count)(*range(count))
    print(libc.semctl(semaphores, 0, SETALL, values))
    values = (ctypes.c_ushort * count)()
    print(libc.semop(semaphores, struct.pack('6h', 3, -2, 0, 2, 5, 0), 2), libc.semctl(semaphores, 0, GETALL, values),
          list(values[:4]), sum(values), libc.semctl(semaphores, 2, GETVAL), libc.semctl(semaphores, 1, SETVAL, 9))
    print(libc.semtimedop(semaphores, struct.pack('3h', 0, -5, 0), 1, struct.pack('2q', 0, 1000)), ctypes.get_errno(),
          libc.semctl(semaphores, 0, RMID))

queue, message = libc.msgget(0, 0o1600), ctypes.create_string_buffer(b'.' * 20, 20)
print(libc.msgsnd(queue, struct.pack('q5s', 7, b'hello'), 5, 0), libc.msgsnd(queue, struct.pack('q3s', 8, b'you'), 3, 0))
print(libc.msgrcv(queue, message, 12, 8, 0), message.raw, libc.msgrcv(queue, message, 2, 0, 0), ctypes.get_errno())
print(libc.msgrcv(queue, message, 2, 0, 0o10000), message.raw, libc.msgctl(queue, 0, None))
