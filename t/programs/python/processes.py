# SPDX-License-Identifier: GPL-2.0-or-later
import os
import shlex
import subprocess
import sys

print(subprocess.run(['echo', 'by run', str(os.getpid())], capture_output=True, text=True))
print(subprocess.check_output('echo $PPID; echo err >&2; exit 0', shell=True, stderr=subprocess.STDOUT))
print(subprocess.run(['cat'], input=b'x' * 100000, capture_output=True).stdout.count(b'x'))
print(subprocess.run('exit 7', shell=True).returncode, subprocess.call(['false']))
print(subprocess.run(['sh', '-c', 'kill -9 $$']).returncode)
try:
    subprocess.run(['sh', '-c', 'echo out; exit 3'], check=True, capture_output=True)
except subprocess.CalledProcessError as error:
    print(error, error.stdout)
try:
    subprocess.run(['no-such-command'])
except FileNotFoundError as error:
    print(error)
with subprocess.Popen(['sort'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sort:
    print(sort.pid, sort.communicate('b\nc\na\n'), sort.returncode, sort)
pipeline = subprocess.Popen(['printf', 'a b\\nc d\\n'], stdout=subprocess.PIPE)
print(subprocess.check_output(['wc'], stdin=pipeline.stdout), pipeline.wait())
print(subprocess.run(['sh', '-c', 'pwd; echo $X'], cwd='/', env={'X': 'y'}, capture_output=True).stdout)
try:
    subprocess.run(['sleep', '5'], timeout=0.1)
except subprocess.TimeoutExpired as error:
    print(error)
print(os.system('exit 4'), os.waitstatus_to_exitcode(os.system('true')))
print(os.popen('echo popen').read(), subprocess.getstatusoutput('echo status; false'))
pid = os.posix_spawn('/bin/true', ['true'], {})
print(os.waitpid(pid, 0) == (pid, 0), pid)
child = subprocess.Popen([sys.executable, '-c', 'print("child", 6 * 7)'], stdout=subprocess.PIPE)
print(child.stdout.read(), child.wait(), shlex.join(['a b', 'c']))
reader, writer = os.pipe()
shell = f'echo passed >&{writer}'
print(subprocess.run(['sh', '-c', shell], pass_fds=[writer]).returncode, os.read(reader, 10))
print(os.spawnlp(os.P_WAIT, 'sh', 'sh', '-c', 'exit 5'))
os.system('echo child of the shell')
