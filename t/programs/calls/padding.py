# SPDX-License-Identifier: GPL-2.0-or-later
"""Structs with gaps, and bytes that the kernel does not look at: what stood on the stack there is no difference."""
import array
import os
import socket
import struct

packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
packet.bind(('lo', 0))
print(packet.getsockname())

link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
link.bind((0, 0))
print(link.getsockname()[0] == os.getpid())

left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
left.sendmsg([b'with descriptors'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0])),
                                     (socket.SOL_SOCKET, socket.SCM_CREDENTIALS,
                                      struct.pack('3i', os.getpid(), os.getuid(), os.getgid()))])
message, control, flags, _ = right.recvmsg(100, 100)
print(message, [(level, kind, len(data)) for level, kind, data in control], flags)

udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(('127.0.0.1', 0))
udp.sendto(b'datagram', udp.getsockname())
print(udp.recvfrom(20)[0])
group = struct.pack('@I4xHH4s120x', 1, socket.AF_INET, 0x7777, socket.inet_aton('224.1.2.3'))
try:
    udp.setsockopt(socket.IPPROTO_IP, 42, group)  # MCAST_JOIN_GROUP
    print('joined')
except OSError as error:
    print(error)
