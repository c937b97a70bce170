"""Where the market is, and which addresses are refused."""

import pytest

from thegrid.client import Endpoints, Misuse
from thegrid.client.endpoints import is_loopback, platform_origin

PLANTED = "planted-4f9c2a"

ORIGINS = [
    ("https://trading.api.thegrid.ai/v1", "https://platform.api.thegrid.ai"),
    ("https://trading.api.thegrid.ai/v1/", "https://platform.api.thegrid.ai"),
    ("https://trading.api.dev.thegrid.ai/v1", "https://platform.api.dev.thegrid.ai"),
    ("https://trading.api.staging.thegrid.ai/v1", "https://platform.api.staging.thegrid.ai"),
    ("http://127.0.0.1:4040/v1", "http://127.0.0.1:4020"),
    ("https://example.internal/v1", "https://example.internal"),
    ("https://platform.api.thegrid.ai/v1", "https://platform.api.thegrid.ai"),
]


@pytest.mark.parametrize(("trading", "platform"), ORIGINS)
def test_the_platform_is_derived_from_the_trading_address(trading, platform):
    assert platform_origin(trading) == platform


def test_the_defaults_are_production():
    endpoints = Endpoints()
    assert endpoints.platform == "https://platform.api.thegrid.ai"
    assert endpoints.platform_prefix == "/api/v1"
    assert endpoints.trading == "https://trading.api.thegrid.ai/v1"
    assert endpoints.consumption == "https://api.thegrid.ai/v1"
    assert endpoints.messages == "https://messages-beta.api.thegrid.ai/v1"
    assert not endpoints.all_loopback


def test_slashes_at_the_end_are_dropped():
    endpoints = Endpoints(trading="https://example.internal/v1/", platform_prefix="/v1/")
    assert endpoints.trading == "https://example.internal/v1"
    assert endpoints.platform_prefix == "/v1"


LOOPBACK = {
    "http://localhost:4020": True,
    "http://127.0.0.1:4020": True,
    "http://127.9.9.9": True,
    "http://[::1]:4020": True,
    "http://localhost.example": False,
    "http://10.0.0.1": False,
    "http://127.0.0.1.example": False,
    "http://thegrid.ai": False,
}


@pytest.mark.parametrize("url", LOOPBACK)
def test_loopback(url):
    assert is_loopback(url) == LOOPBACK[url]


def test_a_market_is_on_this_machine_only_if_all_of_it_is():
    here = "http://127.0.0.1:1/v1"
    assert Endpoints(here, here, here, here).all_loopback
    assert not Endpoints(here, here, here).all_loopback


REFUSED = {
    "no address at all": ("here", "is not an https address"),
    "another scheme": ("ftp://example.internal", "is not an https address"),
    "no host": ("https:///v1", "is not an https address"),
    "plain http to another machine": ("http://example.internal", "must use https"),
    "a user and a password": (f"https://user:{PLANTED}@example.internal", "no user, password"),
    "a password in another scheme": (f"ftp://user:{PLANTED}@example.internal", "no user, password"),
    "a query": (f"https://example.internal?token={PLANTED}", "no user, password, query"),
    "a fragment": (f"https://example.internal#{PLANTED}", "no user, password, query or fragment"),
    "a port that is no number": (f"https://example.internal:{PLANTED}", "malformed"),
    "a port out of range": ("https://example.internal:99999", "malformed"),
    "half an IPv6 address": (f"https://[::{PLANTED}", "malformed"),
}


@pytest.mark.parametrize("field", ["platform", "trading", "consumption", "messages"])
@pytest.mark.parametrize("sentence", REFUSED)
def test_refuses_naming_the_field(sentence, field):
    url, allowed = REFUSED[sentence]
    with pytest.raises(Misuse, match=f"^{field}: .*{allowed}") as caught:
        Endpoints(**{field: url})
    assert PLANTED not in repr(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/v1", "/a-b/c.d_e~f/"])
def test_a_prefix_is_a_path(prefix):
    assert Endpoints(platform_prefix=prefix).platform_prefix == prefix.rstrip("/")


@pytest.mark.parametrize(
    "prefix", ["api/v1", ".example", "@example.internal", "//a", "/a?b", "/a b"]
)
def test_a_prefix_that_leads_elsewhere_is_refused(prefix):
    with pytest.raises(Misuse, match=r"^platform_prefix: "):
        Endpoints(platform_prefix=prefix)
