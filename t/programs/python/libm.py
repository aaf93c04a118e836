# SPDX-License-Identifier: GPL-2.0-or-later
# Values of all functions of libm that take one or two numbers: of each, a digest of them.
import ctypes
import hashlib
import random

ONE = """acos acosh asin asinh atan atanh cbrt ceil cos cosh erf erfc exp exp10 exp2 expm1 floor j0 j1 lgamma log log10 log1p
    log2 logb nearbyint rint round roundeven significand sin sinh sqrt tan tanh tgamma trunc y0 y1""".split()
TWO = 'atan2 copysign fdim fmax fmin fmod hypot nextafter pow remainder'.split()

libm = ctypes.CDLL('libm.so.6')
generator = random.Random(7)
values = [generator.uniform(-30, 30) for _ in range(80)] + [generator.uniform(-1, 1) for _ in range(50)]
values += [2.0 ** generator.uniform(-300, 300) for _ in range(20)]
values.append(249 * 0.7310585786300049)  # its cosine is another with FMA


def digest(function):
    seen = hashlib.sha256()
    for i, value in enumerate(values):
        arguments = (value, values[i - 1])[:len(function.argtypes)]
        seen.update(function(*arguments).hex().encode())
    return seen.hexdigest()[:16]


for kind, suffix in (ctypes.c_double, ''), (ctypes.c_float, 'f'):
    for names, count in (ONE, 1), (TWO, 2):
        for name in names:
            function = getattr(libm, name + suffix, None)
            if function:
                function.restype, function.argtypes = kind, [kind] * count
                print(name + suffix, digest(function))
