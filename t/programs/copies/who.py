# What a process knows of itself, told by the process at several points of its life.
import os
import resource
import socket
import threading
import time


def who():
    return (os.getpid(), os.getppid(), os.getpgrp(), os.getsid(0), os.getresuid(), os.getresgid(), os.getgroups(),
            os.getcwd(), socket.gethostname(), os.uname()[:3], os.cpu_count(), sorted(os.sched_getaffinity(0)),
            resource.getrlimit(resource.RLIMIT_NOFILE), os.getpgid(0), threading.get_native_id(),
            os.getpriority(os.PRIO_PROCESS, 0))


def tell(known):
    print(known)


begin = time.time(), time.monotonic()
tell(who())
os.chdir("/usr")
os.umask(0o77)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
tell(who())
time.sleep(3)
now = time.time(), time.monotonic()
os.setgroups([7, 8])
os.setresgid(12, 13, 14)
os.setresuid(1000, 1001, 1002)
tell(who())
child = os.fork()
if not child:
    os.setpgid(0, 0)
    tell(who())
    os._exit(0)
os.waitpid(child, 0)
