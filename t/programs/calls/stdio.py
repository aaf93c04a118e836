# SPDX-License-Identifier: GPL-2.0-or-later
"""What printf prints and scanf reads, and streams that are in memory, or of the program's own functions."""
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
VOID, TEXT, INT, DOUBLE, ref = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_double, ctypes.byref
for name in ('fopen', 'open_memstream', 'open_wmemstream', 'fmemopen', 'fopencookie'):
    libc[name].restype = VOID
    setattr(libc, name, libc[name])
libc.rewind.restype = None


def list_of(*words, numbers=()):
    """A va_list whose arguments are all in registers."""
    saved = (ctypes.c_uint64 * 22)(*words)
    for number, value in enumerate(numbers):
        saved[6 + 2 * number] = struct.unpack('Q', struct.pack('d', value))[0]
    made = (ctypes.c_uint64 * 3)(48 << 32, 0, ctypes.addressof(saved))
    made.saved = saved
    return made


count = INT()
libc.printf(b'%d %s %c %5.2f %-8s| %lu %p %%\n', 42, b'text', 65, DOUBLE(2.5), b'left', ctypes.c_ulong(2**63), 0x1234)
libc.printf(b'%.3s %.*s %*d %s 1%n2\n', b'abcdef', 2, b'xyz', 6, 7, None, ref(count))
libc.printf(b'%f %f %f %f %f %f %f %f %f %f %d %d %d %d %d %d %d\n', *[DOUBLE(x / 4) for x in range(10)], *range(7))
libc.printf(b'%Lf %d %Lg\n', ctypes.c_longdouble(1.5), 3, ctypes.c_longdouble(2.5))
libc.printf(b'%2$s %1$d %1$hhd\n', 300, b'second')
libc.printf(b'%hhd %hd %ld %zu %ls %lc\n', 300, 70000, ctypes.c_long(-5), ctypes.c_size_t(9), ctypes.c_wchar_p('wide'), 0x41)
libc.vprintf(b'%d %s %g\n', list_of(11, ctypes.cast(TEXT(b'of a list'), VOID).value, numbers=[0.125]))
libc.fflush(None)
libc.dprintf(1, b'count %d\n', count.value)
libc.error(0, 2, b'message %d %s', 42, b'here')
print(INT.in_dll(libc, 'error_message_count').value)

with open('in.txt', 'wb') as file:
    file.write(b'12 -7 3.25 word rest of line\n0x1f 077 99999999999 abc,def 5%\nlast\n' + 'schön 42\n'.encode())
stream = VOID(libc.fopen(b'in.txt', b'r'))
i, h, d, u, l = INT(), ctypes.c_short(), DOUBLE(), ctypes.c_uint(), ctypes.c_long()
text, more = ctypes.create_string_buffer(30), ctypes.create_string_buffer(b'..........', 10)
print(libc.fscanf(stream, b'%d %hd %lf %19s%n', ref(i), ref(h), ref(d), text, ref(count)), i, h, d, text.value, count)
print(libc.fscanf(stream, b'%5c%[^\n]%*c', more, text), more.raw, text.value)
print(libc.fscanf(stream, b'%x %o %ld %3[abc],%s %d', ref(u), ref(i), ref(l), text, more, ref(count)), u, i, l,
      text.value, more.value, count)
allocated = TEXT()
print(libc.fscanf(stream, b'%% %ms', ref(allocated)), allocated, hex(ctypes.cast(allocated, VOID).value))
print(libc.fscanf(stream, b'%d', ref(i)), libc.fscanf(stream, b'%5c%20c', more, text), text.raw, libc.feof(stream) != 0)
libc.rewind(stream)
f, large = ctypes.c_float(), ctypes.c_longdouble()
print(libc.fscanf(stream, b'%2$f %1$Lf', ref(large), ref(f)), f, large,
      libc.vfscanf(stream, b'%lf %s', list_of(ctypes.addressof(d), ctypes.addressof(text))), d, text.value)
libc.fclose(stream)
stream, wide = VOID(libc.fopen(b'in.txt', b'r')), ctypes.create_unicode_buffer(20)
print(libc.fwscanf(stream, 'x%ls', wide), libc.fwscanf(stream, '%ls %d', wide, ref(i)), wide.value, i)

memory, size = TEXT(), ctypes.c_size_t()
stream = VOID(libc.open_memstream(ref(memory), ref(size)))
libc.fprintf(stream, b'%d %s %f %d %d %d %d %d', 42, b'hello', DOUBLE(1.5), 1, 2, 3, 4, 5)
print(libc.fputs(b' more', stream), libc.fputc(33, stream), libc.fflush(stream), memory.value, size)
libc.fseek(stream, 0, 0)
print(libc.fwrite(b'XY', 1, 2, stream), libc.fclose(stream), memory.value, hex(ctypes.cast(memory, VOID).value))
memory = ctypes.create_string_buffer(b'10 twenty 30.5\nsecond line\n')
stream = VOID(libc.fmemopen(memory, len(memory), b'r'))
print(libc.fscanf(stream, b'%d %s %lf ', ref(i), text, ref(d)), i, text.value, d)
print(libc.fgets(text, 30, stream) != 0, text.value, libc.fgetc(stream), libc.fgetc(stream), libc.fclose(stream))
letters, size = ctypes.c_wchar_p(), ctypes.c_size_t()
stream = VOID(libc.open_wmemstream(ref(letters), ref(size)))
print(libc.fwprintf(stream, 'w %d %ls', 7, 'ü'), libc.fputwc(0x263a, stream), libc.fclose(stream), letters.value, size)

Move = ctypes.CFUNCTYPE(ctypes.c_ssize_t, VOID, VOID, ctypes.c_size_t)
Seek = ctypes.CFUNCTYPE(INT, VOID, ctypes.POINTER(ctypes.c_long), INT)
Close = ctypes.CFUNCTYPE(INT, VOID)


class Functions(ctypes.Structure):
    _fields_ = [('read', Move), ('write', Move), ('seek', Seek), ('close', Close)]


calls = []


@Move
def read(cookie, to, room):
    calls.append(('read', room))
    with open('in.txt', 'rb') as file:
        data = file.read(8) if len(calls) < 3 else b''
    ctypes.memmove(to, data, len(data))
    return len(data)


@Move
def write(cookie, data, length):
    calls.append(('write', ctypes.string_at(data, length)))
    os.write(1, b'from the middle of fflush\n')
    return length


@Seek
def seek(cookie, position, whence):
    calls.append(('seek', position[0], whence))
    position[0] = 3
    return 0


@Close
def close(cookie):
    calls.append('close')
    return 0


libc.fopencookie.argtypes = [VOID, TEXT, Functions]
stream = VOID(libc.fopencookie(5, b'r+', Functions(read, write, seek, close)))
print(libc.fgetc(stream), libc.fseek(stream, 2, 0), libc.fprintf(stream, b'%d-%s', 5, b'q'), libc.fflush(stream),
      libc.ftell(stream), libc.fclose(stream), calls)
