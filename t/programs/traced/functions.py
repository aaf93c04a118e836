# SPDX-License-Identifier: GPL-2.0-or-later
import sys
def g(n):
    for i in range(n):
        yield i
class C:
    def __init__(self, x):
        self.x = x
    def m(self,
          a=1):
        try:
            if a > 2:
                raise ValueError(a)
            return [k
                    for k in g(a)]
        except ValueError as e:
            z = str(e)
        finally:
            a += 1
        return z
def rec(n):
    if n == 0: raise KeyError('deep')
    return rec(n-1)
def main():
    for i in range(5):
        C(i).m(i)
    try: rec(3)
    except KeyError: pass
    x = (1 if i else
         2)
    y = {a: b for a, b in
         zip('ab', [1, 2])}
    with open('/dev/null') as f:
        f.read()
    while i > 0: i -= 1
    sorted([3,1,2], key=lambda v:
           -v)
    return x
main(); main(); main()
