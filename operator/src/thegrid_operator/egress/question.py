"""What `egress explain` is asked: a pod and where it wants to go. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from thegrid.core.egress import Address, host_name
from thegrid_operator.egress.request import HTTPS, Port

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_DNS = Port(53)
_POD_SHAPE = "is not NAMESPACE/POD, as in team/chat-5d9f7"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to.

    Attributes:
        host: A canonical name, or an address as text.
        address: The address, if one was given instead of a name.
        port: To which port.
    """

    host: str
    address: Address | None
    port: Port

    def __str__(self) -> str:
        return f"{self.host} on {self.port.protocol} {self.port.first}"


def read_pod(text: str) -> tuple[str, str]:
    """Read `NAMESPACE/POD`.

    Raises:
        ValueError: It is none.
    """
    namespace, slash, pod = text.partition("/")
    if not (slash and _NAME.fullmatch(namespace) and _NAME.fullmatch(pod)):
        raise ValueError(f"{text!r} {_POD_SHAPE}")
    return namespace, pod


def read_destination(text: str) -> Destination:
    """Read `HOST[:PORT]`; an IPv6 address with a port stands in brackets.

    Raises:
        ValueError: It is none.
    """
    host, port = _split(text, HTTPS)
    address = _address(host)
    return Destination(str(address) if address else host_name(host), address, port)


def read_name_server(text: str) -> tuple[Address, int]:
    """Read `ADDRESS[:PORT]` of a name server.

    Raises:
        ValueError: It is none.
    """
    host, port = _split(text, _DNS)
    address = _address(host)
    if address is None:
        raise ValueError(f"{text!r} is not the IP address of a name server, as in 9.9.9.9")
    return address, port.first


def _split(text: str, usual: Port) -> tuple[str, Port]:
    if _address(text.strip("[]")) is not None:
        return text.strip("[]"), usual
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, usual
    if "://" in text or "/" in text:
        raise ValueError(f"{text!r} is not HOST or HOST:PORT, as in api.thegrid.ai:443")
    if not (port.isascii() and port.isdigit()):
        raise ValueError(f"{text!r}: {port!r} is not a port from 1 to 65535")
    return host.removeprefix("[").removesuffix("]"), Port(int(port))


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
