# SPDX-License-Identifier: GPL-2.0-or-later
# Ends by SIGKILL while one thread sleeps with a lock that another one waits for.
import os
import signal
import threading
import time

lock = threading.Lock()


def wait(seconds):
    with lock:
        time.sleep(seconds)


def end(n):
    here = n + 1
    while threading.active_count() < 3 or not lock.locked():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    return here


for _ in range(2):
    threading.Thread(target=wait, args=(9,), daemon=True).start()
end(3)
