import asyncio, socket, uvloop
uvloop.install()
async def serve(r, w):
    while line := await r.readline(): w.write(b'hello ' + line); await w.drain()
    w.close()
async def ask(port, name):
    r, w = await asyncio.open_connection('localhost', port)
    got = []
    for i in range(5): w.write(b'%s %d\n' % (name, i)); got.append(await r.readline())
    w.close(); return got
async def main():
    s = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = s.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(ask(port, n) for n in (b'a', b'b', b'c'))))
    loop = asyncio.get_running_loop()
    print(await loop.getaddrinfo('localhost', 80, family=socket.AF_INET, type=socket.SOCK_STREAM))
    print(await asyncio.gather(*(loop.run_in_executor(None, sum, range(n)) for n in range(0, 4000, 1000))))
    p = await asyncio.create_subprocess_exec('echo', 'sub', stdout=asyncio.subprocess.PIPE)
    print((await p.communicate())[0], await asyncio.gather(*(asyncio.sleep(0.01 * i, i) for i in range(3))))
asyncio.run(main())
