"""A key that could not be written down is kept in memory while it still is the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.identity import KeyTag, cluster_owner
from thegrid.core.model import ConsumptionKey, KeyListing
from thegrid.core.rotation import HeldKey, Record
from thegrid.core.secret import Secret
from thegrid_operator.manifests import Holding
from thegrid_operator.reconcilers.consumption_key.unstored import Unstored
from thegrid_operator.record import Requests

NOW = datetime(2030, 1, 1, tzinfo=UTC)
OWNER = cluster_owner("the-cluster", "apps", "app", "the-uid")
KEPT = Unstored(HeldKey("id-2", 2, NOW, None), Secret("the secret"), Requests("now"))
CURRENT = HeldKey("id-1", 1, NOW - timedelta(days=1), None)


def listed(number, key_id=None, **fields):
    name = KeyTag(OWNER, number).name("apps/app")
    return ConsumptionKey(key_id or f"id-{number}", name, **{"is_active": True, **fields})


AS_IT_WAS = (Record(current=CURRENT), [listed(1), listed(2)])
CASES = {
    "nothing has happened since": (*AS_IT_WAS, True),
    "it is the first key": (Record(), [listed(2)], True),
    "the listing does not show it yet": (Record(current=CURRENT), [listed(1)], True),
    "somebody has revoked it": (
        Record(current=CURRENT),
        [listed(1), listed(2, is_active=False)],
        False,
    ),
    "it has expired": (Record(current=CURRENT), [listed(1), listed(2, expires_at=NOW)], False),
    "another replica has stored another one": (
        Record(pending=HeldKey("id-3", 3, NOW, None), current=CURRENT),
        [listed(1), listed(2)],
        False,
    ),
    "another replica has made a twin": (
        Record(current=CURRENT),
        [listed(1), listed(2), listed(2, "a twin")],
        False,
    ),
    "a later one is in use": (
        Record(current=replace(CURRENT, id="id-3", number=3)),
        [listed(2), listed(3)],
        False,
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_it_is_stored_unless_the_world_went_on(sentence):
    record, keys, wanted = CASES[sentence]

    assert KEPT.is_wanted(OWNER, record, KeyListing(tuple(keys), NOW)) is wanted


def test_it_is_put_in_as_pending_with_what_it_handles():
    holding = KEPT.put_into(Holding(Record(current=CURRENT), {"id-1": Secret("older")}))

    assert holding.record == Record(pending=KEPT.key, current=CURRENT)
    assert holding.secrets["id-2"].reveal() == "the secret"
    assert holding.secrets["id-1"].reveal() == "older"
    assert holding.pending == Requests("now")
