"""All surfaces in one event loop, each behind its own socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from socket import socket
from ssl import SSLContext

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.server import ServerState

from thegrid_emulator import consumption, gateway, platform, trading
from thegrid_emulator.conduct import Conduct
from thegrid_emulator.connection import Connection
from thegrid_emulator.dialect import Dialect
from thegrid_emulator.gateway.doors import Doors
from thegrid_emulator.listeners import Listeners, origin
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.tls import Authority

_HANDSHAKE_SECONDS = 5.0


@dataclass(frozen=True)
class Addresses:
    """Where each surface is reached: origins for platform and gateway, bases with `/v1` else."""

    platform: str
    trading: str
    consumption: str
    messages: str
    gateway: str

    @classmethod
    def of(cls, listeners: Listeners, *, tls: bool = False) -> "Addresses":
        """Return the addresses of bound sockets."""
        origins = {name: origin(listener, tls=tls) for name, listener in vars(listeners).items()}
        bases = {name: f"{origins[name]}/v1" for name in ("trading", "consumption", "messages")}
        return cls(**(origins | bases))

    def as_dict(self) -> dict[str, str]:
        """Return the addresses by surface."""
        return asdict(self)


@asynccontextmanager
async def serving(
    venue: Venue,
    listeners: Listeners,
    *,
    authority: Authority | None = None,
    dialect: Dialect = "plain",
) -> AsyncIterator[Doors]:
    """Serve all surfaces for the length of a block; open connections are cut at its end.

    Args:
        venue: what is behind them.
        listeners: bound sockets.
        authority: whose certificate all of them show; None for no TLS.
        dialect: in which words the market answers.

    Yields:
        The gateway's addresses, to which others can be added.
    """
    stopping = asyncio.Event()
    context = authority.server_context if authority else None
    opening: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stack:
        gateway_conduct = Conduct(gateway.build(venue), venue, stopping, dialect)

        def answer(listener: socket) -> None:
            serve = stack.enter_async_context(_listening(listener, gateway_conduct, context))
            opening.append(asyncio.get_running_loop().create_task(serve))

        doors = Doors(listeners.gateway, answer, authority)
        answer(listeners.gateway)
        for listener, surface in (
            (listeners.platform, platform.build(venue)),
            (listeners.trading, trading.build(venue)),
            (listeners.consumption, consumption.build(venue)),
            (listeners.messages, consumption.build_messages(venue)),
        ):
            surface.application.state.doors = doors
            conduct = Conduct(surface, venue, stopping, dialect)
            await stack.enter_async_context(_listening(listener, conduct, context))
        try:
            yield doors
        finally:
            stopping.set()
            await asyncio.gather(*opening)


@asynccontextmanager
async def _listening(
    listener: socket, application: ASGIApp, context: SSLContext | None
) -> AsyncIterator[None]:
    """Serve one application on one socket by uvicorn's HTTP protocol.

    uvicorn's own `Server` looks for its end ten times a second and then waits once more, which
    adds up over five listeners and many short tests; its protocol needs neither.
    """
    config = Config(
        application,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        partial(Connection, config, state),
        sock=listener,
        ssl=context,
        ssl_handshake_timeout=_HANDSHAKE_SECONDS if context else None,
    )
    try:
        yield
    finally:
        server.close()
        connections: Sequence[Connection] = [
            it for it in state.connections if isinstance(it, Connection)
        ]
        await asyncio.gather(*(connection.cut() for connection in connections))
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await server.wait_closed()
