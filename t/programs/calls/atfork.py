# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of the program that the C library calls inside a call: the handlers of fork, one of which has run before."""
import ctypes
import os

libc = ctypes.CDLL(None)
CALLBACK = ctypes.CFUNCTYPE(None)
seen = []
parent = os.getpid()


def handler(name):
    def run():
        seen.append(name)
        who = '' if os.getpid() == parent else f'child {os.getpid()} '
        os.write(1, f'{who}{name} {len(seen)}\n'.encode())
    return CALLBACK(run)


handlers = [handler(name) for name in ('prepare', 'in the parent', 'in the child', 'prepare again')]
handlers[0]()
libc.__register_atfork(*handlers[:3], None)
libc.__register_atfork(handlers[3], None, None, None)
for _ in range(2):
    pid = os.fork()
    if not pid:
        print('child', os.getpid(), seen, flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
print(seen)
