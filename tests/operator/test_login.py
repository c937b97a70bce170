"""Which login an account uses next: one sentence, one row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import (
    REFRESH_BEFORE_EXPIRY,
    Bootstrap,
    LoginNeeded,
    Prove,
    Refresh,
    Stored,
    Take,
    Use,
    Whose,
    next_step,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EXPIRY = NOW + timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)

GIVEN = Bootstrap.of({"refreshToken": "given"})
GIVEN_ANEW = Bootstrap.of({"refreshToken": "given anew"})
GIVEN_ACCESS = Bootstrap.of({"accessToken": "short-lived"})
GIVEN_BOTH = Bootstrap.of({"accessToken": "short-lived", "refreshToken": "given"})
EMPTY = Bootstrap.of({"password": "x"})
NOTHING = Stored()


def pair(name="next", *, expires_at=EXPIRY, refresh=True, access=None):
    access = Secret(f"access-of-{name}" if access is None else access)
    return TokenPair(access, Secret(name) if refresh else None, expires_at, ())


def kept(*origins, **of_pair):
    seen = tuple(origin.fingerprint for origin in origins or (GIVEN,))
    return Stored(pair(**of_pair), "user-1", seen=seen)


FRESH = Use(pair(), EXPIRY - REFRESH_BEFORE_EXPIRY)
OURS = Refresh(Secret("next"), Whose.OURS)
BESIDE = kept().given(pair("new"), GIVEN_ANEW.fingerprint)
REFUSED = BESIDE.refused(GIVEN_ANEW.fingerprint, "WrongAccount", "of another account")
LOST = kept().given_up(Secret("next"))

TABLE = {
    "no login at all: a person must log in": (None, NOTHING, False, "LoginSecretMissing"),
    "a login Secret without tokens: a person must log in": (
        *(EMPTY, NOTHING, False),
        "LoginSecretEmpty",
    ),
    "a first refresh token is spent": (
        *(GIVEN, NOTHING, False),
        Refresh(Secret("given"), Whose.GIVEN),
    ),
    "of two tokens the one that lasts is taken": (
        *(GIVEN_BOTH, NOTHING, False),
        Refresh(Secret("given"), Whose.GIVEN),
    ),
    "an access token alone is taken": (GIVEN_ACCESS, NOTHING, False, Take(GIVEN_ACCESS)),
    "tokens that are fresh are used until shortly before they expire": (
        *(GIVEN, kept(), False),
        FRESH,
    ),
    "the login Secret may be deleted once it was read": (None, kept(), False, FRESH),
    "a login Secret emptied by hand ends no login that works": (EMPTY, kept(), False, FRESH),
    "the spent login Secret applied again is not read again": (GIVEN, kept(), True, OURS),
    "nor is one from before the last": (GIVEN, kept(GIVEN, GIVEN_ANEW), False, FRESH),
    "tokens about to expire are refreshed early": (
        *(GIVEN, kept(expires_at=NOW + REFRESH_BEFORE_EXPIRY), False),
        OURS,
    ),
    "they are refreshed before anything new is tried": (
        *(GIVEN_ANEW, kept(expires_at=NOW + REFRESH_BEFORE_EXPIRY), False),
        OURS,
    ),
    "tokens that expired while nobody ran are refreshed all the same": (
        *(GIVEN, kept(expires_at=LONG_AGO), False),
        OURS,
    ),
    "a token that the market rejects is refreshed, whatever its expiry": (
        *(None, kept(), True),
        OURS,
    ),
    "what cannot be a token is as good as rejected, and refreshed": (
        *(None, kept(access="edited by hand"), False),
        OURS,
    ),
    "a token whose entry was deleted is refreshed": (None, kept(access=""), False, OURS),
    "what cannot be a token and cannot be refreshed needs a person": (
        *(GIVEN_ACCESS, kept(GIVEN_ACCESS, refresh=False, access="edited by hand"), False),
        "LoginExpired",
    ),
    "a new login whose access token was spoilt is refreshed before it is asked": (
        *(GIVEN, NOTHING.given(pair("new", access="edited by hand"), GIVEN.fingerprint), False),
        Refresh(Secret("new"), Whose.CANDIDATE),
    ),
    "another content of the login Secret is a new login": (
        *(GIVEN_ANEW, kept(), False),
        Refresh(Secret("given anew"), Whose.GIVEN),
    ),
    "a new login is asked whose it is": (GIVEN_ANEW, BESIDE, False, Prove(BESIDE.candidate)),
    "a new login that has aged before it could be asked is refreshed": (
        *(GIVEN, NOTHING.given(pair("new", expires_at=NOW), GIVEN.fingerprint), False),
        Refresh(Secret("new"), Whose.CANDIDATE),
    ),
    "a new login that was refused is not asked again, and the one before is used": (
        *(GIVEN_ANEW, REFUSED, False),
        FRESH,
    ),
    "when the one before is lost too, the refusal is what a person must know": (
        *(GIVEN_ANEW, replace(REFUSED, lost=True), False),
        "WrongAccount",
    ),
    "a refresh token that the market refused is not spent again": (
        *(GIVEN, LOST, False),
        "LoginLost",
    ),
    "a lost login is replaced by what is given anew": (
        *(GIVEN_ANEW, LOST, False),
        Refresh(Secret("given anew"), Whose.GIVEN),
    ),
    "an access token alone is used until the market rejects it, whatever the clock says": (
        *(GIVEN_ACCESS, kept(GIVEN_ACCESS, refresh=False, expires_at=LONG_AGO), False),
        Use(pair(refresh=False, expires_at=LONG_AGO), NOW + REFRESH_BEFORE_EXPIRY),
    ),
    "an access token alone that the market rejects needs a person": (
        *(GIVEN_ACCESS, kept(GIVEN_ACCESS, refresh=False), True),
        "LoginExpired",
    ),
    "a first login that was used up before needs a person": (
        *(GIVEN, NOTHING.refused(GIVEN.fingerprint, "LoginLost", "used up"), False),
        "LoginLost",
    ),
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


def test_a_new_login_overwrites_nothing_before_it_is_proven():
    assert BESIDE.tokens == pair()
    assert BESIDE.candidate.tokens == pair("new")

    proven = BESIDE.proven("user-1")
    assert (proven.tokens, proven.candidate) == (pair("new"), None)


def test_a_login_that_was_refused_stays_for_whoever_gave_it_by_mistake():
    assert REFUSED.tokens == pair()
    assert REFUSED.candidate.tokens == pair("new")


def test_a_loss_that_is_noticed_late_does_not_condemn_the_login_that_came_meanwhile():
    assert not kept().refreshed(pair("later")).given_up(Secret("next")).lost


def test_a_refresh_that_comes_late_mends_a_login_that_was_given_up():
    assert not LOST.refreshed(pair("later")).lost


def test_a_given_access_token_cannot_be_refreshed():
    stored = kept().taken(GIVEN_ACCESS, NOW)

    assert stored.candidate.tokens.access == Secret("short-lived")
    assert stored.candidate.tokens.refresh is None
    assert stored.account_id == "user-1"


def test_contents_seen_long_ago_are_forgotten():
    stored = kept()
    for number in range(30):
        stored = stored.refused(str(number), "LoginLost", "used up")

    assert stored.seen == tuple(str(number) for number in range(20, 30))


def test_white_space_around_a_token_is_no_other_content():
    assert Bootstrap.of({"refreshToken": "given\n"}) == GIVEN


def test_fingerprints_tell_contents_apart_and_give_nothing_away():
    contents = [GIVEN, GIVEN_ANEW, GIVEN_ACCESS, GIVEN_BOTH, EMPTY]

    assert len({each.fingerprint for each in contents}) == len(contents)
    assert "given" not in repr(GIVEN_BOTH)
