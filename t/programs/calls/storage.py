# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that stand in the C library's memory: how long they stay, and what overwrites them."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for function in ('opendir', 'readdir', 'localtime', 'gmtime', 'ctime', 'asctime', 'strerror', 'gai_strerror',
                 'strsignal', 'hstrerror', 'getpwuid', 'getpwnam', 'fopen'):
    getattr(libc, function).restype = ctypes.c_void_p
for function in ('readdir', 'closedir', 'asctime'):
    getattr(libc, function).argtypes = [ctypes.c_void_p]


def text(address):
    return ctypes.string_at(address)


def same(one, other):
    return 'one place' if one == other else 'two places'


# An entry stays while another directory is read, and further ones of its own.
for name in 's1', 's2':
    os.makedirs(name)
    for number in range(3):
        open(f'{name}/in-{name}-{number}', 'w').close()
one, two = libc.opendir(b's1'), libc.opendir(b's2')
entries = []
while entry := libc.readdir(one):
    entries.append(entry)
libc.readdir(two)
print(sorted(text(entry + 19) for entry in entries), len(set(entries)), entries[0] > one)
entry = ctypes.create_string_buffer(280)
result = ctypes.c_void_p()
print(libc.readdir_r(ctypes.c_void_p(two), entry, ctypes.byref(result)), result.value == ctypes.addressof(entry),
      entry.raw[19:].split(b'\0')[0] != b'')
print(libc.closedir(one), libc.closedir(two))

# localtime and gmtime have one place; ctime and asctime another.
early, late = ctypes.byref(ctypes.c_long(0)), ctypes.byref(ctypes.c_long(1700000000))
tm = libc.gmtime(early)
print(same(tm, libc.localtime(late)), ctypes.c_int.from_address(tm + 20).value)
line = libc.ctime(late)
print(text(line), same(line, libc.asctime(tm)), text(line))

# Messages are constants.
messages = [libc.strerror(2), libc.strerror(13), libc.gai_strerror(-2), libc.gai_strerror(-3), libc.strsignal(11),
            libc.strsignal(6), libc.hstrerror(1), libc.hstrerror(2)]
print([text(message) for message in messages], same(libc.strerror(2), messages[0]))

# Each function of users has its own.
root, daemon = libc.getpwuid(0), libc.getpwnam(b'daemon')
print(same(root, daemon), [text(ctypes.c_void_p.from_address(user).value) for user in (root, daemon)])

# getline grows the program's own block.
with open('l.tmp', 'w') as file:
    file.write('a' * 300 + '\n' + 'b' * 5000 + '\nlast')
libc.malloc.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fopen(b'l.tmp', b'r'))
block, room = ctypes.c_void_p(libc.malloc(16)), ctypes.c_size_t(16)
while (length := libc.getline(ctypes.byref(block), ctypes.byref(room), stream)) > 0:
    print(length, text(block.value)[:5], room.value)
libc.free(block)
