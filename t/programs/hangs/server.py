# SPDX-License-Identifier: GPL-2.0-or-later
# A server that waits for clients, and does not care for SIGINT.
import asyncio
import signal


async def answer(reader, writer):
    writer.write(await reader.readline())
    writer.close()


async def serve():
    server = await asyncio.start_server(answer, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(b'hello\n')
    print('served', await reader.readline(), flush=True)
    await server.serve_forever()

signal.signal(signal.SIGINT, signal.SIG_IGN)
asyncio.run(serve())
