# SPDX-License-Identifier: GPL-2.0-or-later
import sys

print(sys.hash_info, sys.flags.hash_randomization, hash('crosscut'), hash(b'bytes'), hash(1.5))
print({f'word{i}' for i in range(30)})
print(frozenset('the quick brown fox'.split()), set('abcdefghij'))
print(hash(('a', 1, None)), hash(frozenset('ab')))
print(list({'x': 1, 'y': 2} | {'z': 3}))
