# SPDX-License-Identifier: GPL-2.0-or-later
import io
import os
import stat

with open('text', 'w') as out:
    print(out.name, out.encoding, out.fileno(), out.line_buffering, out.write('one\ntwo\n'))
    out.writelines(['three\n', 'f\u00fcnf\n', '\u20ac \U0001f600\n'])
print(open('text').read(), os.stat('text'))
for newline in (None, '', '\n', '\r\n', '\r'):
    with open('lines', 'w', newline=newline) as out:
        out.write('a\nb\r\nc\rd\n')
    print(repr(newline), open('lines', 'rb').read(), end=' ')
    for reading in (None, '', '\r'):
        with open('lines', newline=reading) as file:
            print(file.readlines(), file.newlines, end=' ')
    print()
for encoding in ('utf-8', 'latin-1', 'utf-16', 'utf-8-sig', 'cp1252', 'ascii'):
    try:
        with open('encoded', 'w', encoding=encoding) as out:
            out.write('gr\u00fc\u00dfe \u20ac\n')
        print(encoding, open('encoded', 'rb').read(), open('encoded', encoding=encoding).read())
    except UnicodeError as error:
        print(encoding, error)
print(open('encoded', 'wb').write(b'\xff\xfe\x00'), open('text', errors='replace').readline())
with open('binary', 'wb+') as file:
    file.write(bytes(range(256)) * 100)
    file.seek(1000)
    print(file.tell(), file.read(5), file.peek(3)[:3], file.readinto(bytearray(10)))
    file.truncate(1500)
    file.seek(-4, os.SEEK_END)
    print(file.read(), file.tell())
with open('binary', 'rb', buffering=0) as raw:
    print(raw, raw.read(3), raw.readall()[:3], raw.isatty(), raw.seekable())
with open('binary', 'r+b') as file:
    file.seek(10)
    file.write(b'xyz')
    file.seek(8)
    print(file.read(8), file.raw.mode)
with open('append', 'a+') as file:
    file.write('more')
    file.seek(0)
    print(file.read(), file.tell())
try:
    open('text', 'x')
except FileExistsError as error:
    print(error, error.errno, error.filename)
for wrong in ('nowhere/at/all', '/root/../nowhere', '.'):
    try:
        open(wrong)
    except OSError as error:
        print(type(error).__name__, error)
descriptor = os.open('raw', os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o640)
print(descriptor, os.write(descriptor, b'0123456789'), os.lseek(descriptor, 2, 0),
      os.read(descriptor, 3), os.pread(descriptor, 4, 5), os.pwrite(descriptor, b'AB', 1))
print(os.writev(descriptor, [b'ab', b'cd']), os.readv(descriptor, [bytearray(3), bytearray(9)]))
copy = os.dup(descriptor)
print(copy, os.fstat(copy).st_size, oct(stat.S_IMODE(os.fstat(copy).st_mode)), os.get_inheritable(copy))
os.ftruncate(copy, 4)
os.fsync(copy)
os.close(copy)
os.lseek(descriptor, 0, 0)
print(os.read(descriptor, 100), os.dup2(descriptor, 30), os.sendfile(30, descriptor, 0, 4))
print(os.copy_file_range(descriptor, 30, 4, 0, 10), os.fstat(30).st_size)
reader, writer = os.pipe()
os.write(writer, b'through a pipe')
os.close(writer)
print(os.fdopen(reader, 'rb').read(), os.get_blocking(descriptor), os.isatty(0))
print(io.BytesIO(b'abc').read(2), io.StringIO('x\ny').readlines(), io.DEFAULT_BUFFER_SIZE)
print(os.open in os.supports_dir_fd, sorted(os.listdir()))
