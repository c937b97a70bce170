"""Asking name servers. The only importer of `dns`.

What belongs here: one question to one server, and what its answer proves. What does not: what is
kept of it (`thegrid.core.egress`). Each server is asked itself, since a stub resolver blurs what a
failure was.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Literal, Protocol

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from thegrid.core.egress import Address, Answer, Outcome

_TYPES: dict[Literal[4, 6], dns.rdatatype.RdataType] = {
    4: dns.rdatatype.A,
    6: dns.rdatatype.AAAA,
}
_SECONDS = 3.0
_DNS_PORT = 53
_SILENT = "no answer in time"
_NO_TIME = "no time was left to ask"
_SECONDS_IN_ALL = 10.0


class Asks(Protocol):
    """Whoever can be asked for the addresses of a name.

    Attributes:
        name: By what it is told apart from others.
    """

    name: str

    def ask(self, host: str, family: Literal[4, 6]) -> Answer:
        """Ask for the addresses of a host; a failure is an answer too."""


class NameServer:
    """One recursive name server, asked over UDP, and over TCP where that cuts an answer off.

    Args:
        address: Where it is.
        port: On which port.
        seconds: How long an answer may take, by UDP and by TCP.
    """

    def __init__(self, address: Address, port: int = _DNS_PORT, seconds: float = _SECONDS) -> None:
        self._where = str(address)
        self._port = port
        self._seconds = seconds
        self.name = self._where if port == _DNS_PORT else f"{self._where}#{port}"

    def ask(self, host: str, family: Literal[4, 6]) -> Answer:
        """Ask for the addresses of a host.

        Args:
            host: An absolute name, without the dot of the root.
            family: Which addresses.

        Returns:
            What was answered; a failure says why.
        """
        query = dns.message.make_query(dns.name.from_text(f"{host}."), _TYPES[family])
        try:
            response, _ = dns.query.udp_with_fallback(
                query,
                self._where,
                timeout=self._seconds,
                port=self._port,
                ignore_unexpected=True,
                ignore_errors=True,
            )
            return self._read(host, family, response)
        except dns.exception.Timeout:
            return self._failed(host, family, _SILENT)
        except (dns.exception.DNSException, OSError, EOFError) as problem:
            return self._failed(host, family, type(problem).__name__)

    def _read(self, host: str, family: Literal[4, 6], response: dns.message.Message) -> Answer:
        code = response.rcode()
        if response.flags & dns.flags.TC:
            return self._failed(host, family, "cut off")
        if code == dns.rcode.NXDOMAIN:
            return Answer(host, self.name, family, Outcome.ABSENT)
        if code != dns.rcode.NOERROR or not isinstance(response, dns.message.QueryMessage):
            return self._failed(host, family, dns.rcode.to_text(code))
        chain = response.resolve_chaining()
        if chain.answer is None:
            return Answer(host, self.name, family, Outcome.EMPTY)
        addresses = tuple(ipaddress.ip_address(record.address) for record in chain.answer)
        ttls = tuple(records.ttl for records in (*chain.cnames, chain.answer))
        return Answer(host, self.name, family, Outcome.GAVE, addresses, ttls)

    def _failed(self, host: str, family: Literal[4, 6], problem: str) -> Answer:
        return Answer(host, self.name, family, Outcome.FAILED, problem=problem)


def ask_all(
    servers: Sequence[Asks], hosts: Iterable[str], seconds: float = _SECONDS_IN_ALL
) -> tuple[Answer, ...]:
    """Ask every server for both families of every host, the servers side by side.

    A server that is silent once is not waited for again: the rest of its answers are failures, so
    that one dead server costs one wait and not one for each name. Nor does a slow one keep the
    caller for long: what it was not asked in time is a failure as well.

    Args:
        servers: Whom to ask; at least one.
        hosts: The names.
        seconds: After how long no more is asked.

    Returns:
        Two answers of every server about every host, failures included.
    """
    names = tuple(hosts)
    end = time.monotonic() + seconds

    def ask_one(server: Asks) -> list[Answer]:
        answers: list[Answer] = []
        for host, family in product(names, _TYPES):
            problem = answers[-1].problem if answers else ""
            if problem not in (_SILENT, _NO_TIME):
                problem = _NO_TIME if time.monotonic() >= end else ""
            answers.append(
                Answer(host, server.name, family, Outcome.FAILED, problem=problem)
                if problem
                else server.ask(host, family)
            )
        return answers

    with ThreadPoolExecutor(max_workers=len(servers), thread_name_prefix="dns") as pool:
        return tuple(answer for answers in pool.map(ask_one, servers) for answer in answers)


def name_servers_in(text: str) -> tuple[Address, ...]:
    """Read the name servers of a `resolv.conf` (resolv.conf(5)); what is no address is left out."""
    found: list[Address] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            try:
                found.append(ipaddress.ip_address(words[1]))
            except ValueError:
                continue
    return tuple(found)
