# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads: their order, locks of every kind, timers, thread-local data, daemons that never end."""
import sys
import threading
import time

done = []


def work(number):
    """Computes a while, and now and then lets another thread in."""
    total = 0
    for step in range(4000):
        total += step * number
        if step % 1000 == number:
            done.append((number, step, total))
            time.sleep(0.001)


def all_of(*threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
all_of(*threads)
print(done, [thread.ident for thread in threads], threading.get_ident(), threading.get_native_id() > 0)

lock = threading.Lock()
with lock:
    print(lock.acquire(False), lock.acquire(timeout=0.01), lock)
nested = threading.RLock()
with nested, nested:
    print(nested)

order = []
condition = threading.Condition()
ready = []


def wait_for(number):
    with condition:
        condition.wait_for(lambda: number in ready, timeout=5)
        order.append(number)


waiters = [threading.Thread(target=wait_for, args=(number,)) for number in range(5)]
for waiter in waiters:
    waiter.start()
for number in (3, 1, 4, 0, 2):
    with condition:
        ready.append(number)
        condition.notify_all()
for waiter in waiters:
    waiter.join()
print('conditions', order)

barrier = threading.Barrier(3)
all_of(*[threading.Thread(target=lambda: order.append(('barrier', barrier.wait()))) for _ in range(3)])
slots = threading.BoundedSemaphore(2)


def in_slot(number):
    with slots:
        order.append((number, slots._value))
        time.sleep(0.002)


all_of(*[threading.Thread(target=in_slot, args=(number,)) for number in range(4)])
print(order)

event = threading.Event()
timer = threading.Timer(0.01, lambda: (order.append(time.time()), event.set()))
timer.start()
print(event.wait(0.001), event.wait(5), order[-1], threading.active_count())
cancelled = threading.Timer(5, print)
cancelled.start()
cancelled.cancel()

local = threading.local()
local.name = 'main'
all_of(threading.Thread(target=lambda: setattr(local, 'name', 'another')))
print(local.name)


def fail():
    raise ValueError('in a thread')


all_of(threading.Thread(target=fail, name='failing'))
all_of(threading.Thread(target=sys.exit))
threading.Thread(target=time.sleep, args=(1000,), daemon=True, name='daemon').start()
print({threading.current_thread(), threading.main_thread()}, threading.enumerate())
