# SPDX-License-Identifier: GPL-2.0-or-later
# Under a locale of 8 bits: the C library loads code for its character set when it first needs it.
import locale
import os
import time

print(locale.setlocale(locale.LC_ALL, ''), locale.nl_langinfo(locale.CODESET))
print(ascii(os.fsdecode(b'caf\xe9')), ascii(locale.strxfrm('caf\u00e9') > locale.strxfrm('cafa')))
print(ascii(time.strftime('%A %B', time.gmtime(86400 * 60))), ascii(str(locale.currency(1234.5))))
