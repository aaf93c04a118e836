# SPDX-License-Identifier: GPL-2.0-or-later
# Two threads that each hold the lock that the other one wants.
import threading
import time

a, b = threading.Lock(), threading.Lock()


def move(first, second, who):
    with first:
        print('moving', who, flush=True)
        time.sleep(0.1)
        with second:
            print('moved', who, flush=True)


threads = [threading.Thread(target=move, args=way, name=f'mover-{way[2]}') for way in ((a, b, 'x'), (b, a, 'y'))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
