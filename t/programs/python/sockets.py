# SPDX-License-Identifier: GPL-2.0-or-later
import os
import select
import selectors
import socket
import sys

sys.stdout.reconfigure(line_buffering=True)
server = socket.create_server(('127.0.0.1', 0))
address = server.getsockname()
pid = os.fork()
if not pid:
    server.close()
    with socket.create_connection(address) as client:
        client.sendall(b'hello from %d\n' % os.getpid())
        print('child', os.getpid(), 'got', client.recv(100))
        client.shutdown(socket.SHUT_WR)
        print('child', os.getpid(), client.recv(100))
    os._exit(0)
connection, peer = server.accept()
print(address, peer, connection, connection.getpeername())
print(connection.recv(100), connection.sendmsg([b'wel', b'come']), connection.recv(10))
connection.send(b'bye')
connection.close()
print(os.waitpid(pid, 0)[1])
left, right = socket.socketpair()
print(left, left.send(b'x' * 10), right.recv(4), right.recv_into(bytearray(20)))
buffer = bytearray(8)
left.sendmsg([b'abcdef', b'gh'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b'\1\0\0\0')])
print(right.recvmsg_into([buffer], 100), buffer)
left.setblocking(False)
try:
    left.recv(1)
except BlockingIOError as error:
    print(error)
print(select.select([right], [left], [], 0.01), left.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF))
poll = select.poll()
poll.register(right, select.POLLIN | select.POLLOUT)
print(poll.poll(10))
with selectors.DefaultSelector() as selector:
    selector.register(right, selectors.EVENT_READ, 'data')
    left.send(b'!')
    print(selector.select(1), type(selector).__name__)
epoll = select.epoll()
epoll.register(left.fileno(), select.EPOLLOUT)
print(epoll.poll(1), epoll)
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
two = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(('127.0.0.1', 0))
two.sendto(b'datagram', one.getsockname())
print(one.recvfrom(100), one.getsockname())
one.settimeout(0.02)
try:
    one.recv(1)
except TimeoutError as error:
    print(repr(error))
local = socket.socket(socket.AF_UNIX)
local.bind('local')
local.listen()
client = socket.socket(socket.AF_UNIX)
client.connect('local')
print(client.getpeername(), local.accept()[0].fileno())
try:
    socket.create_connection(('127.0.0.1', 1), timeout=1)
except OSError as error:
    print(error)
for host, port in (('localhost', 80), ('127.0.0.1', 'http'), ('no.such.host.invalid', 1)):
    try:
        print(socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP))
    except socket.gaierror as error:
        print(error)
print(socket.gethostbyname('localhost'), socket.getservbyname('ssh'), socket.getfqdn('localhost'))
print(socket.inet_pton(socket.AF_INET6, '::1'), socket.if_nameindex(), socket.gethostbyaddr('127.0.0.1'))
