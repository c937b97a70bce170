"""How a person is asked to log in, and how often: one sentence, one row."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.model import DeviceLogin, TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import (
    DEVICE,
    AskForCode,
    Asking,
    Poll,
    Rest,
    Stored,
    WaitForPerson,
    next_device_step,
    read_login,
    write_login,
)
from thegrid_operator.manifests import encode
from thegrid_operator.resources import Meta

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIFETIME = 15 * MINUTE
INTERVAL = timedelta(seconds=5)
CODE = DeviceLogin(
    device_code=Secret("device code"),
    user_code="BCDF-GHJK",
    verification_uri="https://app.thegrid.ai/device",
    verification_uri_complete="https://app.thegrid.ai/device?user_code=BCDF-GHJK",
    expires_at=NOW + LIFETIME,
    interval_seconds=5,
)
FIRST = Asking(CODE, 1, "")
SECOND = Asking(CODE, 2, "")
AT_ITS_END = NOW + LIFETIME
ACCOUNT = Meta("shop", "team", "uid-1", 1, deleted=False, finalizers=())

TABLE = {
    "nobody was asked yet": (None, "", NOW, AskForCode(1)),
    "a code is not polled before its interval has passed": (
        *(FIRST, "", NOW + INTERVAL / 2),
        WaitForPerson(CODE, NOW + INTERVAL),
    ),
    "it is polled then": (FIRST, "", NOW + INTERVAL, Poll(CODE)),
    "a market that wants fewer polls gets fewer": (
        *(FIRST.slower(5), "", NOW + INTERVAL),
        WaitForPerson(replace(CODE, interval_seconds=10), NOW + 2 * INTERVAL),
    ),
    "a first code that died is replaced at once, since somebody may be at it": (
        *(FIRST, "", AT_ITS_END),
        AskForCode(2),
    ),
    "a second one only after a pause": (SECOND, "", AT_ITS_END, Rest(AT_ITS_END + LIFETIME)),
    "which has an end": (SECOND, "", AT_ITS_END + LIFETIME, AskForCode(3)),
    "pauses grow to hours, and no further": (
        *(Asking(CODE, 1000, ""), "", AT_ITS_END),
        Rest(AT_ITS_END + 6 * HOUR),
    ),
    "who asks by the annotation gets a code at once, and the pauses begin anew": (
        *(Asking(CODE, 1000, "before"), "now", AT_ITS_END),
        AskForCode(1),
    ),
    "who has asked before waits like everybody": (
        *(Asking(CODE, 2, "now"), "now", AT_ITS_END),
        Rest(AT_ITS_END + LIFETIME),
    ),
    "who takes the annotation away asks for nothing": (
        *(Asking(CODE, 2, "now"), "", AT_ITS_END),
        Rest(AT_ITS_END + LIFETIME),
    ),
    "a person who refuses is not asked again at once": (
        *(FIRST.ended(NOW + MINUTE, refused=True), "", NOW + MINUTE),
        Rest(NOW + MINUTE + LIFETIME),
    ),
    "a code that was used up is replaced at once": (
        *(FIRST.ended(NOW + MINUTE), "", NOW + MINUTE),
        AskForCode(2),
    ),
}


@pytest.mark.parametrize("sentence", TABLE)
def test_asking(sentence):
    asking, request, now, expected = TABLE[sentence]

    assert next_device_step(asking, request, NOW, now) == expected


def test_an_idle_cluster_asks_for_a_handful_of_codes_a_day():
    asking, now, codes = None, NOW, 0
    while now < NOW + timedelta(days=30):
        step = next_device_step(asking, "", now, now)
        if isinstance(step, AskForCode):
            codes += 1
            login = replace(CODE, expires_at=now + LIFETIME)
            asking = Asking(login, step.codes, "")
        now = step.until if isinstance(step, Rest) else now + LIFETIME
    assert codes <= 4 * 30 + 6


def test_a_code_is_kept_as_it_was_and_its_secret_in_the_data_alone():
    stored = Stored().asked(replace(SECOND, request="please"))
    secret = write_login(ACCOUNT, stored)

    assert read_login(secret) == stored
    del secret["data"]
    assert "device code" not in json.dumps(secret)


@pytest.mark.parametrize("text", ["", "1", "{}", '{"deviceCode": "x"}', "é"])
def test_a_code_that_was_edited_by_hand_is_none(text):
    secret = write_login(ACCOUNT, Stored().asked(FIRST))
    secret["data"]["deviceLogin"] = encode(text)

    assert read_login(secret).asking is None


def test_an_approval_stands_beside_what_there_was_until_it_is_proven():
    pair = TokenPair(Secret("a"), Secret("r"), AT_ITS_END, ())
    lost = Stored(pair, "user-1", lost=True).asked(FIRST)
    approved = lost.approved(replace(pair, access=Secret("b")))

    assert approved.candidate.origin == DEVICE
    assert approved.tokens == pair
    assert approved.proven("user-1") == Stored(replace(pair, access=Secret("b")), "user-1")
    away = approved.turned_away(NOW)
    assert (away.candidate, away.tokens, away.asking.login.expires_at) == (None, pair, NOW)
