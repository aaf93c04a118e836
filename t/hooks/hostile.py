# SPDX-License-Identifier: GPL-2.0-or-later
"""Trace functions that do what might disturb a replay."""
import gc

kept = []
count = 0


def hoards(frame, event, argument):
    """Allocates, keeps frames and what they show, makes cycles and collects them."""
    global count
    count += 1
    kept.append((frame, dict(frame.f_locals), argument, bytearray(count % 3000)))
    kept[-1][1]['itself'] = kept[-1]
    if count % 1000 == 0:
        frame.f_locals['number'] = frame.f_globals['references'] = None
        gc.collect()
        kept.clear()
    return hoards


def hoards_some(frame, event, argument):
    """The same at one event of seventeen, for who has many runs to trace."""
    global count
    if count % 17 == 0:
        hoards(frame, event, argument)
    else:
        count += 1
    return hoards_some


def works(frame, event, argument):
    """Imports modules, opens files, starts threads and programs, asks for time and randomness."""
    global count
    count += 1
    if count % 2000 == 1:
        work()
    return works


def works_alone(frame, event, argument):
    """The same without programs, and what is refused beside them."""
    global count
    count += 1
    if count % 2000 == 1:
        work(programs=False)
    return works_alone


def work(programs=True):
    import decimal
    import json
    import os
    import random
    import socket
    import sqlite3
    import ssl
    import subprocess
    import tempfile
    import threading
    import time

    with tempfile.TemporaryFile() as file:
        file.write(json.dumps({'now': time.time(), 'random': random.random()}).encode())
    with sqlite3.connect(':memory:') as database:
        database.execute('create table t as select random() as x')
    ssl.create_default_context()
    decimal.Decimal(2).sqrt()
    thread = threading.Thread(target=lambda: sum(range(1000)))
    thread.start()
    thread.join()
    if programs:
        subprocess.run(['true'], check=True)
        return
    for refused in (lambda: subprocess.run(['true']), lambda: socket.socket(),
                    lambda: open('written', 'w'), lambda: os.mkdir('made')):
        try:
            refused()
        except PermissionError:
            continue
        raise AssertionError('it was not refused')


def raises(frame, event, argument):
    """Raises when it has seen a little."""
    global count
    count += 1
    if count == 3000:
        raise RuntimeError('enough')
    return raises


def profile(frame, event, argument):
    """The same mischief as a profile function."""
    hoards(frame, event, argument)
    works(frame, event, argument)
