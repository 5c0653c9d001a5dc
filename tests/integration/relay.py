# SPDX-License-Identifier: MIT
"""A TCP line to a hub that passes every byte until it is told to break.

    line = Relay(sim, hub.port)
    line.break_down("stall", after=1000)   # no byte beyond the 1000th, on connections from now on
    line.mend()                            # the same: those that hang do so until their clients leave
    line.reset()                           # all connections that there are

It lives on the simulator's loop and needs no privilege.
"""
import asyncio
import socket
import struct
from contextlib import suppress

LATE = 0.2  # seconds before the first byte on a late line
PIECE = 65536


class Relay:
    def __init__(self, sim, port):
        self.sim, self.target = sim, port
        self.kind, self.after = None, 0
        self.writers = set()
        self.server = sim.run(self._start())
        self.port = self.server.sockets[0].getsockname()[1]

    def break_down(self, kind, after=0):
        self.kind, self.after = kind, after

    def mend(self):
        self.kind = None

    def reset(self):
        self.sim.run(self._reset())

    def close(self):
        self.server.close()
        self.reset()

    # on the simulator's loop

    async def _start(self):
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _reset(self):
        for writer in list(self.writers):
            reset(writer)

    async def _accept(self, reader, writer):
        self.writers.add(writer)
        hub = None
        try:
            from_hub, hub = await asyncio.open_connection("127.0.0.1", self.target)
            ways = asyncio.create_task(self._answer(from_hub, writer)), asyncio.create_task(ask(reader, hub))
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except ConnectionError:
            pass
        finally:
            self.writers.discard(writer)
            for end in (writer, hub):
                if end:
                    end.close()

    async def _answer(self, reader, writer):
        kind, left = self.kind, self.after
        while data := await reader.read(PIECE):
            if kind == "late":
                await asyncio.sleep(LATE)
                kind = None
            elif kind and len(data) > left:
                writer.write(data[:left])
                await writer.drain()
                if kind == "stall":
                    await asyncio.Event().wait()  # until the client goes away
                if kind == "reset":
                    reset(writer)
                if kind != "mangle":
                    return
                data = bytes([data[left] ^ 0xff]) + data[left + 1:]
                kind = None
            left -= len(data)
            writer.write(data)
            await writer.drain()


async def ask(reader, writer):
    while data := await reader.read(PIECE):
        writer.write(data)
        await writer.drain()


def reset(writer):
    peer = writer.get_extra_info("socket")
    with suppress(OSError):  # it has ended
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
