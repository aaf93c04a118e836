# SPDX-License-Identifier: GPL-2.0-or-later
import asyncio
async def ag(n):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    finally:
        print('ag done')
class A:
    async def __aenter__(self): return self
    async def __aexit__(self, *a): return a[0] is KeyError
    def __await__(self):
        yield
        return 3
async def w(q):
    async with A() as a:
        async for x in ag(3):
            q.append(x)
        raise KeyError(1)
    print(await a, [x async for x in ag(2)], [y for y in [await a]])
    return q
async def main():
    r = await asyncio.gather(*[w([]) for i in range(2)], return_exceptions=True)
    t = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    t.cancel()
    try: await t
    except asyncio.CancelledError: print('cancelled')
    try:
        async with asyncio.timeout(0.01): await asyncio.sleep(1)
    except TimeoutError: print('to')
    async for x in ag(5):
        if x == 2: break
    print(r)
asyncio.run(main())
