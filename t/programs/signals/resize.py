# SPDX-License-Identifier: GPL-2.0-or-later
# A handler of an extension's own (readline's, for the terminal's size) that comes while the program computes.
import os
import readline
import signal
import time

parent = os.getpid()
child = os.fork()
if not child:
    for _ in range(8):
        time.sleep(0.02)
        os.kill(parent, signal.SIGWINCH)
    os._exit(7)
readline.add_history('a line')
names = {}
while os.waitpid(child, os.WNOHANG) == (0, 0):
    for n in range(1500):
        names[f'name {n % 50}'] = n
print('resized', sorted(names)[:2], readline.get_history_item(1))
