"""One client process: what runs in a pod that spends with a key.

It is forked from a parent that has imported the SDKs already, since that takes seconds. Its key
comes from its environment, read once, or from a volume, read before every call.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

import anthropic
import openai
from tests.soak.volume import Volume

PR_SET_PDEATHSIG = 1  # prctl(2)
_QUESTION = [{"role": "user", "content": "Are you there?"}]
_MODEL = "text-prime"


def warm_up():
    """Do nothing: with the first process the parent imports the SDKs."""


def spend(sdk, source, pause_seconds, report):
    """Call until SIGTERM, and once more after it, as a program does that finishes its work.

    Args:
        sdk: `openai` or `anthropic`.
        source: The variables of its environment, or its volume.
        pause_seconds: Between two calls.
        report: Is sent an empty text for each call that succeeded, else what went wrong.
    """
    stop = threading.Event()
    _die_with_the_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C; who started us ends us
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    caller = _Caller(sdk, source)
    while not stop.is_set():
        report.send(caller.try_once())
        stop.wait(pause_seconds)
    report.send(caller.try_once())


class _Caller:
    def __init__(self, sdk, source):
        self._make, self._ask = _SDKS[sdk]
        self._source = source
        self._variables = {}
        self._client = None

    def try_once(self):
        try:
            self._renew()
            self._ask(self._client)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the call failed
            return f"{type(problem).__name__}: {problem}"
        return ""

    def _renew(self):
        """Make a client of what is there now, if that is something else than before."""
        variables = self._source.read() if isinstance(self._source, Volume) else self._source
        if variables == self._variables:
            return
        os.environ.update(variables)
        self._variables, before = variables, self._client
        self._client = self._make(max_retries=0)  # the SDK reads the environment
        if before:
            before.close()


def _ask_openai(client):
    client.chat.completions.create(model=_MODEL, messages=_QUESTION)


def _ask_anthropic(client):
    client.messages.create(model=_MODEL, max_tokens=50, messages=_QUESTION)


_SDKS = {
    "openai": (openai.OpenAI, _ask_openai),
    "anthropic": (anthropic.Anthropic, _ask_anthropic),
}


def _die_with_the_parent():
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
