"""Which login an account uses next: one sentence, one row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import (
    REFRESH_BEFORE_EXPIRY,
    Bootstrap,
    LoginNeeded,
    Refresh,
    Stored,
    Take,
    Use,
    next_step,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EXPIRY = NOW + timedelta(hours=1)

GIVEN = Bootstrap.of({"refreshToken": "given"})
GIVEN_ANEW = Bootstrap.of({"refreshToken": "given anew"})
GIVEN_ACCESS = Bootstrap.of({"accessToken": "short-lived"})
GIVEN_BOTH = Bootstrap.of({"accessToken": "short-lived", "refreshToken": "given"})
EMPTY = Bootstrap.of({"password": "x"})


def kept(origin=GIVEN, *, refresh="next", expires_at=EXPIRY):
    pair = TokenPair(Secret("access"), Secret(refresh) if refresh else None, expires_at, ())
    return Stored(pair, origin.fingerprint, "user-1")


TABLE = {
    "no login at all: a person must log in": (None, None, False, "LoginSecretMissing"),
    "a login Secret without tokens: a person must log in": (EMPTY, None, False, "LoginSecretEmpty"),
    "a first refresh token is spent, and nothing is pinned yet": (
        *(GIVEN, None, False),
        Refresh(Secret("given"), GIVEN.fingerprint, ""),
    ),
    "of two tokens the one that lasts is taken": (
        *(GIVEN_BOTH, None, False),
        Refresh(Secret("given"), GIVEN_BOTH.fingerprint, ""),
    ),
    "tokens that are fresh are used until shortly before they expire": (
        *(GIVEN, kept(), False),
        Use(kept(), EXPIRY - REFRESH_BEFORE_EXPIRY),
    ),
    "the login Secret may be deleted once it was read": (
        *(None, kept(), False),
        Use(kept(), EXPIRY - REFRESH_BEFORE_EXPIRY),
    ),
    "the spent login Secret applied again is not read again": (
        *(GIVEN, kept(), True),
        Refresh(Secret("next"), GIVEN.fingerprint, "user-1"),
    ),
    "tokens about to expire are refreshed early": (
        *(GIVEN, kept(expires_at=NOW + REFRESH_BEFORE_EXPIRY), False),
        Refresh(Secret("next"), GIVEN.fingerprint, "user-1"),
    ),
    "tokens that expired while nobody ran are refreshed all the same": (
        *(GIVEN, kept(expires_at=NOW - timedelta(days=30)), False),
        Refresh(Secret("next"), GIVEN.fingerprint, "user-1"),
    ),
    "a token that the market rejects is refreshed, whatever its expiry": (
        *(None, kept(), True),
        Refresh(Secret("next"), GIVEN.fingerprint, "user-1"),
    ),
    "another content of the login Secret is a new login to the same account": (
        *(GIVEN_ANEW, kept(), False),
        Refresh(Secret("given anew"), GIVEN_ANEW.fingerprint, "user-1"),
    ),
    "an access token alone is used until the market rejects it, whatever the clock says": (
        *(GIVEN_ACCESS, kept(GIVEN_ACCESS, refresh=None, expires_at=NOW - timedelta(days=1))),
        False,
        Use(
            kept(GIVEN_ACCESS, refresh=None, expires_at=NOW - timedelta(days=1)),
            NOW + REFRESH_BEFORE_EXPIRY,
        ),
    ),
    "an access token alone that the market rejects needs a person": (
        *(GIVEN_ACCESS, kept(GIVEN_ACCESS, refresh=None), True),
        "LoginExpired",
    ),
    "a login Secret emptied by hand needs a person": (EMPTY, kept(), False, "LoginSecretEmpty"),
}


@pytest.mark.parametrize("sentence", TABLE)
def test_login(sentence):
    bootstrap, stored, rejected, expected = TABLE[sentence]

    step = next_step(bootstrap, stored, rejected=rejected, now=NOW)

    if isinstance(expected, str):
        assert isinstance(step, LoginNeeded)
        assert step.reason == expected
    else:
        assert step == expected


def test_a_given_access_token_is_kept_with_the_account_that_was_pinned():
    step = next_step(GIVEN_ACCESS, kept(), rejected=False, now=NOW)

    assert isinstance(step, Take)
    assert step.login.tokens.access == Secret("short-lived")
    assert step.login.tokens.refresh is None
    assert (step.login.origin, step.login.account_id) == (GIVEN_ACCESS.fingerprint, "user-1")


def test_white_space_around_a_token_is_no_other_content():
    assert Bootstrap.of({"refreshToken": "given\n"}) == GIVEN


def test_fingerprints_tell_contents_apart_and_give_nothing_away():
    contents = [GIVEN, GIVEN_ANEW, GIVEN_ACCESS, GIVEN_BOTH, EMPTY]

    assert len({each.fingerprint for each in contents}) == len(contents)
    assert "given" not in repr(GIVEN_BOTH)
