# SPDX-License-Identifier: GPL-2.0-or-later
# What functions of the calendar leave in the C library's data.
import ctypes
import os
import time

libc = ctypes.CDLL(None)
libc.localtime.restype = libc.localtime_r.restype = libc.ctime_r.restype = None
zone = ctypes.c_long.in_dll(libc, 'timezone')
summer = ctypes.c_int.in_dll(libc, 'daylight')
names = (ctypes.c_char_p * 2).in_dll(libc, 'tzname')
tm = ctypes.create_string_buffer(64)
text = ctypes.create_string_buffer(64)
seconds = ctypes.c_long(86400 * 200)
for name, call in (
    ('JST-9', lambda: time.mktime((2000, 1, 1, 0, 0, 0, 0, 0, 0))),
    ('EST5EDT', lambda: libc.localtime(ctypes.byref(seconds))),
    ('Europe/Berlin', lambda: libc.localtime_r(ctypes.byref(seconds), tm)),
    ('NZST-12NZDT', lambda: libc.ctime_r(ctypes.byref(seconds), text)),
    ('Asia/Kolkata', lambda: libc.strftime(text, 64, b'%c %Z', tm)),
):
    os.environ['TZ'] = name
    print(name, call(), zone.value, summer.value, names[0], names[1])
