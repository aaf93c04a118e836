# SPDX-License-Identifier: GPL-2.0-or-later
# Which descriptors are there after exec is the kernel's to say.
import ctypes
import fcntl
import os
import sys

FIONCLEX, FIOCLEX, CLOSE_RANGE_CLOEXEC = 0x5450, 0x5451, 4

if len(sys.argv) == 1:
    kept = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 100)
    fcntl.ioctl(kept, FIONCLEX)
    lost = fcntl.fcntl(1, fcntl.F_DUPFD, 200)
    fcntl.ioctl(lost, FIOCLEX)
    gone = fcntl.fcntl(1, fcntl.F_DUPFD, 300)
    ctypes.CDLL(None).close_range(gone, gone, CLOSE_RANGE_CLOEXEC)
    os.execv(sys.executable, [sys.executable, 'inherited.py', str(kept), str(lost), str(gone)])
for descriptor in map(int, sys.argv[1:]):
    try:
        os.write(descriptor, b'kept\n')
    except OSError as error:
        print(error, flush=True)
null = os.open('/dev/null', os.O_WRONLY)
os.write(null, b'for nobody\n')
os.dup2(null, 1)
print('for nobody', flush=True)
print('the end', file=sys.stderr)
