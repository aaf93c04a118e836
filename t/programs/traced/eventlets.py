"""Greenlets of eventlet: its hub is one of them."""
import eventlet
from eventlet import GreenPool, Queue, event

queue = Queue()
done = event.Event()


def work(n):
    for _ in range(n):
        eventlet.sleep(0)
    queue.put(n)
    return n * 10


def collect(count):
    total = 0
    for _ in range(count):
        total += queue.get()
    done.send(total)


def fails():
    eventlet.sleep(0)
    raise KeyError('eventlet')


pool = GreenPool(3)
eventlet.spawn(collect, 4)
for value in pool.imap(work, range(4)):
    print('value', value)
print('total', done.wait())
thread = eventlet.spawn(fails)
try:
    thread.wait()
except KeyError as error:
    print('main got', error)
victim = eventlet.spawn(eventlet.sleep, 10)
eventlet.sleep(0)
victim.kill()
print('over')
