"""What people are told of domains that were not known before."""

from datetime import UTC, datetime

import pytest

from thegrid.core.egress import (
    Domain,
    Found,
    Memory,
    NewDomains,
    WantedEgress,
    discover,
    plan_egress,
)
from thegrid_operator.egress.discovery import news

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOLD, ALLOW = WantedEgress(), WantedEgress(new_domains=NewDomains.ALLOW)
LISTED = WantedEgress(domains=(Domain("new.example.net"),))


def feed(*names):
    return Found(tuple(map(Domain, names)), ())


def probed(*hosts):
    return Found((), hosts)


ONE = Domain("a.example.com")
TOLD = {
    "a host that is held": (
        HOLD,
        probed("new.example.net"),
        [],
        ["DomainHeld: a redirect leads to new.example.net: list it under spec.domains to allow it"],
    ),
    "a host under a trusted suffix": (
        HOLD,
        probed("new.thegrid.ai"),
        [],
        ["NewDomainFound: a redirect leads to new.thegrid.ai: allowed"],
    ),
    "a host where all are allowed": (
        ALLOW,
        probed("new.example.net"),
        [],
        ["NewDomainFound: a redirect leads to new.example.net: allowed"],
    ),
    "a host that is known": (HOLD, probed("new.example.net"), ["new.example.net"], []),
    "a host that is listed": (LISTED, probed("new.example.net"), [], []),
    "hosts of a feed": (
        HOLD,
        feed("b.example.com", "a.example.com"),
        ["c.example.com"],
        ["NewDomainFound: the ConfigMap names a.example.com, b.example.com: allowed"],
    ),
    "many hosts of a feed": (
        HOLD,
        feed(*(f"{it}.example.com" for it in "abcdefgh")),
        [],
        [
            "NewDomainFound: the ConfigMap names a.example.com, b.example.com, c.example.com, "
            "d.example.com, e.example.com and 3 more: allowed"
        ],
    ),
    "a host of both": (
        HOLD,
        Found((ONE,), ("a.example.com",)),
        [],
        ["NewDomainFound: the ConfigMap names a.example.com: allowed"],
    ),
    "sources that are silent": (HOLD, Found(None, None), [], []),
}


@pytest.mark.parametrize("sentence", TOLD)
def test_of(sentence):
    wanted, found, known, expected = TOLD[sentence]
    memory = discover(wanted, Memory(), found, NOW)
    plan = plan_egress(wanted, memory, (), NOW)
    status = {"domains": [{"name": it} for it in known]}
    told = list(news(status, wanted, plan))
    assert [f"{it.reason}: {it.note}" for it in told] == expected
    assert all((it.kind == "Warning") is (it.reason == "DomainHeld") for it in told)
