# SPDX-License-Identifier: GPL-2.0-or-later
import array
import functools
import io
import math
import sys
import types

class Thing:
    pass

def function():
    yield

things = [Thing() for _ in range(12)]
print(things[0], function, function(), Thing, lambda: 0, things[3].__init__)
print(id(things), id(None), id(Thing), id(sys), id('a new ' + str(1)), id(10**30))
print({thing: i for i, thing in enumerate(set(things))}.values())
print([things.index(thing) for thing in set(things)])
print([things.index(thing) for thing in sorted(things, key=id)])
print({int, str, float, dict, Thing, type, types.SimpleNamespace})
print({len, print, id, math.sin, math.cos, functools.partial, array.array, io.BytesIO})
print(hash(math.sin), hash(len), hash(Thing), hash(things[1]), id(array.array), hash(array.array))
print(object(), io.StringIO(), sys.stdout, math.sin, array.array, sys._getframe())
print(hash(object()), hash(None), id(io.BytesIO), id(functools.partial))
big = [bytearray(1 << 20) for _ in range(4)]
print([hex(id(block)) for block in big], memoryview(big[0]))
del big
print(hex(id(bytearray(1 << 22))), hex(id(list(range(100000)))))
