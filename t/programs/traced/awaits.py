"""How SQLAlchemy awaits in functions that are not async: a greenlet within a coroutine."""
import asyncio
from sqlalchemy.util import await_only, greenlet_spawn


async def fetch(n):
    await asyncio.sleep(0)
    if n == 3:
        raise LookupError(n)
    return n * 10


def in_sync(count):
    total = 0
    for n in range(count):
        total += await_only(fetch(n))
    return total


def numbers():
    for n in range(3):
        yield await_only(fetch(n))


async def one(count):
    try:
        return await greenlet_spawn(in_sync, count)
    except LookupError as error:
        return f'failed {error}'


async def main():
    print(await asyncio.gather(*(one(count) for count in (2, 3, 5))))
    print(await greenlet_spawn(lambda: list(numbers())))
    print(await greenlet_spawn(sorted, [2, 1], key=lambda n: await_only(fetch(n))))
    task = asyncio.ensure_future(one(3))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print('cancelled')

asyncio.run(main())
