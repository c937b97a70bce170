"""An event loop beside the caller's own work."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager

from thegrid_emulator.gateway.doors import Doors


@contextmanager
def in_thread(
    served: AbstractAsyncContextManager[Doors],
) -> Iterator[tuple[asyncio.AbstractEventLoop, Doors]]:
    """Serve for the length of a block, on an event loop that runs in a thread of its own.

    Args:
        served: what is served, entered and left on that loop.

    Yields:
        The loop, and what `served` gives.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, Doors]] = Future()
    stop = asyncio.Event()

    async def run() -> None:
        async with served as doors:
            started.set_result((asyncio.get_running_loop(), doors))
            await stop.wait()

    def run_and_report() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=run_and_report, name="thegrid-emulator", daemon=True)
    thread.start()
    loop, doors = started.result()
    try:
        yield loop, doors
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
