# SPDX-License-Identifier: GPL-2.0-or-later
"""Pools of threads: executors, queues between producers and consumers, asyncio's own."""
import asyncio
import concurrent.futures
import queue
import random
import threading
import time


def compute(number):
    total = 0
    for step in range(2000 * (number % 5 + 1)):
        total += step * number
    return number, total, threading.current_thread().name


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for future in concurrent.futures.as_completed([pool.submit(compute, number) for number in range(30)]):
        print(future.result())
    print(list(pool.map(compute, range(3))), pool.submit(int, 'x').exception())

things = queue.Queue(5)
taken = []


def produce(number):
    for step in range(50):
        things.put((number, step))


def consume():
    while (thing := things.get()) is not None:
        taken.append((thing, threading.get_ident() % 97))
        if random.random() < .1:
            time.sleep(0.001)


consumers = [threading.Thread(target=consume) for _ in range(3)]
producers = [threading.Thread(target=produce, args=(number,)) for number in range(3)]
for thread in consumers + producers:
    thread.start()
for thread in producers:
    thread.join()
for thread in consumers:
    things.put(None)
for thread in consumers:
    thread.join()
print(taken)


async def main():
    loop = asyncio.get_running_loop()
    jobs = [loop.run_in_executor(None, compute, number) for number in range(8)]
    print(await asyncio.gather(*jobs, asyncio.sleep(0.01), asyncio.to_thread(time.sleep, 0.01)))


asyncio.run(main())
