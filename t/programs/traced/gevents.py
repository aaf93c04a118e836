"""Greenlets of gevent: its hub's loop is in C."""
import gevent
from gevent.pool import Pool
from gevent.queue import Queue
from gevent.event import Event, AsyncResult
from gevent.lock import Semaphore

queue = Queue(2)
event = Event()
result = AsyncResult()
lock = Semaphore(1)
seen = []


def produce(count):
    for i in range(count):
        queue.put(i)
        gevent.sleep(0)
    queue.put(None)


def consume():
    total = 0
    for item in iter(queue.get, None):
        with lock:
            total += item
            gevent.sleep(0)
    event.set()
    return total


def square(n):
    for _ in range(3 - n):
        gevent.sleep(0)
    if n == 2:
        raise ValueError('two')
    return n * n


def waits():
    try:
        event.wait()
        return result.get()
    finally:
        seen.append('over')


def forever():
    try:
        while True:
            gevent.sleep(10)
    except gevent.GreenletExit:
        seen.append('killed')
        raise


jobs = [gevent.spawn(produce, 4), gevent.spawn(consume), gevent.spawn(waits)]
victim = gevent.spawn(forever)
gevent.sleep(0)
victim.kill()
gevent.spawn(result.set, 'given')
gevent.joinall(jobs)
print([job.value for job in jobs], seen)
pool = Pool(2)
print('doubles', pool.map(lambda n: n * 2, range(4)))
group = [pool.spawn(square, n) for n in range(3)]
pool.join()
print([(one.value, repr(one.exception)) for one in group])
