# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that does nothing of note in its run, where SECRET is not there. On the machine where it is
looked at, its code tries what it should not be able to do: as an object is shown, as a module is found.
"""
import ctypes
import errno
import mmap
import os
import sys

SECRET, CANARY, VICTIM, PORT = '@SECRET@', '@CANARY@', int('@VICTIM@'), int('@PORT@')

# syscall(2) itself, which no table of host calls sees: what came, as the kernel says it.
CODE = bytes.fromhex('4889f8 4889f7 4889d6 4889ca 4d89c2 4d89c8 4c8b4c2408 0f05 c3')


def kernel():
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(CODE)
    kernel.memory = memory
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(*[ctypes.c_long] * 8)(address)


def text(value):
    text.kept.append(ctypes.create_string_buffer(os.fsencode(value)))
    return ctypes.addressof(text.kept[-1])


text.kept = []


def attacks():
    null = [0] * 7
    there, secret, shell = text(CANARY), text(SECRET), text('/bin/sh')
    own = os.memfd_create('program')
    address = ctypes.create_string_buffer(
        bytes([2, 0]) + PORT.to_bytes(2, 'big') + bytes([127, 0, 0, 1]) + bytes(8))
    typed = text('!')
    return [
        ('write', 257, -100, there, os.O_WRONLY | os.O_CREAT, 0o600),
        ('read', 257, -100, secret, os.O_RDONLY),
        ('creat', 85, there, 0o600),
        ('unlink', 87, secret), ('unlinkat', 263, -100, secret), ('rename', 82, secret, there),
        ('link', 86, secret, there), ('symlink', 88, secret, there), ('mkdir', 83, there, 0o700),
        ('truncate', 76, secret, 0), ('chmod', 90, secret, 0o777), ('mknod', 133, there, 0o10600),
        ('utimes', 235, secret, 0),
        ('execve', 59, shell, 0, 0), ('execveat', 322, own, text(''), 0, 0, 0x1000),
        ('fork', 57), ('vfork', 58), ('clone', 56, 17), ('setsid', 112), ('setpgid', 109, 0, 0),
        ('unshare', 272, 0x10000000), ('namespace', 56, 0x10000011), ('mount', 165, secret, there),
        ('socket', 41, 2, 1, 0), ('unix', 41, 1, 1, 0), ('datagrams', 53, 1, 2, 0, text(' ' * 8)),
        ('connect', 42, 0, ctypes.addressof(address), 16), ('bind', 49, 0, ctypes.addressof(address), 16),
        ('kill', 62, VICTIM, 9), ('group', 62, -VICTIM, 9), ('everybody', 62, -1, 9),
        ('tgkill', 234, VICTIM, VICTIM, 9), ('tkill', 200, VICTIM, 9), ('queue', 129, VICTIM, 9, 0),
        ('pidfd', 434, VICTIM, 0), ('owner', 72, 1, 8, VICTIM), ('ptrace', 101, 16, VICTIM),
        ('memory', 310, VICTIM, 0, 0, 0, 0, 0), ('limits', 302, VICTIM, 0, 0, 0),
        ('priority', 141, 0, VICTIM, 5), ('affinity', 203, VICTIM, 8, typed),
        ('type0', 16, 0, 0x5412, typed), ('type 1', 16, 1, 0x5412, typed),
        ('type2', 16, 2, 0x5412, typed), ('hide', 157, 4, 0), ('io_uring', 425, 4, 0),
        ('bpf', 321, 0, 0, 0), ('userfaultfd', 323, 0), ('keyctl', 250, 0, 0), ('shmget', 29, 5, 4096, 0),
        ('inotify', 294, 0), ('chroot', 161, there), ('setuid', 105, 0), ('hostname', 170, there, 1),
        ('reboot', 169, 0), ('modify_ldt', 154, 0, 0, 0), ('personality', 135, 0),
    ], null


def attempt():
    call, (rows, null) = kernel(), attacks()
    outcomes = {}
    for name, *numbers in rows:
        result = call(*(numbers + null)[:7])
        outcomes[name] = errno.errorcode.get(-result, 'done') if result < 0 else 'done'
    return outcomes


def is_looked_at():
    return os.path.exists(SECRET)


class Evil:
    def __repr__(self):
        if not is_looked_at():
            return 'harmless'
        return ' '.join(f'{name}={outcome}' for name, outcome in attempt().items())


class Finder:
    def find_spec(self, name, path, target=None):
        if is_looked_at():
            attempt()
        return None


def go(thing):
    count = 0
    count += 1
    return count


if __name__ == '__main__':
    evil = Evil()
    sys.meta_path.insert(0, Finder())
    print(evil, go(evil))
