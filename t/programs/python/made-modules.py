# SPDX-License-Identifier: GPL-2.0-or-later
# Code that is made while the program runs: unpacked, copied, replaced by another build.
import ctypes
import glob
import os
import shutil
import subprocess
import sys

import _lsprof

HERE = os.getcwd()
ONE = """import ctypes, os
inner = ctypes.CDLL('made/libinner.so')
print('child', os.getpid(), inner.times(4), inner.now())"""

os.mkdir('made')
shutil.copy(_lsprof.__file__, 'made/_lsprof.so')
for library in ('libinner.so', 'outer.so'):
    shutil.copy('libraries/' + library, 'made')
sys.path.insert(0, HERE + '/made')
del sys.modules['_lsprof']
import _lsprof  # noqa: E402,F811

profiler = _lsprof.Profiler()
profiler.enable()
len([])
profiler.disable()
print(_lsprof.__file__ == HERE + '/made/_lsprof.so', len(profiler.getstats()) > 0)

outer = ctypes.CDLL('made/outer.so')
print(outer.later() > 10)

# Character sets of the program's own: where GCONV_PATH says, in two directories.
os.mkdir('sets')
os.mkdir('sets/gconv-modules.d')
shutil.copy(glob.glob('/usr/lib/x86_64-linux-gnu/gconv/IBM1047.so')[0], 'sets/OWN.so')
with open('sets/gconv-modules', 'w') as file:
    file.write('module IBM1047// INTERNAL OWN 1\nmodule INTERNAL IBM1047// OWN 1\n')
with open('sets/gconv-modules.d/more.conf', 'w') as file:
    file.write('alias ZORK// IBM1047//\n')
os.environ['GCONV_PATH'] = HERE + '/sets'
outer.converted.restype = ctypes.c_char_p
for name in (b'ZORK', b'IBM1047', b'NOSUCH'):
    print(name, outer.converted(name, b'\xc8\x85\x93\x93\x96'))

for build in ('libinner.so', 'three.so'):
    os.unlink('made/libinner.so')
    shutil.copy('libraries/' + build, 'made/libinner.so')
    subprocess.run([sys.executable, '-c', ONE])
with open('made/libinner.so', 'w') as file:
    file.write('no library at all')
try:
    ctypes.CDLL('./made/libinner.so')
except OSError as error:
    print(error)
