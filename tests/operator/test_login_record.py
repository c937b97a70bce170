"""What our own Secret keeps of logins is read back as it was written, today's and the first one."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from tests.operator.test_login import BESIDE, EXPIRY, GIVEN, LOST, NOTHING, REFUSED, kept

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import Candidate, Stored, read_login, write_login
from thegrid_operator.manifests import change
from thegrid_operator.resources import Meta

ACCOUNT = Meta("shop", "team", "uid-1", 1, deleted=False, finalizers=())
FIRST_VERSION = {
    "metadata": {
        "name": "team-thegrid-tokens",
        "annotations": {
            "thegrid.ai/owner-uid": "uid-1",
            "thegrid.ai/login-hash": GIVEN.fingerprint,
            "thegrid.ai/account-id": "user-1",
            "thegrid.ai/expires-at": "2026-03-01T01:00:00+00:00",
            "thegrid.ai/scopes": "account:read keys:manage",
        },
    },
    "data": {
        "accessToken": base64.b64encode(b"access").decode(),
        "refreshToken": base64.b64encode(b"refresh").decode(),
    },
}
"""Frozen: it is never brought up to date."""

AS_MEANT = Stored(
    TokenPair(
        Secret("access"),
        Secret("refresh"),
        datetime(2026, 3, 1, 1, tzinfo=UTC),
        ("account:read", "keys:manage"),
    ),
    "user-1",
    seen=(GIVEN.fingerprint,),
)


@pytest.mark.parametrize(
    "stored", [NOTHING, kept(), BESIDE, REFUSED, LOST, BESIDE.proven("user-1")], ids=range(6)
)
def test_what_is_written_is_read_back(stored):
    assert read_login(write_login(ACCOUNT, stored)) == stored


def test_the_login_of_the_first_version_is_read_as_it_was_meant():
    assert read_login(FIRST_VERSION) == AS_MEANT


def test_tokens_of_which_nobody_has_asked_whose_they_are_count_as_new():
    unasked = json.loads(json.dumps(FIRST_VERSION))
    unasked["metadata"]["annotations"]["thegrid.ai/account-id"] = ""

    assert read_login(unasked) == Stored(
        seen=(GIVEN.fingerprint,), candidate=Candidate(AS_MEANT.tokens, GIVEN.fingerprint)
    )


def test_no_token_stands_outside_the_data():
    secret = write_login(ACCOUNT, REFUSED)
    del secret["data"]

    for token in ("new", "next"):
        assert f'"{token}"' not in json.dumps(secret)
        assert f"access of {token}" not in json.dumps(secret)


def test_a_proven_login_takes_the_place_and_leaves_nothing_beside_it():
    before = write_login(ACCOUNT, BESIDE)
    patch = change(before, write_login(ACCOUNT, BESIDE.proven("user-1")), whole=True)

    assert patch["data"]["candidateAccessToken"] is None
    assert patch["data"]["candidateRefreshToken"] is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"candidate": 1, "refusal": [], "seenBefore": 2}']
)
def test_a_record_that_was_edited_by_hand_says_nothing(text):
    secret = write_login(ACCOUNT, kept())
    secret["metadata"]["annotations"]["thegrid.ai/login-record"] = text

    assert read_login(secret) == kept()


@pytest.mark.parametrize("text", ["", "tomorrow", "0000-00-00", "9999-12-31T23:59:59-23:59"])
def test_an_expiry_that_was_edited_by_hand_is_long_past(text):
    secret = write_login(ACCOUNT, kept())
    secret["metadata"]["annotations"]["thegrid.ai/expires-at"] = text

    assert read_login(secret).tokens.expires_at < EXPIRY


def test_the_pair_keeps_its_scopes():
    stored = Stored(TokenPair(Secret("a"), None, EXPIRY, ("keys:manage",)), "user-1")

    assert read_login(write_login(ACCOUNT, stored)).tokens.scopes == ("keys:manage",)
