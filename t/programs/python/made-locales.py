# SPDX-License-Identifier: GPL-2.0-or-later
# What the C library reads is made while the program runs: locales; messages, found from the
# working directory; the same with many files open.
import locale
import os
import shutil
import struct
import time

os.environ['LOCPATH'] = os.getcwd() + '/locales'


def make_locale(name, source):
    shutil.copytree('sources/' + source, 'locales/' + name)


def show(name):
    try:
        print(locale.setlocale(locale.LC_ALL, name), locale.nl_langinfo(locale.CODESET),
              locale.localeconv()['thousands_sep'].encode(),
              ascii(time.strftime('%A %B', time.gmtime(86400 * 60))),
              ascii(sorted(['z', '\u00f6', 'o', '\u0142', 'm'], key=locale.strxfrm)))
    except locale.Error as error:
        print(name, error)
    locale.setlocale(locale.LC_ALL, 'C')


def make_catalogue(directory, **messages):
    """Write messages as gettext's manual has it (The Format of GNU MO Files)."""
    entries = sorted((k.encode(), v.encode()) for k, v in messages.items())
    at = 28 + 16 * len(entries)
    tables, text = [b'', b''], b''
    for column in (0, 1):
        for entry in entries:
            tables[column] += struct.pack('<II', len(entry[column]), at + len(text))
            text += entry[column] + b'\0'
    os.makedirs(directory + '/xx/LC_MESSAGES')
    with open(directory + '/xx/LC_MESSAGES/game.mo', 'wb') as file:
        file.write(struct.pack('<IIIIIII', 0x950412de, 0, len(entries), 28, 28 + 8 * len(entries),
                               0, 28 + 16 * len(entries)))
        file.write(tables[0] + tables[1] + text)


def say(directory):
    os.environ['LANGUAGE'] = 'xx'
    locale.setlocale(locale.LC_ALL, 'xx')
    locale.bindtextdomain('game', directory)
    locale.textdomain('game')
    print(directory, locale.gettext('hello'), locale.gettext('never'))
    locale.setlocale(locale.LC_ALL, 'C')


make_locale('xx', 'de_DE')
show('xx')
make_locale('yy', 'pl_PL')
show('yy')
say('before')  # it stood there before the run
make_catalogue('made', hello='dzie\u0144 dobry')
say('made')
opened = [open('/dev/null') for _ in range(100)]
make_catalogue('late', hello='dobry wiecz\u00f3r')
say('late')
os.environ['LANGUAGE'] = 'de'
locale.setlocale(locale.LC_ALL, 'xx')
print(os.strerror(2))  # translated, where the package libc-l10n is installed
locale.setlocale(locale.LC_ALL, 'C')
show('nosuch')
