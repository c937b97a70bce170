"""What a feed and a redirect may name."""

import pytest

from thegrid.core.egress import Domain, is_trusted, read_feed, read_location

HOSTS = {
    "a gateway": ("https://synapse.thegrid.ai/v1/chat?token=t", ("synapse.thegrid.ai", 443)),
    "a port": ("https://a.example.com:8443/x", ("a.example.com", 8443)),
    "capital letters": ("HTTPS://A.Example.COM/", ("a.example.com", 443)),
    "an at sign in the query": ("https://a.example.com/?x=@b.example.com", ("a.example.com", 443)),
}

SUSPICIOUS = {
    "no encryption": "http://a.example.com/?token=hush",
    "no scheme": "//a.example.com/?token=hush",
    "a path alone": "/v1/chat?token=hush",
    "an address": "https://10.0.0.1/?token=hush",
    "an IPv6 address": "https://[::1]/?token=hush",
    "a bracket left open": "https://[::1/?token=hush",
    "a port that is none": "https://a.example.com:99999/?token=hush",
    "a user name that looks like the host": "https://a.example.com@b.example.com/?token=hush",
    "one label": "https://localhost/?token=hush",
    "another script": "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}.example.com/?token=hush",
    "nothing": "",
}

TRUST = {
    "the suffix itself": ("thegrid.ai", True),
    "a host beneath it": ("a.b.thegrid.ai", True),
    "a host that only ends alike": ("eviltthegrid.ai", False),
    "a host with the suffix in its middle": ("thegrid.ai.example.com", False),
}


@pytest.mark.parametrize("sentence", HOSTS)
def test_a_redirect_names_a_host_and_a_port(sentence):
    location, expected = HOSTS[sentence]
    assert read_location(location) == expected


@pytest.mark.parametrize("sentence", SUSPICIOUS)
def test_a_suspicious_redirect_is_refused_without_its_token(sentence):
    with pytest.raises(ValueError, match=r".") as refusal:
        read_location(SUSPICIOUS[sentence])
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("sentence", TRUST)
def test_trust_ends_at_a_dot(sentence):
    host, expected = TRUST[sentence]
    assert is_trusted(host, ["thegrid.ai"]) is expected


def test_a_feed_is_one_domain_a_line_and_tells_which_line_is_none():
    text = "# ours\nb.example.com\n\n  *.A.example.com  # theirs\nb.example.com\nnot a name\n"
    domains, problems = read_feed(text)
    assert domains == (Domain.parse("*.a.example.com"), Domain("b.example.com"))
    assert len(problems) == 1
    assert problems[0].startswith("line 6: ")
