"""What a status tells after a look: the same as long as nothing changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from tests.egress.requests import allowed

from thegrid.core.egress import (
    Answer,
    Domain,
    EgressPlan,
    Memory,
    Outcome,
    RefusedAddress,
)
from thegrid_operator.egress.outcome import conditions_of, last_good

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAN = EgressPlan(allowed("a.example.com"), (), (), (), Memory(), NOW + timedelta(minutes=5))
FAILED = Answer("a.example.com", "10.0.0.9", 4, Outcome.FAILED, problem="SERVFAIL")
REFUSED = tuple(
    RefusedAddress("a.example.com", ip_address(it), "private") for it in ("10.0.0.1", "10.0.0.2")
)

TOLD = {
    "all is well": (PLAN, (), {}),
    "a name server that fails": (PLAN, (FAILED,), {"Resolved": ("False", "LookupsFailed")}),
    "a host without an address": (
        replace(PLAN, unresolved=("a.example.com",)),
        (FAILED,),
        {"Resolved": ("False", "NoAddress")},
    ),
    "a host that waits": (
        replace(PLAN, held=(Domain("new.example.net"),)),
        (),
        {"NewDomainsHeld": ("True", "ApprovalNeeded")},
    ),
    "addresses of the inside": (
        replace(PLAN, refused=REFUSED),
        (),
        {"AddressesRefused": ("True", "SpecialNetwork")},
    ),
    "more addresses than data planes take": (
        replace(PLAN, allowed=allowed("a.example.com", addresses=[f"8.8.8.{n}" for n in range(9)])),
        (),
        {"ManyAddresses": ("True", "AboveLimit")},
    ),
}
CALM = {
    "ManyAddresses": ("False", "WithinLimit"),
    "Resolved": ("True", "Resolved"),
    "NewDomainsHeld": ("False", "NoneHeld"),
    "AddressesRefused": ("False", "NoneRefused"),
}


@pytest.mark.parametrize("sentence", TOLD)
def test_conditions_tell(sentence):
    plan, answers, expected = TOLD[sentence]
    told = conditions_of(plan, answers, address_limit=8)
    assert {kind: it[:2] for kind, it in told.items()} == CALM | expected


def test_addresses_that_turn_leave_the_condition_as_it_is():
    turns = [replace(PLAN, refused=(it,)) for it in REFUSED]
    first, second = (conditions_of(it, (), 8)["AddressesRefused"] for it in turns)
    assert first == second
    assert "10.0.0" not in first[2]


def test_while_nothing_can_be_written_it_is_told_what_is_enforced():
    objects = [{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "name": "x"}]
    assert last_good({}, "NoAddress")[:2] == ("False", "NoAddress")
    kept = last_good({"status": {"objects": objects}}, "NoAddress")
    assert kept[:2] == ("True", "LastGood")
    assert "NetworkPolicy x" in kept[2]
