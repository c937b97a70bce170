"""What a name server's answers prove, asked over real sockets."""

from ipaddress import ip_address

import pytest
from tests.egress.dns_server import DnsServer

from thegrid.core.egress import Outcome
from thegrid_operator.resolving import NameServer, ask_all, name_servers_in

HOST, ALIAS, LAST = "a.example.com", "b.example.com", "c.example.net"


@pytest.fixture
def server():
    running = DnsServer()
    yield running
    running.close()


@pytest.fixture
def ask(server):
    return NameServer(ip_address("127.0.0.1"), server.port, seconds=5).ask


def test_addresses_of_both_families_with_their_ttl(server, ask):
    server.zone[HOST, "A"] = (60, ["8.8.8.1", "8.8.8.2"])
    server.zone[HOST, "AAAA"] = (30, ["2606:4700::1"])
    four, six = ask(HOST, 4), ask(HOST, 6)
    assert (four.outcome, six.outcome) == (Outcome.GAVE, Outcome.GAVE)
    assert {str(it) for it in four.addresses} == {"8.8.8.1", "8.8.8.2"}
    assert [str(it) for it in six.addresses] == ["2606:4700::1"]
    assert (four.ttl, six.ttl) == (60, 30)
    assert four.domain == HOST


def test_an_alias_is_followed_and_the_smallest_ttl_on_the_way_counts(server, ask):
    server.zone[HOST, "CNAME"] = (300, [f"{ALIAS}."])
    server.zone[ALIAS, "CNAME"] = (20, [f"{LAST}."])
    server.zone[LAST, "A"] = (100, ["8.8.8.1"])
    answer = ask(HOST, 4)
    assert (answer.domain, answer.ttl, answer.ttls) == (HOST, 20, (300, 20, 100))


def test_an_alias_without_addresses_is_empty(server, ask):
    server.zone[HOST, "CNAME"] = (300, [f"{ALIAS}."])
    server.zone[ALIAS, "A"] = (100, ["8.8.8.1"])
    assert ask(HOST, 6).outcome is Outcome.EMPTY


def test_aliases_in_a_circle_are_a_failure(server, ask):
    server.zone[HOST, "CNAME"] = (300, [f"{ALIAS}."])
    server.zone[ALIAS, "CNAME"] = (300, [f"{HOST}."])
    assert ask(HOST, 4).outcome is Outcome.FAILED


CODES = {
    "NXDOMAIN": Outcome.ABSENT,
    "SERVFAIL": Outcome.FAILED,
    "REFUSED": Outcome.FAILED,
    "NOTIMP": Outcome.FAILED,
    "NOERROR": Outcome.EMPTY,
}


@pytest.mark.parametrize("code", CODES)
def test_an_answer_without_records(code, server, ask):
    server.codes[HOST] = code
    answer = ask(HOST, 4)
    assert answer.outcome is CODES[code]
    assert answer.problem == (code if answer.outcome is Outcome.FAILED else "")


def test_an_answer_that_is_cut_off_is_asked_for_by_tcp(server, ask):
    server.zone[HOST, "A"] = (60, [f"8.8.{number}.1" for number in range(200)])
    server.cut_off.add(HOST)
    assert len(ask(HOST, 4).addresses) == 200
    assert server.asked == [("udp", HOST), ("tcp", HOST)]


def test_an_answer_that_is_cut_off_by_tcp_too_is_a_failure(server, ask):
    server.zone[HOST, "A"] = (60, ["8.8.8.1"])
    server.always_cut_off.add(HOST)
    answer = ask(HOST, 4)
    assert (answer.outcome, answer.problem) == (Outcome.FAILED, "cut off")


def test_answers_that_nobody_asked_for_are_passed_over(server, ask):
    server.zone[HOST, "A"] = (60, ["8.8.8.1"])
    server.noisy.add(HOST)
    assert [str(it) for it in ask(HOST, 4).addresses] == ["8.8.8.1"]


def test_a_server_that_is_not_there_is_a_failure():
    closed = DnsServer()
    closed.close()
    asked = NameServer(ip_address("127.0.0.1"), closed.port, seconds=0.2).ask(HOST, 4)
    assert asked.outcome is Outcome.FAILED


def test_every_server_is_asked_and_a_silent_one_costs_one_wait(server):
    silent = DnsServer()
    silent.silent |= {HOST, ALIAS}
    for host in (HOST, ALIAS):
        server.zone[host, "A"] = (60, ["8.8.8.1"])
    here = ip_address("127.0.0.1")
    servers = [NameServer(here, server.port), NameServer(here, silent.port, seconds=0.2)]
    answers = ask_all(servers, [HOST, ALIAS])
    assert len(answers) == 8
    outcomes = {(it.resolver, it.domain, it.family): it.outcome for it in answers}
    for host in (HOST, ALIAS):
        assert outcomes[servers[0].name, host, 4] is Outcome.GAVE
        assert outcomes[servers[0].name, host, 6] is Outcome.EMPTY
        assert outcomes[servers[1].name, host, 4] is Outcome.FAILED
    assert len(silent.asked) == 1
    silent.close()


def test_the_name_servers_of_a_pod_are_read():
    text = "search a.svc\nnameserver 10.96.0.10\n nameserver  fd00::a \nnameserver\nnameserver x\n"
    assert [str(it) for it in name_servers_in(text)] == ["10.96.0.10", "fd00::a"]
