# SPDX-License-Identifier: GPL-2.0-or-later
# What numpy computes, and by which of its variants.
import hashlib

import numpy
from numpy.core import _multiarray_umath as core

x = numpy.linspace(0.01, 20, 4001)
for name in 'sin', 'cos', 'exp', 'tanh', 'log1p', 'arctan', 'cbrt', 'expm1', 'log', 'sqrt':
    for kind in 'float64', 'float32':
        print(name, kind, hashlib.sha256(getattr(numpy, name)(x.astype(kind)).tobytes()).hexdigest()[:16])
print(float(x @ x[::-1]).hex(), float(x.astype('float32').sum()).hex())
print(sorted(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]))
