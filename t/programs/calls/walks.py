# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of the C library that walk through directories, and call the program as they do: ftw, fts, scandir, glob."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
INT, VOID, TEXT, POINTER = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER

os.makedirs('tree/a/b')
for name in ('tree/one', 'tree/a/two', 'tree/a/b/three', 'tree/a/b/.hidden'):
    with open(name, 'w') as file:
        file.write(name * 3)
os.symlink('one', 'tree/link')


class Dirent(ctypes.Structure):
    _fields_ = [('ino', ctypes.c_ulong), ('off', ctypes.c_long), ('reclen', ctypes.c_ushort), ('type', ctypes.c_ubyte),
                ('name', ctypes.c_char * 256)]


class Glob(ctypes.Structure):
    _fields_ = [('count', ctypes.c_size_t), ('paths', POINTER(TEXT)), ('offset', ctypes.c_size_t), ('flags', INT),
                ('functions', VOID * 5)]


class Entry(ctypes.Structure):
    pass


Entry._fields_ = [
    ('cycle', VOID), ('parent', VOID), ('link', POINTER(Entry)), ('number', ctypes.c_long), ('pointer', VOID),
    ('accpath', TEXT), ('path', TEXT), ('errno', INT), ('symfd', INT), ('pathlen', ctypes.c_ushort),
    ('namelen', ctypes.c_ushort), ('ino', ctypes.c_ulong), ('dev', ctypes.c_ulong), ('nlink', ctypes.c_ulong),
    ('level', ctypes.c_short), ('info', ctypes.c_ushort), ('flags', ctypes.c_ushort), ('instr', ctypes.c_ushort),
    ('stat', POINTER(ctypes.c_long))]

seen = []


@ctypes.CFUNCTYPE(INT, TEXT, POINTER(ctypes.c_long), INT, VOID)
def note(path, stat, flag, ftw):
    seen.append((path, flag, os.path.isdir(path) or stat[6]))
    return 0


@ctypes.CFUNCTYPE(INT, TEXT, VOID, INT)
def stop(path, stat, flag):
    print('ftw', path, flag)
    return 7 if path.endswith(b'two') else 0


for flags in (0, 1, 8, 4 | 8, 1 | 8 | 4):
    seen.clear()
    print('nftw', flags, libc.nftw(b'tree', note, 3, flags), seen)
print(libc.ftw(b'tree', stop, 1), libc.ftw(b'nowhere', stop, 1), ctypes.get_errno())


@ctypes.CFUNCTYPE(INT, POINTER(Dirent))
def select(entry):
    seen.append(entry.contents.name)
    return not entry.contents.name.startswith(b'.')


@ctypes.CFUNCTYPE(INT, POINTER(POINTER(Dirent)), POINTER(POINTER(Dirent)))
def compare(one, other):
    names = one.contents.contents.name, other.contents.contents.name
    seen.append(names)
    return (names[0] < names[1]) - (names[0] > names[1])


entries = POINTER(POINTER(Dirent))()
seen.clear()
count = libc.scandir(b'tree/a', ctypes.byref(entries), select, compare)
print('scandir', [entries[i].contents.name for i in range(count)], seen, hex(ctypes.addressof(entries[0].contents)))
count = libc.scandir(b'/proc/self/fd', ctypes.byref(entries), None, libc.alphasort)
print([entries[i].contents.name for i in range(count)], libc.scandir(b'nowhere', ctypes.byref(entries), None, None))

found = Glob()
libc.glob.argtypes = [TEXT, INT, VOID, VOID]


@ctypes.CFUNCTYPE(INT, TEXT, INT)
def unreadable(path, errno):
    print('glob cannot read', path, errno)
    return 0


os.symlink('loop', 'tree/loop')
for pattern, flags, function in ((b'tree/*/*', 0, unreadable), (b'tree/*', 2, None), (b'tree/*/*/*', 0, unreadable)):
    print('glob', libc.glob(pattern, flags, function, ctypes.byref(found)), found.paths[:found.count])

virtual = [Dirent(1, 0, 24, 8, b'zeta'), Dirent(2, 0, 24, 8, b'alpha'), Dirent(3, 0, 24, 8, b'beta.c')]
left = []


@ctypes.CFUNCTYPE(None, VOID)
def close_virtual(directory):
    print('close', os.getpid() > 0)


@ctypes.CFUNCTYPE(VOID, VOID)
def read_virtual(directory):
    return ctypes.addressof(left.pop()) if left else None


@ctypes.CFUNCTYPE(VOID, TEXT)
def open_virtual(path):
    print('open', path)
    left[:] = virtual
    return 1


@ctypes.CFUNCTYPE(INT, TEXT, VOID)
def stat_virtual(path, stat):
    return 0


for number, function in enumerate((close_virtual, read_virtual, open_virtual, stat_virtual, stat_virtual)):
    found.functions[number] = ctypes.cast(function, VOID)
print(libc.glob(b'virtual/*a', 64, None, ctypes.byref(found)), found.paths[:found.count])
libc.globfree(ctypes.byref(found))


@ctypes.CFUNCTYPE(INT, POINTER(POINTER(Entry)), POINTER(POINTER(Entry)))
def by_number(one, other):
    numbers = one.contents.contents.ino, other.contents.contents.ino
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])


libc.fts_open.restype, libc.fts_open.argtypes = VOID, [VOID, INT, VOID]
libc.fts_read.restype, libc.fts_read.argtypes = POINTER(Entry), [VOID]
libc.fts_children.restype, libc.fts_children.argtypes = POINTER(Entry), [VOID, INT]
libc.fts_close.argtypes = [VOID]
for options in (0x10, 2, 4 | 0x10):
    walk = libc.fts_open((TEXT * 3)(b'tree', b'nowhere', None), options, by_number)
    while entry := libc.fts_read(walk):
        entry = entry.contents
        print('fts', options, entry.path, entry.info, entry.level, entry.errno, entry.stat[6] if entry.info == 8 else '')
        if entry.info == 1 and entry.level == 1:
            child, lengths = libc.fts_children(walk, 0x100), []
            while child:
                lengths.append(child.contents.namelen)
                child = child.contents.link
            print(lengths)
    print(libc.fts_close(walk), os.getcwd() == os.path.dirname(os.path.abspath(__file__)))
