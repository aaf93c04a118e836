"""C++'s threads, and an exception in what runs once (throws.cpp)."""
import ctypes
import os

library = ctypes.CDLL(os.path.abspath('throws.so'))
library.play.restype = ctypes.c_char_p
for _ in range(5):
    print(library.play().decode())
