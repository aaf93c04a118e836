# SPDX-License-Identifier: GPL-2.0-or-later
import asyncio
import os
import random
import sys
import time

async def worker(name, queue):
    async with asyncio.timeout(5):
        while (item := await queue.get()) is not None:
            await asyncio.sleep(random.random() / 100)
            print(name, item, asyncio.current_task().get_name())
            queue.task_done()

async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper() + str(time.time()).encode() + b'\n')
        await writer.drain()
    writer.close()

async def main():
    queue = asyncio.Queue()
    workers = [asyncio.create_task(worker(f'worker {i}', queue)) for i in range(3)]
    for item in range(12):
        queue.put_nowait(item)
    await queue.join()
    for _ in workers:
        await queue.put(None)
    await asyncio.gather(*workers)
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    for text in (b'one\n', b'two\n'):
        writer.write(text)
        print(await reader.readline(), await reader.readline())
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.02)
    except TimeoutError as error:
        print(repr(error))
    results = await asyncio.gather(*(asyncio.sleep(random.random() / 50, i) for i in range(5)))
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(i / 50, i)) for i in range(3)],
                                       return_when=asyncio.FIRST_COMPLETED)
    print(results, done, len(pending), asyncio.get_running_loop().time())
    lock, order = asyncio.Lock(), []

    async def locked(i):
        async with lock:
            await asyncio.sleep(0)
            order.append(i)

    async with asyncio.TaskGroup() as group:
        for i in range(5):
            group.create_task(locked(i))
    print(order, asyncio.all_tasks())

asyncio.run(main())
print(asyncio.new_event_loop())
