#!/usr/bin/env python3
"""Stands between nodes and their database, and cuts one off when it is told: nothing is forwarded, nobody is hung up on,
as when a network drops every packet.

usage: relay.py SOCKET ADDRESS:PORT...     the server's unix socket; an address for each node

On standard input, one line each, answered by "ok":
    cut N           from now on nothing of the connections of address N (from 0) is forwarded, nor of new ones
    join N          forwarded again, what waited first
    hang N          joined, and every connection of it is hung up
"""
import asyncio, sys


class Line:
    """One address: its connections, and whether they are forwarded."""

    def __init__(self, server):
        self.server, self.open, self.writers = server, asyncio.Event(), set()
        self.open.set()

    async def pass_on(self, reader, writer):
        try:
            while True:
                data = await reader.read(65536)
                await self.open.wait()
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def let_in(self, reader, writer):
        await self.open.wait()
        try:
            there_reader, there_writer = await asyncio.open_unix_connection(self.server)
        except OSError:
            writer.close()
            return
        self.writers |= {writer, there_writer}
        await asyncio.gather(self.pass_on(reader, there_writer), self.pass_on(there_reader, writer))
        self.writers -= {writer, there_writer}

    def tell(self, verb):
        if verb == "cut":
            self.open.clear()
            return
        if verb == "hang":
            for writer in self.writers:
                writer.transport.abort()
        self.open.set()


async def main():
    lines = [Line(sys.argv[1]) for _ in sys.argv[2:]]
    for line, address in zip(lines, sys.argv[2:]):
        host, port = address.rsplit(":", 1)
        await asyncio.start_server(line.let_in, host, int(port))
    print("ok", flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while command := (await commands.readline()).decode():
        verb, number = command.split()
        lines[int(number)].tell(verb)
        print("ok", flush=True)


asyncio.run(main())
