"""One client's TCP connection, which a fault can cut."""

import asyncio
from typing import Any, cast

from starlette.types import Scope
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 connection, within reach of the application.

    Args:
        config: of the listener.
        server_state: the listener's connections and tasks.
    """

    def __init__(self, config: Config, server_state: ServerState) -> None:
        super().__init__(config, server_state, app_state={"connection": self})
        self._lost = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn from asyncio that the connection has ended."""
        super().connection_lost(exc)
        self._lost.set()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; a request that is being served gets no answer of its own."""
        serving = self.cycle is not None and not self.cycle.response_complete
        if serving:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if serving and self.cycle.response_started:
            self.transport.close()
        else:
            super().send_400_response(msg)

    async def cut(self) -> None:
        """End the connection without another byte, and wait until it has ended."""
        self.transport.abort()
        await self._lost.wait()


def connection_of(scope: Scope) -> Connection:
    """Return the connection on which a request came."""
    state = cast("dict[str, Any]", scope["state"])
    return cast("Connection", state["connection"])
