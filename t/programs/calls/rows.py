# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that few call: many messages at once, handles of files, tables, the kernel's clock, ptrace, timers."""
import ctypes
import os
import signal
import socket
import struct
import time

libc = ctypes.CDLL(None, use_errno=True)
VOID, TEXT, INT, POINTER, ref = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER, ctypes.byref


def failed(result):
    return result, os.strerror(ctypes.get_errno()) if result == -1 else ''


class Piece(ctypes.Structure):
    _fields_ = [('base', VOID), ('length', ctypes.c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [('name', VOID), ('namelen', ctypes.c_uint), ('pieces', POINTER(Piece)), ('count', ctypes.c_size_t),
                ('control', VOID), ('controllen', ctypes.c_size_t), ('flags', INT), ('padding', INT),
                ('length', ctypes.c_uint)]


def messages(buffers):
    made = (Message * len(buffers))()
    for message, buffer in zip(made, buffers):
        message.pieces = (Piece * 2)(Piece(ctypes.addressof(buffer), len(buffer)), Piece(None, 0))
        message.count = 2
    return made


one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
sent = messages([ctypes.create_string_buffer(text, len(text)) for text in (b'first', b'second message', b'3')])
print(libc.sendmmsg(one.fileno(), sent, 3, 0), [message.length for message in sent])
room = [ctypes.create_string_buffer(6) for _ in range(5)]
come = messages(room)
print(libc.recvmmsg(other.fileno(), come, 5, 0x40, None),
      [(message.length, message.flags, buffer.raw) for message, buffer in zip(come, room)])
print(failed(libc.recvmmsg(other.fileno(), come, 5, 0x40, None)))
udp, client = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
udp.bind(('127.0.0.1', 0))
for text in (b'hello', b'you'):
    client.sendto(text, udp.getsockname())
come, names = messages(room[:2]), [ctypes.create_string_buffer(16) for _ in range(2)]
for message, name in zip(come, names):
    message.name, message.namelen = ctypes.addressof(name), 16
print(libc.recvmmsg(udp.fileno(), come, 2, 0, (ctypes.c_long * 2)(1, 0)),
      [(message.length, message.namelen, name.raw[:8]) for message, name in zip(come, names)])

buffer, number = ctypes.create_string_buffer(8192), INT()
for length in (0, 128):
    struct.pack_into('I', buffer, 0, length)
    print(failed(libc.name_to_handle_at(-100, b'/proc/self', buffer, ref(number), 0)), buffer.raw[:8])
print(libc.adjtimex(buffer), buffer.raw[:40], libc.ntp_gettime(buffer), libc.adjtime(None, buffer))
libc.getfsent.restype = libc.setmntent.restype = VOID
print(libc.getfsent(), libc.setfsent())


class Mount(ctypes.Structure):
    _fields_ = [(name, TEXT) for name in ('fsname', 'dir', 'type', 'opts')] + [('freq', INT), ('passno', INT)]


table = VOID(libc.setmntent(b'table', b'a+'))
print(libc.addmntent(table, ref(Mount(b'/dev/a b', b'/mnt', b'ext4', b'ro', 1, 2))), libc.endmntent(table))
print(open('table').read())
with open('mask', 'w') as file:
    file.write('%Y-%m-%d\n')
libc.setenv(b'DATEMSK', b'mask', 1)
libc.getdate.restype = POINTER(INT)
print(libc.getdate(b'2024-03-05')[:6], bool(libc.getdate(b'no date')), INT.in_dll(libc, 'getdate_err'))
print(libc.getdate_r(b'2023-01-02', buffer), struct.unpack_from('6i', buffer))

pid = os.fork()
if not pid:
    libc.ptrace(0, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(5)
libc.ptrace.restype, libc.ptrace.argtypes = ctypes.c_long, [INT, INT, VOID, VOID]
print(os.WSTOPSIG(os.waitpid(pid, 0)[1]), libc.ptrace(12, pid, None, buffer), struct.unpack_from('27Q', buffer)[15])
print(libc.ptrace(7, pid, None, None), os.WEXITSTATUS(os.waitpid(pid, 0)[1]))

libc.malloc_stats()
print(failed(libc.pkey_mprotect(VOID(0), 4096, 1, 7)), failed(libc.pkey_alloc(0, 0)))
event, timer = struct.pack('qii', 5, signal.SIGUSR1, 0), VOID()
signal.signal(signal.SIGUSR1, lambda *_: print('the signal'))
print(libc.timer_create(1, event, ref(timer)), libc.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 0, 1000000), None))
signal.pause()
queue = libc.mq_open(b'/queue', os.O_RDWR | os.O_CREAT, 0o600, None)
print(queue > 0, libc.mq_notify(queue, event), libc.mq_send(queue, b'hi', 2, 1))
time.sleep(0.01)
print(libc.mq_notify(queue, None), libc.mq_unlink(b'/queue'))

libc.getrpcbyname.restype = POINTER(TEXT)
libc.catopen.restype, libc.getusershell.restype, libc.timelocal.restype = VOID, TEXT, ctypes.c_long
libc.psiginfo.restype = libc.vsyslog.restype = None
program = libc.getrpcbyname(b'nfs')
print(program and program[0], libc.catopen(b'nothing', 0), libc.getdents64(os.open('.', os.O_RDONLY), buffer, 8192))
print(libc.ulimit(1), libc.ulimit(4), libc.arc4random_uniform(1000), libc.getusershell(), libc.getusershell())
print(libc.sighold(10), libc.sigrelse(10), libc.siggetmask(), libc.sigblock(1 << 11), libc.sigsetmask(0))
print(libc.getpw(0, buffer), buffer.value, libc.fmtmsg(0x100, b'lab:el', 1, b'text', b'act', b'lab:el:1'))
libc.psiginfo(struct.pack('iii116x', 11, 0, 1), b'psig')
print(libc.timelocal((INT * 16)(1, 2, 3, 4, 5, 106)), libc.__getpid() > 0, libc.gsignal(0))
libc.syslog(3, b'say %s %d', b'it', 3)
libc.warn(b'%s-%d', b'warn', 5)
libc.warnx(b'x%g', ctypes.c_double(1.25))
