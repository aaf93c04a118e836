# SPDX-License-Identifier: GPL-2.0-or-later
# Memory and threads that the kernel refuses: what failed in the run is to fail again.
import ctypes
import mmap
import resource
import threading

MB = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_long


def tried(what, function):
    try:
        result = function()
        print(what, 'done', result if isinstance(result, int) else '')
        return result
    except (MemoryError, OSError, RuntimeError) as error:
        print(what, type(error).__name__, error)


tried('bytes', lambda: len(bytes(12 << 30)))
tried('mapping', lambda: mmap.mmap(-1, 100 << 40))
threading.stack_size(12 << 30)
tried('thread', lambda: threading.Thread(target=print, args=('a thread ran',)).start())
threading.stack_size(0)
thread = threading.Thread(target=print, args=('a thread ran',))
thread.start()
thread.join()
for limit in (resource.RLIMIT_AS, 130 * MB), (resource.RLIMIT_DATA, 70 * MB):
    resource.setrlimit(limit[0], (limit[1], resource.RLIM_INFINITY))
    kept = []
    while len(kept) < 400:
        try:
            kept.append(bytearray((len(kept) % 5 + 1) * MB))
        except MemoryError:
            break
    print(limit[0], len(kept), 'blocks')
    small = []
    try:
        while len(small) < 400000:
            small.append(bytearray(700))
    except MemoryError:
        pass
    count = len(small)
    del small, kept[:5]
    print(count, 'small ones')
    grown = bytearray(1000)
    tried('growing', lambda: grown.extend(bytes(300 * MB)))
    tried('sbrk', lambda: libc.sbrk(ctypes.c_long(500 * MB)))
    resource.setrlimit(limit[0], (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    del kept, grown
resource.setrlimit(resource.RLIMIT_MEMLOCK, (4096, 4096))
block = mmap.mmap(-1, 64 * MB)
print('mlock', libc.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(block))), ctypes.c_size_t(64 * MB)))
print('over', len(bytearray(20 * MB)))
