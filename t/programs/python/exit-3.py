# SPDX-License-Identifier: GPL-2.0-or-later
import atexit
import sys

atexit.register(lambda: print('at exit'))
sys.stdout.write('no newline at the end')
try:
    sys.exit(3)
finally:
    print(' finally')
