# SPDX-License-Identifier: GPL-2.0-or-later
# Faults below the interpreter, with faulthandler's handler or without: crash.py HOW [plain]
import ctypes
import faulthandler
import mmap
import os
import signal
import sys

if sys.argv[2:] != ['plain']:
    faulthandler.enable()
if sys.argv[2:] == ['asked']:
    signal.signal(signal.SIGABRT, lambda *arguments: print('not reached'))


class Node:
    def __init__(self, number):
        self.number = number


def illegal():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b'\x0f\x0b')    # ud2
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def twice():
    """The C library ends the program, by a signal that it sends outside of any host call."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    block = libc.malloc(5000), libc.malloc(5000)
    for _ in range(2):
        libc.free(block[0])


def deep():
    return faulthandler._stack_overflow()


WAYS = {
    'null': lambda: ctypes.string_at(0),
    'read': faulthandler._read_null,
    'abort': os.abort,
    'divide': faulthandler._sigfpe,
    'illegal': illegal,
    'twice': twice,
    'deep': deep,
    'kill': lambda: os.kill(os.getpid(), signal.SIGBUS),
}


def walk(nodes, how):
    for node in nodes:
        print('node', node.number, flush=True)
        if node.number == 2:
            WAYS[how]()


walk([Node(n) for n in range(6)], sys.argv[1])
