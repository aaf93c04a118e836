# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of ioctl, commands of fcntl, prctl and of System V's ipc whose numbers say nothing of what they bring."""
import ctypes
import fcntl
import os
import socket
import struct
import termios
import tty

libc = ctypes.CDLL(None, use_errno=True)


def go(name, fd, request, arg):
    try:
        print(name, fcntl.ioctl(fd, request, arg))
    except OSError as error:
        print(name, error)


def control(name, function, *args):
    result = libc[function](*args)
    print(name, result, os.strerror(ctypes.get_errno()) if result < 0 else '',
          *(bytes(arg) for arg in args if isinstance(arg, ctypes.Array)))


file = open(__file__)
go('FIGETBSZ', file, 2, b'\0' * 4)
go('FIOQSIZE', file, 0x5460, b'\0' * 8)
go('FS_IOC_GETFLAGS', file, 0x80086601, b'\0' * 8)
go('FS_IOC_GETVERSION', file, 0x80087601, b'\0' * 8)
go('FIONREAD', file, termios.FIONREAD, b'\0' * 4)
go('nothing', file, 0x1234, b'\0' * 4)
go('BTRFS', file, 0xd0009411, b'\0' * 1024)
clone = open('clone.tmp', 'w')
go('FICLONE', clone, 0x40049409, file.fileno())

sock = socket.socket()
for number, size in ((0x0a, 8), (0x25, 8), (0x3a, 8 + 2 * 16), (0x1b, 12), (0x01, 44), (0x41, 44), (0x4c, 48)):
    command = ctypes.create_string_buffer(struct.pack('II', number, 2 if number == 0x3a else 0), size)
    go('ethtool %#x' % number, sock, 0x8946, struct.pack('16sQ16x', b'lo', ctypes.addressof(command)))
    print(command.raw)
lo = b'lo' + b'\0' * 38
for name, request in (('SIOCGIFTXQLEN', 0x8942), ('SIOCGIFMETRIC', 0x891d), ('SIOCGIFMTU', 0x8921),
                      ('SIOCGIFMAP', 0x8970), ('SIOCGIFINDEX', 0x8933)):
    go(name, sock, request, lo)
go('SIOCGIFNAME', sock, 0x8910, b'garbage, 16 byte' + struct.pack('i20x', 1))
go('SIOCGIFADDR', sock, 0x8915, b'lo\0' + b'garbage'.ljust(37, b'x'))
go('FIOGETOWN', sock, 0x8903, b'\1' * 4)
go('SIOCOUTQNSD', sock, 0x894b, b'\1' * 4)
go('SIOCSIFMTU', sock, 0x8922, b'none' + b'\0' * 12 + struct.pack('i20x', 9000))

master, slave = os.openpty()
for name, fd, request, arg in (
        ('TIOCGPTN', master, 0x80045430, b'\0' * 4), ('TIOCSPTLCK', master, 0x40045431, b'\0' * 4),
        ('TIOCGPTLCK', master, 0x80045439, b'\1' * 4), ('TIOCPKT', master, 0x5420, b'\1\0\0\0'),
        ('TIOCGPKT', master, 0x80045438, b'\0' * 4), ('TIOCGDEV', slave, 0x80045432, b'\0' * 4),
        ('TCGETS2', slave, 0x802c542a, b'\0' * 44), ('TIOCGSID', slave, 0x5429, b'\0' * 4),
        ('TIOCGEXCL', slave, 0x80045440, b'\1' * 4), ('TIOCGLCKTRMIOS', slave, 0x5456, b'\1' * 36),
        ('TIOCSIG', master, 0x40045436, 28), ('TCFLSH', slave, 0x540b, 2)):
    go(name, fd, request, arg)
peer = fcntl.ioctl(master, 0x5441, os.O_RDWR | os.O_NOCTTY)
tty.setraw(peer)
os.write(master, b'through the peer\n')
print(os.read(peer, 100), os.ttyname(peer) == os.ttyname(slave))

random = open('/dev/random')
go('RNDGETENTCNT', random, 0x80045200, b'\0' * 4)
for name, command, arg in (('F_GETPIPE_SZ', 1032, 0), ('F_GETOWN', 9, 0), ('F_GETSIG', 11, 0), ('F_GETLEASE', 1025, 0),
                           ('F_GET_RW_HINT', 1035, b'\1' * 8), ('no command', 4242, 0)):
    try:
        print(name, fcntl.fcntl(os.pipe()[0], command, arg))
    except OSError as error:
        print(name, error)

out = ctypes.create_string_buffer(4)
control('PR_GET_TSC', 'prctl', 25, out)
control('PR_CAPBSET_READ', 'prctl', 23, 0)
control('PR_GET_SECUREBITS', 'prctl', 27)
control('no option', 'prctl', 4242)
space = ctypes.create_string_buffer(112)
for function, command in (('semctl', 3), ('msgctl', 3), ('shmctl', 3)):
    args = (0, 0, command) if function == 'semctl' else (0, command)
    control(function + ' IPC_INFO', function, *args, space)
control('no command', 'msgctl', 0, 4242, space)
control('no number', 'syscall', 4242)
