# SPDX-License-Identifier: GPL-2.0-or-later
import getpass
import locale
import os
import platform
import pwd
import grp
import resource
import site
import socket
import sys
import sysconfig

print(sys.argv, sys.orig_argv, __file__, __name__, sys.path)
print(dict(os.environ), os.environb.get(b'PATH'))
print(os.getpid(), os.getppid(), os.getuid(), os.geteuid(), os.getgid(), os.getgroups(), os.getpgrp())
print(os.getlogin if False else None, os.uname(), os.cpu_count(), os.getloadavg(), os.times())
print(sys.version, sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.platform)
print(sys.flags, sys.implementation, sys.getfilesystemencoding(), sys.getdefaultencoding())
print(sys.stdin.encoding, sys.stdout.encoding, sys.stderr.errors, sys.getrecursionlimit())
print(sorted(sys.modules), sys.warnoptions, sys._xoptions, sys.dont_write_bytecode)
print(site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path('stdlib'))
print(platform.platform(), platform.node(), platform.machine(), platform.python_compiler())
print(locale.getlocale(), locale.getpreferredencoding(), locale.localeconv())
print(locale.setlocale(locale.LC_ALL, ''), locale.getlocale(locale.LC_TIME))
print(pwd.getpwuid(0), grp.getgrgid(0), getpass.getuser(), len(pwd.getpwall()) > 3)
print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrusage(resource.RUSAGE_SELF))
print(socket.gethostname(), os.sysconf('SC_PAGE_SIZE'), os.confstr('CS_PATH'), os.ctermid())
print(os.getpriority(os.PRIO_PROCESS, 0), os.nice(0), os.sched_getaffinity(0), os.getsid(0))
os.environ['NEW'] = 'value \udcff'
os.putenv('OTHER', 'x')
print(os.getenv('NEW'), os.environb[b'NEW'], os.fsencode('\udcfe'), os.fsdecode(b'\xfd'))
print(os.path.exists('/proc/self/stat'), open('/proc/self/comm').read())
