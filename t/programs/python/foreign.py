# SPDX-License-Identifier: GPL-2.0-or-later
import ctypes
import ctypes.util

class Point(ctypes.Structure):
    _fields_ = [('x', ctypes.c_int), ('y', ctypes.c_double), ('name', ctypes.c_char * 8)]

libm = ctypes.CDLL('libm.so.6')
libm.pow.restype = ctypes.c_double
libm.pow.argtypes = [ctypes.c_double, ctypes.c_double]
print(libm.pow(2, 0.5), libm)
libc = ctypes.CDLL(None)
print(libc.strlen(b'twelve bytes'), libc.abs(-3), libc.toupper(ord('a')))
libc.strchr.restype = ctypes.c_char_p
print(libc.strchr(b'abc', ord('b')))
numbers = (ctypes.c_int * 8)(5, 3, 8, 1, 9, 2, 7, 4)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
libc.qsort(numbers, 8, 4, compare(lambda a, b: a[0] - b[0]))
print(list(numbers), ctypes.sizeof(Point), bytes(Point(1, 2.5, b'name')))
buffer = ctypes.create_string_buffer(20)
libc.snprintf(buffer, 20, b'%d and %s', 42, b'text')
print(buffer.value, hex(ctypes.addressof(buffer)), ctypes.cast(buffer, ctypes.c_void_p))
ctypes.memset(buffer, 65, 3)
print(buffer.value, ctypes.string_at(buffer, 5), ctypes.pythonapi.Py_GetVersion is not None)
ctypes.pythonapi.PyLong_FromLong.restype = ctypes.py_object
print(ctypes.pythonapi.PyLong_FromLong(7), ctypes.get_errno(), compare(lambda a, b: 0))
