# SPDX-License-Identifier: GPL-2.0-or-later
import importlib
import importlib.util
import os
import pkgutil
import runpy
import sys
import zipfile

os.makedirs('package/sub', exist_ok=True)
open('package/__init__.py', 'w').write('print("package", __name__, __path__)\n')
open('package/sub/__init__.py', 'w').write('from . import leaf\n')
open('package/sub/leaf.py', 'w').write('value = id(object) and __file__\n')
open('package/__main__.py', 'w').write('import sys\nprint("main", sys.argv, __spec__)\n')
open('broken.py', 'w').write('def f(:\n')
import package.sub.leaf
print(package.sub.leaf.value, package, package.sub.__cached__)
print(os.listdir('package'), os.listdir('package/__pycache__'))
importlib.reload(package)
for name in ('broken', 'nothing.at.all', 'package.nothing'):
    try:
        importlib.import_module(name)
    except (SyntaxError, ImportError) as error:
        print(type(error), error)
with zipfile.ZipFile('zipped.zip', 'w') as archive:
    archive.writestr('zipped.py', 'print("from", __file__)\nx = 1 / 3\n')
sys.path.insert(0, 'zipped.zip')
import zipped
print(zipped.__spec__, [m.name for m in pkgutil.iter_modules(['package'])])
runpy.run_module('package', run_name='__main__')

class Finder:
    def find_spec(self, name, path, target=None):
        if name == 'made_up':
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.answer = 42

sys.meta_path.insert(0, Finder())
import made_up
print(made_up.answer, made_up)

for name in sorted(sys.builtin_module_names) + sorted(
        os.path.basename(path).split('.')[0] for path in os.listdir('/usr/lib/python3.11/lib-dynload')):
    try:
        module = importlib.import_module(name)
        print(name, hex(id(module)), len(dir(module)))
    except ImportError as error:
        print(name, error)
