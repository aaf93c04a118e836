# SPDX-License-Identifier: GPL-2.0-or-later
"""Native worker threads beside greenlets: gevent's pool."""
import gevent
from gevent.event import Event

pool = gevent.get_hub().threadpool
print(pool.apply(lambda: sum(range(1000))))
print([pool.spawn(pow, i, 2).get() for i in range(5)])
ready = Event()
order = []


def waits(name):
    ready.wait()
    order.append((name, pool.apply(len, ('x' * name,))))


jobs = [gevent.spawn(waits, i) for i in range(4)]
gevent.sleep(0.002)
ready.set()
gevent.joinall(jobs)
print(sorted(order))
