# SPDX-License-Identifier: GPL-2.0-or-later
"""A hook in Python that does what might disturb a replay: see hostile.py."""
import gc
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import hostile  # noqa: E402
from crosscut import hook  # noqa: E402

count = 0
kept = []


def hoard(*arguments):
    global count
    count += 1
    kept.append([arguments, hook.stack(), hook.variable('self'), hook.variable('sys')])
    kept[-1].append(kept[-1])
    if count % 500 == 0:
        gc.collect()
        kept.clear()
    if count % 3000 == 1:
        hostile.work()


for event in hook.statement, hook.leave, hook.exception, hook.host_call, hook.host_called:
    event(hoard)


@hook.enter
def enter(call):
    hoard(call)
    if count > 1000:
        sys.exit(9)
