# SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

for i in range(20000):
    print(i, 'line of output', i * i)
sys.stdout.flush()
os.write(1, b'raw\xff\xfe\n')
sys.stdout.buffer.write(b'buffer\n')
print('to stderr', file=sys.stderr)
sys.stderr.write('no newline')
print('flushed', flush=True)
sys.stdout.reconfigure(line_buffering=True, errors='backslashreplace', encoding='ascii')
print('\u20ac and \udcff')
sys.stdout.reconfigure(encoding='utf-8')
print('x' * 300000)
os.write(2, b'last\n')
print('gr\u00fc\u00dfe', end='')
