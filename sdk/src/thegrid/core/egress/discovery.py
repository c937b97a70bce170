"""Where domains come from: a feed that people keep, and hosts that redirects name.

Whoever answers a request decides what its `Location` names, so that text is read with suspicion,
and a host outside the trusted suffixes waits for approval unless the declaration says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from thegrid.core.egress.names import Domain, host_name

_HTTPS_PORT = 443


class Source(Enum):
    """How a domain became known.

    Attributes:
        STATIC: The resource lists it, or it is an essential host.
        FEED: A ConfigMap lists it.
        PROBE: A redirect named it.
    """

    STATIC = "Static"
    FEED = "Feed"
    PROBE = "Probe"


class NewDomains(Enum):
    """What becomes of a probed host outside the trusted suffixes."""

    HOLD = "Hold"
    ALLOW = "Allow"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the sources brought.

    Attributes:
        feed: The domains of the feed; empty where there is none, None if it could not be read.
        probed: Hosts that redirects named; None if probes are declared and none came through.
    """

    feed: tuple[Domain, ...] | None = ()
    probed: tuple[str, ...] | None = ()

    def of(self, source: Source) -> tuple[Domain, ...] | None:
        """Return what a source brought, None if it did not speak."""
        if source is Source.FEED:
            return self.feed
        return None if self.probed is None else tuple(Domain(host) for host in self.probed)


def read_feed(text: str) -> tuple[tuple[Domain, ...], tuple[str, ...]]:
    """Read a feed: one domain a line; what follows a `#` is a comment.

    Args:
        text: The feed.

    Returns:
        The domains in a stable order, and what is wrong with lines that are none.
    """
    domains, problems = set(), []
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        try:
            if entry:
                domains.add(Domain.parse(entry))
        except ValueError as problem:
            problems.append(f"line {number}: {problem}")
    return tuple(sorted(domains, key=str)), tuple(problems)


def read_location(location: str) -> tuple[str, int]:
    """Read whom a redirect names.

    Args:
        location: The header `Location` of a 307.

    Returns:
        The host's canonical name, and the port.

    Raises:
        ValueError: It is not an absolute https address of a named host. The message quotes at most
            the host, since the rest carries a token.
    """
    try:
        parts = urlsplit(location)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("the Location is not an address") from None
    if parts.scheme != "https" or not host:
        raise ValueError("the Location is not an absolute https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the Location carries a user name, which can hide the host")
    return host_name(host), _HTTPS_PORT if port is None else port


def is_trusted(host: str, suffixes: Iterable[str]) -> bool:
    """Tell whether a host is one of the trusted domains or lies beneath one, label by label."""
    return any(host == suffix or host.endswith(f".{suffix}") for suffix in suffixes)
