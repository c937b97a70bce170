"""Who may reach what, asked of the network itself: one packet each, and all of them at once."""

import itertools
import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address

KINDS = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Question:
    """Whether a pod reaches a port of an address."""

    pod: str
    address: str
    port: int
    protocol: str


def all_questions(pods, addresses, ports):
    """Return every question about these."""
    every = itertools.product(pods, addresses, ports, KINDS)
    return [Question(*it) for it in every]


def reached(net, enforcer, questions):
    """Ask, and return the questions whose packets came through; each of the others was dropped.

    No time decides: it is over when every packet was either answered or counted as dropped.
    """
    before = enforcer.refused()
    with ExitStack() as stack:
        asked = {}
        for pod in sorted({it.pod for it in questions}):
            own = [it for it in questions if it.pod == pod]
            asked |= net.at(pod, lambda own=own: {_ask(it, stack): it for it in own})
        return _answered(asked, lambda: enforcer.refused() - before)


def _answered(asked, dropped):
    through = set()
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    with selectors.DefaultSelector() as selector:
        for each, question in asked.items():
            wanted = selectors.EVENT_READ if question.protocol == "UDP" else selectors.EVENT_WRITE
            selector.register(each, wanted)
        while len(through) + dropped() < len(asked):
            silent = set(asked.values()) - through
            assert time.monotonic() < give_up_at, f"neither answered nor dropped: {silent}"
            for key, _ in selector.select(timeout=0.005):
                through.add(asked[key.fileobj])
                selector.unregister(key.fileobj)
    return through


def _ask(question, stack):
    version = ip_address(question.address).version
    family = {4: socket.AF_INET, 6: socket.AF_INET6}[version]
    made = stack.enter_context(socket.socket(family, KINDS[question.protocol]))
    made.settimeout(0)
    made.connect_ex((question.address, question.port))
    if question.protocol == "UDP":
        made.send(b"?")
    return made
