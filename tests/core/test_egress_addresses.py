"""Which addresses a name may bring into an allow list."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.egress import admitted_network, order, why_not

LET_IN = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "64:ff9b::8.8.8.8",
]

KEPT_OUT = [
    "0.0.0.0",  # noqa: S104 - an address among others
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # metadata of Alibaba Cloud
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",  # metadata of Oracle Cloud
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "1234::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fd00:ec2::254",  # metadata of Amazon
    "fd20:ce::254",  # metadata of Google
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", LET_IN)
def test_an_address_of_the_internet_is_let_in(text):
    assert why_not(ip_address(text)) is None


@pytest.mark.parametrize("text", KEPT_OUT)
def test_an_address_that_means_something_else_inside_is_kept_out(text):
    assert why_not(ip_address(text))


@pytest.mark.parametrize("text", KEPT_OUT)
def test_admitting_one_network_lets_in_nothing_else(text):
    admitted = admitted_network("10.20.0.0/16")
    assert why_not(ip_address(text), [admitted])
    assert why_not(ip_address("10.20.3.4"), [admitted]) is None
    assert why_not(ip_address("64:ff9b::10.20.3.4"), [admitted]) is None


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "::/0", "8.8.8.0/24", "2000::/3", "10.0.0.1/8", "10.0.0.0/7", "ten"]
)
def test_only_a_part_of_a_special_network_can_be_admitted(text):
    with pytest.raises(ValueError, match=r"."):
        admitted_network(text)


@given(st.ip_addresses(v=4))
def test_whatever_python_calls_special_is_kept_out(address):
    if not address.is_global or address.is_multicast:
        assert why_not(address)


@given(st.ip_addresses(v=6))
def test_whatever_python_calls_special_of_ipv6_is_kept_out(address):
    if not address.is_global and address not in ip_network("64:ff9b::/96"):
        assert why_not(address)


def test_addresses_have_one_order():
    texts = ["::2", "10.0.0.10", "9.0.0.1", "10.0.0.9"]
    ordered = sorted(map(ip_address, texts), key=order)
    assert [str(it) for it in ordered] == ["9.0.0.1", "10.0.0.9", "10.0.0.10", "::2"]
