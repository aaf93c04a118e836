# Instructions that bring something in: in a library, in code made at run time, in threads, in a child.
import ctypes
import faulthandler
import mmap
import os
import signal
import sys
import threading

import _ctypes


def load():
    loaded = ctypes.CDLL('./instructions.so')
    for name in 'start', 'ticks', 'tick':
        getattr(loaded, name).restype = ctypes.c_uint64
    return loaded


def text(function, *arguments):
    buffer = ctypes.create_string_buffer(16384)
    function(buffer, len(buffer), *arguments)
    return buffer.value.decode()


def describe():
    return text(library.describe)


library = load()
print(library.picked(), library.start(), library.ticks(1000))
told = describe()
print(told)
print(text(library.numbers, 300))
print(text(library.try_all, 0))
# With a handler of python's own beneath; on another stack, too.
faulthandler.enable()
signal.signal(signal.SIGILL, lambda *_: None)
print(text(library.try_all, 0x08000000))
faulthandler.disable()

# rdtsc; shl $32, %rdx; or %rdx, %rax; ret. And cpuid of leaf 1: its ecx.
TIME = b'\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3'
FEATURES = b'\x53\x31\xc9\xb8\x01\x00\x00\x00\x0f\xa2\x89\xc8\x5b\xc3'


def run(address):
    return ctypes.CFUNCTYPE(ctypes.c_uint64)(address)()


def address_of(area):
    return ctypes.addressof(ctypes.c_char.from_buffer(area))


# Memory that may be written and executed; then the same memory again, and the same code written there again.
for kind in mmap.MAP_SHARED, mmap.MAP_PRIVATE, mmap.MAP_PRIVATE:
    area = mmap.mmap(-1, 8192, kind | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    for _ in range(3):
        area.seek(0)
        area.write(TIME + FEATURES)
        place = address_of(area)
        ticks = run(place), run(place)
        area.seek(4096)
        area.write(TIME)
        print(hex(place), ticks, hex(run(place + len(TIME))), run(place + 4096))
    del area
# First the one, then the other.
area = mmap.mmap(-1, 8192)
area.write(FEATURES)
place = address_of(area)
protect = ctypes.CDLL(None).mprotect
protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
protect(place, 8192, mmap.PROT_READ | mmap.PROT_EXEC)
print(hex(run(place)))
protect(place, 8192, mmap.PROT_READ | mmap.PROT_WRITE)
area.seek(4096)
area.write(TIME)
protect(place, 8192, mmap.PROT_READ | mmap.PROT_EXEC)
print(hex(run(place)), run(place + 4096))

sums = {}


def work(number):
    sums[number] = [library.ticks(2000) for _ in range(5)]


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(sums.items()))
sys.stdout.flush()
if not os.fork():
    os._exit(3 if library.tick() and describe() == told else 1)
if not os.fork():
    library.chance()
    os._exit(0)
print(sorted(os.wait()[1] for _ in range(2)))
last = library.tick()
print('parent', last, library.picked())

_ctypes.dlclose(library._handle)
library = load()
print('again', library.start(), library.picked(), describe() == told)
