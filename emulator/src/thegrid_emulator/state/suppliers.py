"""Which hosts redirects name, in turn.

Which hosts production names is not published, and may change between two calls; a test can choose
them. What answers there is no concern of this module.
"""

import re
from collections.abc import Sequence

from thegrid_emulator.errors import InvalidFieldsError

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?|::1", re.ASCII | re.IGNORECASE)
_MOST_HOSTS = 100


class Suppliers:
    """The hosts that redirects name.

    Attributes:
        hosts: names or addresses without a port; empty for the gateway's own address.
        direct: whether calls are answered at once, without a redirect.
    """

    def __init__(self) -> None:
        self.hosts: tuple[str, ...] = ()
        self.direct = False
        self._turn = 0

    def choose(self, hosts: Sequence[str], *, direct: bool) -> None:
        """Set the hosts and begin with the first.

        Raises:
            InvalidFieldsError: if one is no host name or address, or there are too many.
        """
        check_hosts(hosts)
        self.hosts, self.direct, self._turn = tuple(hosts), direct, 0

    def next_host(self) -> str | None:
        """Return whose turn it is, or None for the gateway's own address."""
        if not self.hosts:
            return None
        host = self.hosts[self._turn % len(self.hosts)]
        self._turn += 1
        return host


def check_hosts(hosts: Sequence[str]) -> None:
    """Let host names and addresses pass.

    Raises:
        InvalidFieldsError: if one is neither, or there are too many.
    """
    if len(hosts) > _MOST_HOSTS:
        raise InvalidFieldsError("hosts", f"must be at most {_MOST_HOSTS}")
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise InvalidFieldsError("hosts", "must be host names or addresses without a port")
