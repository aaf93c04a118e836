# A library whose constructor and destructor allocate, and ask for things; CLOSE: it goes before the program does.
import _ctypes
import ctypes
import os

library = ctypes.CDLL('./own.so')
print(library.work(40), [id(object()) for _ in range(2)], flush=True)
if os.environ.get('CLOSE'):
    _ctypes.dlclose(library._handle)
    print('closed', id(object()), flush=True)
