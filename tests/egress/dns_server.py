"""A name server in this process, over UDP and TCP, whose zone a test changes."""

import socket
import struct
from collections import Counter

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from tests.doors import Doors


class DnsServer:
    """Answers from `zone`: by name and type, a TTL and the texts of records.

    A name's `rcode` in `codes` is answered without records; a name in `silent` is not answered, one
    in `cut_off` is truncated over UDP, one in `always_cut_off` over TCP too, and before one in
    `noisy` comes an answer to a question that nobody asked. The records of a name in `turning` come
    in another order each time. It is asked on loopback, and wherever else it is told to answer.
    """

    def __init__(self):
        self.zone = {}
        self.codes = {}
        self.silent, self.cut_off, self.always_cut_off, self.noisy = set(), set(), set(), set()
        self.turning = set()
        self.asked = []
        self._turns = Counter()
        udp, tcp = _sockets_on_one_port()
        self.port = udp.getsockname()[1]
        self._doors = Doors()
        self.answer_at(udp, tcp)

    def answer_at(self, udp, tcp):
        """Answer at these sockets too, and close them at the end."""
        self._doors.open(udp, self._serve_udp)
        self._doors.open(tcp, self._serve_tcp)

    def close(self):
        """Stop answering, everywhere."""
        self._doors.close()

    def _serve_udp(self, door):
        data, caller = door.recvfrom(4096)
        query = dns.message.from_wire(data)
        name = self._name_in(query)
        self.asked.append(("udp", name))
        if name in self.silent:
            return
        if name in self.noisy:
            other = dns.message.make_query("other.example.com.", "A")
            door.sendto(dns.message.make_response(other).to_wire(), caller)
            door.sendto(b"noise", caller)
        door.sendto(self._answer(query, self.cut_off | self.always_cut_off), caller)

    def _serve_tcp(self, door):
        connection, _ = door.accept()
        with connection:
            head = connection.recv(2, socket.MSG_WAITALL)
            if not head:
                return
            data = connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            query = dns.message.from_wire(data)
            self.asked.append(("tcp", self._name_in(query)))
            answer = self._answer(query, self.always_cut_off)
            connection.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, query, cut_off):
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        name = self._name_in(query)
        if name in self.codes:
            response.set_rcode(dns.rcode.from_text(self.codes[name]))
        elif name in cut_off:
            response.flags |= dns.flags.TC
        else:
            self._follow(response, name, query.question[0].rdtype.name)
        return response.to_wire()

    def _follow(self, response, name, kind):
        """Add what leads from a name to its records, as a recursive server does."""
        seen = set()
        while name not in seen:
            seen.add(name)
            here = "CNAME" if (name, "CNAME") in self.zone else kind
            if (name, here) in self.zone:
                ttl, texts = self.zone[name, here]
                texts = self._turned(name, here, texts)
                response.answer.append(dns.rrset.from_text_list(f"{name}.", ttl, "IN", here, texts))
                name = texts[0].rstrip(".") if here == "CNAME" else name

    def _turned(self, name, kind, texts):
        if name not in self.turning:
            return texts
        self._turns[name, kind] += 1
        first = self._turns[name, kind] % len(texts)
        return [*texts[first:], *texts[:first]]

    @staticmethod
    def _name_in(query):
        return str(query.question[0].name).rstrip(".").lower()


def _sockets_on_one_port():
    """A free port of UDP may be taken for TCP, so another one is tried then."""
    for _ in range(20):
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return udp, tcp
    raise OSError("no port is free for both UDP and TCP")
