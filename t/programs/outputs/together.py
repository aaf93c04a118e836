# SPDX-License-Identifier: GPL-2.0-or-later
# While the kernel moves bytes to stdout for one process, another writes there.
import os

with open('much.txt', 'wb') as file:
    file.write(b'.' * (1 << 20))
much = os.open('much.txt', os.O_RDONLY)
child = os.fork()
if not child:
    for _ in range(100):
        os.write(1, b'child\n')
    os._exit(0)
while os.sendfile(1, much, None, 1 << 20):
    pass
os.waitpid(child, 0)
