"""A program in a pod: calls inference again and again, each call with connections of its own.

It finds hosts by the pod's name server, follows the redirect, and never tries a call twice. As
browsers and most async clients do, it tries a host's next address when one is slow to answer
(RFC 8305). One line is printed for each call: empty for success, else what went wrong.
"""

import asyncio
import signal
import sys

import httpx
import openai

_SIDE_BY_SIDE = 3
_PAUSE_SECONDS = 0.01
_QUESTION = [{"role": "user", "content": "Are you there?"}]


async def _call_until(stop):
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, follow_redirects=True, timeout=20.0) as http:
        client = openai.AsyncOpenAI(max_retries=0, http_client=http)
        while not stop.is_set():
            sys.stdout.write(f"{await _try_once(client)}\n")
            sys.stdout.flush()
            await asyncio.sleep(_PAUSE_SECONDS)


async def _try_once(client):
    try:
        await client.chat.completions.create(model="text-prime", messages=_QUESTION)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the call failed
        return f"{type(problem).__name__}: {problem}, by {problem.__cause__!r}"
    return ""


async def _main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.gather(*(_call_until(stop) for _ in range(_SIDE_BY_SIDE)))


if __name__ == "__main__":
    asyncio.run(_main())
