import asyncio, uvloop
uvloop.install()
async def serve(r, w):
    w.write(b'hello ' + await r.readline()); await w.drain(); w.close()
async def main():
    s = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = s.sockets[0].getsockname()[1]
    for i in range(3):
        r, w = await asyncio.open_connection('127.0.0.1', port)
        w.write(b'%d\n' % i); print(await r.read()); w.close()
    p = await asyncio.create_subprocess_exec('echo', 'sub', stdout=asyncio.subprocess.PIPE)
    print((await p.communicate())[0], await asyncio.gather(*(asyncio.sleep(0.01 * i, i) for i in range(3))))
asyncio.run(main())
