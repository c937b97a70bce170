"""A name server in this process, over UDP and TCP on loopback, whose zone a test changes."""

import socket
import struct
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class DnsServer:
    """Answers from `zone`: by name and type, a TTL and the texts of records.

    A name's `rcode` in `codes` is answered without records; a name in `silent` is not answered, one
    in `cut_off` is truncated over UDP, one in `always_cut_off` over TCP too, and before one in
    `noisy` comes an answer to a question that nobody asked.
    """

    def __init__(self):
        self.zone = {}
        self.codes = {}
        self.silent, self.cut_off, self.always_cut_off, self.noisy = set(), set(), set(), set()
        self.asked = []
        self._udp, self._tcp = _sockets_on_one_port()
        self.port = self._udp.getsockname()[1]
        self._threads = [
            threading.Thread(target=each, daemon=True)
            for each in (self._serve_udp, self._serve_tcp)
        ]
        for thread in self._threads:
            thread.start()

    def close(self):
        """Wake both threads with an empty message, and wait for them."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _serve_udp(self):
        while True:
            data, caller = self._udp.recvfrom(4096)
            if not data:
                return
            query = dns.message.from_wire(data)
            name = self._name_in(query)
            self.asked.append(("udp", name))
            if name in self.silent:
                continue
            if name in self.noisy:
                other = dns.message.make_query("other.example.com.", "A")
                self._udp.sendto(dns.message.make_response(other).to_wire(), caller)
                self._udp.sendto(b"noise", caller)
            self._udp.sendto(self._answer(query, self.cut_off | self.always_cut_off), caller)

    def _serve_tcp(self):
        while True:
            connection, _ = self._tcp.accept()
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
                response.answer.append(dns.rrset.from_text_list(f"{name}.", ttl, "IN", here, texts))
                name = texts[0].rstrip(".") if here == "CNAME" else name

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
