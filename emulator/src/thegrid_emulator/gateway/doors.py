"""Where the gateway answers: at its own address, and at others of this machine if asked to."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from thegrid_emulator.errors import InvalidFieldsError
from thegrid_emulator.listeners import LOOPBACK, AddressError, is_loopback, listen, origin
from thegrid_emulator.state.suppliers import Suppliers, check_hosts
from thegrid_emulator.tls import Authority


class Doors:
    """The gateway's addresses.

    Args:
        listener: the gateway's own socket.
        answer: begins to answer on another socket too.
        authority: vouches for the addresses when clients connect by TLS; None for no TLS.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[socket.socket], None],
        authority: Authority | None,
    ) -> None:
        self._origin = origin(listener, tls=authority is not None)
        self._authority = authority
        self._answer = answer
        self._open = {listener.getsockname()[0]}

    def choose(self, suppliers: Suppliers, hosts: Sequence[str], *, direct: bool) -> None:
        """Set the hosts that redirects name, and answer at those that are of this machine.

        Args:
            suppliers: whose hosts they are.
            hosts: names or addresses without a port; empty for the gateway's own address.
            direct: whether calls are answered at once, without a redirect.

        Raises:
            InvalidFieldsError: if one is no host name or address, there are too many, or one is of
                this machine and cannot be listened on.
        """
        check_hosts(hosts)
        own = [LOOPBACK if host == "localhost" else host for host in hosts if is_loopback(host)]
        for address in own:
            self._open_at(address)
        if self._authority is not None:
            self._authority.vouch_for(*own)
        suppliers.choose(hosts, direct=direct)

    def origin_at(self, host: str | None) -> str:
        """Return the origin of a URL that leads to a supplier.

        Args:
            host: None for the gateway's own address. A host of this machine has the gateway's port;
                a foreign one is not served by anybody.
        """
        if host is None:
            return self._origin
        if not is_loopback(host):
            return f"https://{host}"
        own = urlsplit(self._origin)
        return f"{own.scheme}://{f'[{host}]' if ':' in host else host}:{own.port}"

    def _open_at(self, address: str) -> None:
        if address in self._open or self._serves_every_address():
            return
        port = urlsplit(self._origin).port or 0
        try:
            listener = listen(address, "gateway", port)
        except AddressError as error:
            raise InvalidFieldsError("hosts", str(error)) from error
        self._open.add(address)
        self._answer(listener)

    def _serves_every_address(self) -> bool:
        return any(ipaddress.ip_address(address).is_unspecified for address in self._open)
