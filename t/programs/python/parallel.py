# SPDX-License-Identifier: GPL-2.0-or-later
import concurrent.futures
import multiprocessing
import os
import random

def work(number):
    return os.getpid(), number * number, random.random()

def produce(queue, lock, count):
    for number in range(count):
        with lock:
            queue.put((number, os.getpid(), random.random()))

def main():
    for method in ('spawn', 'fork', 'forkserver'):
        context = multiprocessing.get_context(method)
        process = context.Process(target=work, args=(3,))
        process.start()
        process.join()
        print(method, process.pid, process.exitcode)
        queue, lock = context.Queue(), context.Lock()
        process = context.Process(target=produce, args=(queue, lock, 5))
        process.start()
        print([queue.get() for _ in range(5)], lock, process.join())
        with context.Pool(2) as pool:
            print(pool.map(work, range(6)), pool)
    with concurrent.futures.ProcessPoolExecutor(2) as executor:
        print(list(executor.map(work, range(4))))
    semaphore, condition, barrier = (multiprocessing.Semaphore(2), multiprocessing.Condition(),
                                     multiprocessing.Barrier(1))
    print(semaphore.acquire(), semaphore.acquire(timeout=0.02), semaphore.acquire(timeout=0.02), semaphore)
    with condition:
        print(condition.wait(0.02), barrier.wait())
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        shared['b'] = [2]
        print(shared, shared.copy())

if __name__ == '__main__':
    main()
