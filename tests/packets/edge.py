"""The world's end of the wires: hosts that speak TLS on port 443 and pass calls on to the emulator.

One thread answers at every address of a network. Whose an address is at the moment is for a test to
say; who calls an address that is nobody's is sent away, as by a stranger who got it next.
"""

import asyncio
import threading
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

_CLOSE_WITHIN_SECONDS = 5.0


class Edge:
    """Answers at sockets.

    Args:
        sockets: Listening ones; closed at the end.
        context: What is spoken there.

    Attributes:
        behind: For each address, the origin that answers there.
        answered: How many connections were answered, by address.
        sent_away: Who called an address that is nobody's: pairs of address and caller.
    """

    def __init__(self, sockets, context):
        self.behind = {}
        self.answered = Counter()
        self.sent_away = []
        self._sockets, self._context = sockets, context
        self._ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_CLOSE_WITHIN_SECONDS)

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._open = set()
        servers = [
            await asyncio.start_server(self._meet, sock=each, ssl=self._context)
            for each in self._sockets
        ]
        self._ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _meet(self, reader, writer):
        task = asyncio.current_task()
        self._open.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            writer.transport.abort()
            self._open.discard(task)

    async def _answer(self, reader, writer):
        address = writer.get_extra_info("sockname")[0]
        origin = self.behind.get(address)
        if origin is None:
            self.sent_away.append((address, writer.get_extra_info("peername")[0]))
            return
        parts = urlsplit(origin)
        inner_reader, inner_writer = await asyncio.open_connection(parts.hostname, parts.port)
        self.answered[address] += 1
        ways = [
            asyncio.create_task(_pass_on(reader, inner_writer)),
            asyncio.create_task(_pass_on(inner_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            inner_writer.transport.abort()


async def _pass_on(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
