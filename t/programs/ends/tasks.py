# SPDX-License-Identifier: GPL-2.0-or-later
# Two workers of asyncio, and who waits for them.
import asyncio


async def fetch(n):
    await asyncio.sleep(0.01 * n)
    return n


async def worker(name, queue):
    while True:
        item = await queue.get()
        value = await fetch(item)
        print(name, value)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    workers = [asyncio.create_task(worker(f"w{i}", queue), name=f"w{i}") for i in range(2)]
    for i in range(4):
        queue.put_nowait(i)
    await queue.join()
    print(sum(await asyncio.gather(fetch(1), fetch(2))))
    for task in workers:
        task.cancel()


asyncio.run(main())
