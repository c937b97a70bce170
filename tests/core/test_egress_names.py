"""What is a domain, and what a wildcard stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.egress import Depth, Domain, host_name

CANONICAL = {
    "a name as it is": ("api.thegrid.ai", "api.thegrid.ai"),
    "capital letters": ("API.TheGrid.AI", "api.thegrid.ai"),
    "the dot of the root": ("api.thegrid.ai.", "api.thegrid.ai"),
    "an encoded label": ("xn--bcher-kva.example.com", "xn--bcher-kva.example.com"),
    "hyphens where an encoded label has them": ("r3---sn-abc.example.com",) * 2,
    "a label of digits": ("127.example.com", "127.example.com"),
    "the longest label": ("a" * 63 + ".com", "a" * 63 + ".com"),
}

REFUSED = {
    "nothing": "",
    "one label": "localhost",
    "the root": ".",
    "an empty label": "api..thegrid.ai",
    "two dots at the end": "api.thegrid.ai..",
    "a label that begins with a hyphen": "-api.thegrid.ai",
    "a label that ends with a hyphen": "api-.thegrid.ai",
    "an underscore": "my_host.thegrid.ai",
    "a label of 64": "a" * 64 + ".com",
    "a name of 255": ".".join(["a" * 63] * 4),
    "an address": "10.0.0.1",
    "an address with the dot of the root": "10.0.0.1.",
    "an IPv6 address": "2606:4700::1111",
    "half an address": "10.1",
    "a last label in hexadecimal": "10.0.0.0x1",
    "a letter of another script": "bücher.example.com",
    "a sign that lower case makes a letter": "\N{KELVIN SIGN}elvin.example.com",
    "a dot of another script": "api\N{IDEOGRAPHIC FULL STOP}thegrid.ai",
    "an encoded label of nothing": "xn--.example.com",
    "an encoded label of plain letters": "xn--abc-.example.com",
    "an encoded label that cannot be decoded": "xn--99999999.example.com",
    "a port": "api.thegrid.ai:443",
    "an address of the web": "https://api.thegrid.ai",
    "a space": "api.thegrid.ai ",
    "a line break": "api.thegrid.ai\n",
    "a star in the middle": "api.*.thegrid.ai",
    "a star as part of a label": "api*.thegrid.ai",
    "a star alone": "*",
    "a star over a whole top level": "*.ai",
    "any depth over a whole top level": "**.ai",
    "three stars": "***.thegrid.ai",
    "two wildcards": "*.*.thegrid.ai",
}

COVERED = {
    "an exact name stands for itself": ("example.com", "example.com", True),
    "an exact name stands for nothing beneath it": ("example.com", "a.example.com", False),
    "one label stands for one label": ("*.example.com", "a.example.com", True),
    "one label does not stand for two": ("*.example.com", "a.b.example.com", False),
    "one label does not stand for the name itself": ("*.example.com", "example.com", False),
    "one label ends at a dot": ("*.example.com", "aexample.com", False),
    "any depth stands for one label": ("**.example.com", "a.example.com", True),
    "any depth stands for three": ("**.example.com", "a.b.c.example.com", True),
    "any depth does not stand for the name itself": ("**.example.com", "example.com", False),
    "any depth ends at a dot": ("**.example.com", "a.notexample.com", False),
}


@pytest.mark.parametrize("sentence", CANONICAL)
def test_a_name_has_one_form(sentence):
    text, expected = CANONICAL[sentence]
    assert host_name(text) == expected
    assert Domain.parse(text) == Domain(expected)


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_domain_is_refused_and_the_message_quotes_it(sentence):
    text = REFUSED[sentence]
    with pytest.raises(ValueError, match=r".") as refusal:
        Domain.parse(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("sentence", COVERED)
def test_what_a_domain_stands_for(sentence):
    pattern, host, expected = COVERED[sentence]
    assert Domain.parse(pattern).covers(host) is expected


def test_a_domain_is_canonical_however_it_is_made():
    with pytest.raises(ValueError, match="canonical"):
        Domain("API.thegrid.ai")


LABELS = st.from_regex(r"[a-z]([a-z0-9]{0,5}[a-z])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=2, max_size=4).map(".".join)


@given(name=NAMES, depth=st.sampled_from(Depth))
def test_a_domain_reads_back_as_it_is_written(name, depth):
    domain = Domain(name, depth)
    assert Domain.parse(str(domain)) == domain


@given(st.text(max_size=80))
def test_any_text_is_a_domain_or_is_refused(text):
    try:
        domain = Domain.parse(text)
    except ValueError:
        return
    assert Domain.parse(str(domain)) == domain
    assert str(domain).isascii()
