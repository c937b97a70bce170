"""Addresses: which surface listens where, and the sockets."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields

LOOPBACK = "127.0.0.1"
_LARGEST_PORT = 65535
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 -- compared with, not listened on


class AddressError(Exception):
    """An address that cannot be listened on; the text names the flag that chooses it."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """TCP ports, 0 for a free one. The defaults are those of the vendor's local environment.

    Raises:
        AddressError: if a number is no port.
    """

    platform: int = 4020
    trading: int = 4040
    consumption: int = 4000
    messages: int = 4002
    gateway: int = 4001

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= _LARGEST_PORT:
                raise AddressError(f"--{field.name}-port: must be from 0 to {_LARGEST_PORT}")


FREE_PORTS = Ports(platform=0, trading=0, consumption=0, messages=0, gateway=0)


@dataclass(frozen=True)
class Listeners:
    """Bound sockets, one for each surface."""

    platform: socket.socket
    trading: socket.socket
    consumption: socket.socket
    messages: socket.socket
    gateway: socket.socket


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def certified_names(host: str) -> tuple[str, ...]:
    """Return the names besides the loopback ones that a certificate for a host must be good for.

    A wildcard address is reached by names that only its clients know.
    """
    return () if host in _WILDCARDS else (host,)


@contextmanager
def bound(host: str, ports: Ports) -> Iterator[Listeners]:
    """Bind all sockets, and close them at the end.

    Args:
        host: name or address to listen on.
        ports: where.

    Raises:
        AddressError: if one cannot be bound.
    """
    with ExitStack() as stack:
        yield Listeners(
            **{
                field.name: stack.enter_context(
                    listen(host, field.name, getattr(ports, field.name))
                )
                for field in fields(ports)
            }
        )


def origin(listener: socket.socket, *, tls: bool = False) -> str:
    """Return the URL of a bound socket without a path; a wildcard shows as this machine."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = LOOPBACK
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def listen(host: str, name: str, port: int) -> socket.socket:
    """Return a bound socket that listens.

    Args:
        host: name or address.
        name: of the surface, for the refusal.
        port: 0 for a free one.

    Raises:
        AddressError: if it cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        raise AddressError(f"--{name}-port {port}: cannot listen on {host}: {reason}") from error
    # asyncio sets this only on sockets that name their protocol, which create_server's do not;
    # without it every answer of two writes waits 40 ms for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
