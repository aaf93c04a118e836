# SPDX-License-Identifier: GPL-2.0-or-later
import multiprocessing
import os
import random
import sys
import time

sys.stdout.reconfigure(line_buffering=True)
reader, writer = os.pipe()
pid = os.fork()
if not pid:
    os.close(reader)
    print('child', os.getpid(), os.getppid(), random.random(), time.time())
    os.write(writer, f'{os.getpid()} says {random.random()}'.encode())
    os._exit(3)
os.close(writer)
print(pid, os.read(reader, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

def work(connection, number):
    print('child', os.getpid(), number, random.random())
    connection.send([os.getpid(), number, {'x': number * 2}])
    connection.close()
    sys.exit(number)

context = multiprocessing.get_context('fork')
for number in (0, 5):
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, number))
    process.start()
    theirs.close()
    print(process.pid, ours.recv(), process.join(), process.exitcode, process)

value = context.Value('i', 1) if hasattr(os, 'nothing') else None
pids = []
for number in range(3):
    pid = os.fork()
    if not pid:
        time.sleep(random.random() / 50)
        print('child', os.getpid(), 'sleeps', number)
        sys.exit(number)
    pids.append(pid)
while pids:
    pid, status, usage = os.wait3(0)
    print(pid, os.WEXITSTATUS(status), usage.ru_maxrss)
    pids.remove(pid)
try:
    os.wait()
except ChildProcessError as error:
    print(error)
