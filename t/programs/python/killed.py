# SPDX-License-Identifier: GPL-2.0-or-later
import os
import signal
import sys

print('before', os.getpid(), flush=True)
os.kill(os.getpid(), getattr(signal, sys.argv[1]))
print('never')
