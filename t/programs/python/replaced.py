# SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

print('before', os.getpid(), flush=True)
if len(sys.argv) < 2:
    os.execv(sys.executable, [sys.executable, sys.argv[0], 'again'])
print('after exec', sys.argv, flush=True)
os.execlp('sh', 'sh', '-c', 'echo the shell; exit 6')
