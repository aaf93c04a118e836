# SPDX-License-Identifier: GPL-2.0-or-later
# Functions that make system calls inside, though nothing says so: limits, random numbers, the terminal's settings.
import ctypes
import subprocess

libc = ctypes.CDLL(None)
libcrypt = ctypes.CDLL('libcrypt.so.1')
libcrypt.crypt_gensalt.restype = libcrypt.crypt.restype = ctypes.c_char_p

print(subprocess.run(['/bin/echo', 'spawned'], close_fds=False, stdout=subprocess.PIPE).stdout)
print([libc.arc4random_uniform(1000000) for _ in range(3)])
salt = libcrypt.crypt_gensalt(b'$5$', 0, None, 0)
print(salt, libcrypt.crypt(b'secret', salt))
actions = ctypes.create_string_buffer(256)
libc.posix_spawn_file_actions_init(actions)
print([libc.posix_spawn_file_actions_adddup2(actions, 1, fd) for fd in (5, 9, 1 << 30)])
print(libc.getdtablesize() > 9, libc.get_nprocs(), libc.get_phys_pages() > 1000)
print(libc.posix_openpt(0) > 0, libc.isatty(0), libc.gnu_get_libc_version() != 0)
