"""Ports of hosts that answer: TCP is accepted, UDP gets its own words back."""

import socket
import threading
from functools import partial

from tests.doors import Doors

# ip(7) and ipv6(7); Python 3.11 does not name them.
IP_PKTINFO = 8
IPV6_FREEBIND = 78  # answers may come from any address of a network that the host answers at
FAMILIES = {4: (socket.AF_INET, "0.0.0.0"), 6: (socket.AF_INET6, "::")}  # noqa: S104


class Listeners:
    """Answers at ports of hosts in a thread of its own, and remembers who came to where."""

    def __init__(self):
        self._doors = Doors()
        self._lock = threading.Lock()
        self._visits = []

    def answer(self, net, host, ports):
        """Answer at TCP and UDP ports of all of a host's addresses."""
        for each in net.at(host, lambda: list(_sockets(ports))):
            self._doors.open(each, partial(self._answer, host))

    def visits(self):
        """Return who came: the host and the address that were called, and the caller's address."""
        with self._lock:
            return list(self._visits)

    def close(self):
        self._doors.close()

    def _answer(self, host, listener):
        if listener.type == socket.SOCK_DGRAM:
            data, ancillary, _, caller = listener.recvmsg(512, 256)
            listener.sendmsg([data], ancillary, 0, caller)  # from the address that was called
            return
        connection, caller = listener.accept()
        with connection, self._lock:
            self._visits.append((host, connection.getsockname()[0], caller[0]))


def _sockets(ports):
    for family, everywhere in FAMILIES.values():
        for port in ports:
            yield socket.create_server((everywhere, port), family=family, backlog=512)
            yield _datagrams(family, everywhere, port)


def _datagrams(family, everywhere, port):
    made = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        made.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    else:
        made.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    made.bind((everywhere, port))
    return made
