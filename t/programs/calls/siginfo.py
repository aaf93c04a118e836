# SPDX-License-Identifier: GPL-2.0-or-later
"""C handlers of ctypes' own with SA_SIGINFO: siginfo_t and ucontext_t as the kernel gives them."""
import ctypes
import os
import signal
import struct

libc = ctypes.CDLL(None, use_errno=True)
told = []
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


@HANDLER
def handler(number, info, context):
    code, pid, uid, rest = struct.unpack_from('i4xIIq', ctypes.string_at(info, 128), 8)
    mask = struct.unpack('Q', ctypes.string_at(context + 296, 8))[0]
    rip = struct.unpack('Q', ctypes.string_at(context + 168, 8))[0]
    told.append((number, code, pid - os.getpid(), uid, rest, mask, hex(rip >> 36)))


class Action(ctypes.Structure):
    _fields_ = [('handler', HANDLER), ('mask', ctypes.c_ubyte * 128), ('flags', ctypes.c_int),
                ('restorer', ctypes.c_void_p)]


action = Action(handler, (ctypes.c_ubyte * 128)(), 4)  # SA_SIGINFO
for number in (signal.SIGUSR1, signal.SIGCHLD):
    assert libc.sigaction(number, ctypes.byref(action), None) == 0
os.kill(os.getpid(), signal.SIGUSR1)
child = os.fork()
if not child:
    os._exit(7)
os.waitpid(child, 0)
libc['raise'](signal.SIGUSR1)
for entry in told:
    print(entry)
