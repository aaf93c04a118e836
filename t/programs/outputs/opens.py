# SPDX-License-Identifier: GPL-2.0-or-later
# stdout and stderr by other names and other descriptors.
import fcntl
import logging
import os
import resource
import socket
import sys

for path in ('/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', f'/proc/{os.getpid()}/fd/1', '/proc/thread-self/fd/1'):
    with open(path, 'w') as file:
        file.write(path + '\n')
log = logging.getLogger()
log.addHandler(logging.FileHandler('/dev/stderr'))
log.warning('logged')
directory = os.open('/dev', os.O_RDONLY)
opened = os.open('stdout', os.O_WRONLY, dir_fd=directory)
os.write(opened, b'openat\n')
os.write(fcntl.fcntl(opened, fcntl.F_DUPFD, 300), b'F_DUPFD\n')
with open(1, 'w', closefd=False) as file:
    file.write('fdopen\n')
os.writev(1, [b'wri', b'tev\n', b''])
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
os.dup2(1, 5000)
os.write(5000, b'5000\n')
one, other = socket.socketpair()
socket.send_fds(one, [b'x'], [1])
_, descriptors, _, _ = socket.recv_fds(other, 1, 1)
os.write(descriptors[0], b'over a socket\n')
one.send(b'not for people')
os.dup2(2, 1)
os.write(1, b'to stderr\n')
sys.stdout.write('to stderr, too\n')
