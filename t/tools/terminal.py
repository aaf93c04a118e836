# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a terminal: terminal.py SECONDS COMMAND...

Standard input is a JSON list of [keys, pattern]: the keys are typed, and then the output is awaited
in which the pattern is found. Prints a JSON list of what was seen after each; where the pattern did
not come in time, with "TIMEOUT" at its end.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import time


def wait_for(terminal, pattern, seconds, seen):
    """What is seen up to the pattern's end, and what is behind that."""
    until = time.monotonic() + seconds
    while not (found := re.search(pattern, seen)):
        if time.monotonic() > until:
            return seen + "TIMEOUT", ""
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # the command is over
                return seen, ""
    return seen[:found.end()], seen[found.end():]


def main():
    seconds, command = float(sys.argv[1]), sys.argv[2:]
    steps = json.load(sys.stdin)
    pid, terminal = pty.fork()
    if not pid:
        os.environ.update(TERM="dumb", INPUTRC="/dev/null", COLUMNS="200")
        os.execvp(command[0], command)
    answers, rest = [], ""
    for keys, pattern in steps:
        os.write(terminal, keys.encode())
        seen, rest = wait_for(terminal, pattern, seconds, rest)
        answers.append(seen)
    os.close(terminal)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    json.dump(answers, sys.stdout)


main()
