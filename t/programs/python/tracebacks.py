# SPDX-License-Identifier: GPL-2.0-or-later
import logging
import sys
import traceback
import warnings

logging.basicConfig(level=logging.DEBUG, format='%(asctime)s %(msecs)d %(process)d %(threadName)s %(message)s')
logging.info('started %s', object())
warnings.warn('a warning')
warnings.simplefilter('always')
warnings.warn('deprecated', DeprecationWarning, stacklevel=1)
handler = logging.FileHandler('log')
logging.getLogger('x').addHandler(handler)
logging.getLogger('x').error('to a file')
print(open('log').read())

def inner(depth):
    if depth:
        return inner(depth - 1)
    return {}['key']

try:
    inner(3)
except KeyError:
    traceback.print_exc()
    logging.exception('logged')
try:
    def forever(n):
        return forever(n + 1)
    forever(0)
except RecursionError as error:
    print(error)
try:
    [0] * (1 << 62)
except MemoryError as error:
    print(repr(error))

class Bad:
    def __del__(self):
        raise RuntimeError('in __del__')

Bad()
print('before the end', file=sys.stderr)
try:
    inner(1)
except KeyError as error:
    raise ValueError('another') from error
