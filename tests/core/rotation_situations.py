"""Situations of a key, short enough to stand in a table of sentences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from thegrid.core.identity import KeyTag, stack_owner
from thegrid.core.model import ConsumptionKey, TradingKey
from thegrid.core.rotation import (
    HeldKey,
    Mint,
    Record,
    RotationPolicy,
    Situation,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
OWNER = stack_owner("nonce", "web")
POLICY = RotationPolicy(14 * DAY, 2 * DAY)
WHEN_ASKED = RotationPolicy(None, 2 * DAY)
IMPATIENT = replace(POLICY, cut_overlap_short=True)


def listed(number, key_id=None, *, owner=OWNER, dead=False, born=None, expires_at=None):
    return ConsumptionKey(
        id=key_id or f"key-{number}",
        name=KeyTag(owner, number).name("web"),
        is_active=not dead,
        created_at=born or NOW - 5 * DAY,
        expires_at=expires_at or NOW + 20 * DAY,
    )


def registered(number, *, is_active=True):
    name = KeyTag(OWNER, number).name("web")
    return TradingKey(f"key-{number}", name, "Vkdap1Rj", is_active, NOW - 5 * DAY)


def held(number, age=5 * DAY, *, expires_at=NOW + 20 * DAY):
    return HeldKey(f"key-{number}", number, NOW - age, expires_at)


def situation(record=None, *keys, **facts):
    return Situation(
        **{"policy": POLICY, "owner": OWNER, "label": "web", "now": NOW}
        | {"keys": keys, "record": record or Record()}
        | facts
    )


def mint(number, trigger="", emergency=""):
    return Mint(f"web <{OWNER}#{number}>", number, NOW + 30 * DAY, trigger, emergency)


CURRENT = Record(current=held(7))
PENDING = Record(pending=held(8, age=MINUTE), current=held(7))
OVERLAPPING = Record(current=held(7, age=DAY), previous=held(6))
OVERLAPPED = Record(current=held(7, age=2 * DAY), previous=held(6))
DUE = Record(current=held(7, age=14 * DAY), anchor=NOW - 14 * DAY)
FAILED = [listed(n, dead=True, born=NOW - (10 - n) * 10 * MINUTE) for n in (7, 8, 9)]
