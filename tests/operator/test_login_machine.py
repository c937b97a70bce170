"""Logins in a world of faults: no token is spent twice knowingly, and what works is never given up.

The operator is played from the pure rules alone. A market keeps logins as production does: a
refresh uses up its token, and one that comes again ends the whole login (RFC 9700, 4.14.2).
"""

from __future__ import annotations

import copy
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import (
    Bootstrap,
    LoginNeeded,
    Prove,
    Refresh,
    Stored,
    Take,
    Use,
    Whose,
    next_step,
    read_login,
    write_login,
)
from thegrid_operator.resources import Meta

ACCOUNT = Meta("shop", "team", "uid-1", 1, deleted=False, finalizers=())
LIFETIME = timedelta(hours=1)
OWNERS = ("ours", "another's")


class Died(Exception):
    """The process ended between an answer and its storing."""


@dataclass
class Login:
    """One login at the market: whose it is, and the tokens of it that are good."""

    owner: str
    access: set[str] = field(default_factory=set)
    refresh: str = ""
    ended: bool = False


class Market:
    """Issues and takes tokens."""

    def __init__(self):
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.logins: list[Login] = []
        self._of: dict[str, Login] = {}
        self.spent: set[str] = set()
        self.expiries: dict[str, datetime] = {}

    def log_in(self, owner):
        login = Login(owner)
        self.logins.append(login)
        return self._issue(login)

    def _issue(self, login):
        number = len(self._of)
        access, login.refresh = f"access-{number}", f"refresh-{number}"
        login.access.add(access)
        self._of |= {access: login, login.refresh: login}
        self.expiries[access] = self.now + LIFETIME
        return TokenPair(Secret(access), Secret(login.refresh), self.now + LIFETIME, ())

    def refresh(self, token):
        """Trade a token for a pair, or return None where it is of no use."""
        login = self._of.get(token)
        if login is None or login.ended:
            return None
        if login.refresh != token:
            login.ended = True
            return None
        self.spent.add(token)
        return self._issue(login)

    def owner_of(self, access):
        """Say whose a token is, or return None where it is not accepted."""
        login = self._of.get(access)
        if login is None or login.ended or self.now >= self.expiries[access]:
            return None
        return login.owner

    def can_refresh(self, token):
        login = self._of.get(token)
        return login is not None and not login.ended and login.refresh == token


class Logins(RuleBasedStateMachine):
    """What may happen to an account's logins, in any order."""

    @initialize(owner=st.sampled_from(OWNERS))
    def begin(self, owner):
        self.market = Market()
        self.given: list[dict[str, str]] = []
        self.secret = None
        self.bootstrap = None
        self.lost_answers: set[str] = set()
        """Tokens that were spent while nobody heard the answer."""
        self.pinned = ""
        self._answers_left = None
        self.tried: set[str] = set()
        self._give(self.market.log_in(owner), access=False)

    def _give(self, tokens, *, access):
        entry = "accessToken" if access else "refreshToken"
        token = tokens.access if access else tokens.refresh
        self.bootstrap = {entry: token.reveal()}
        self.given.append(self.bootstrap)

    # What people do

    @rule(owner=st.sampled_from(OWNERS), access=st.booleans())
    def somebody_gives_a_new_login(self, owner, access):
        self._give(self.market.log_in(owner), access=access)

    @rule(index=st.integers(min_value=0))
    def an_earlier_one_is_applied_again(self, index):
        self.bootstrap = self.given[index % len(self.given)]

    @rule(content=st.sampled_from([None, {}, {"refreshToken": "rubbish"}]))
    def the_login_secret_is_spoilt(self, content):
        self.bootstrap = content

    @rule()
    def the_owner_logs_out_everywhere(self):
        for login in self.market.logins:
            login.ended = True

    @rule(minutes=st.sampled_from([1, 20, 55, 300]))
    def time_passes(self, minutes):
        self.market.now += timedelta(minutes=minutes)

    # What the operator does

    @rule(dies_at=st.sampled_from([None, None, 1, 2, 3]))
    def look(self, dies_at):
        """Look until nothing is left to do; perhaps the process ends after an answer."""
        self._answers_left = dies_at
        with suppress(Died):
            self._look()

    def _look(self):
        rejected: set[str] = set()
        for _ in range(12):
            stored = read_login(self.secret) if self.secret else Stored()
            access = stored.tokens.access.reveal() if stored.tokens else ""
            step = next_step(
                Bootstrap.of(self.bootstrap) if self.bootstrap is not None else None,
                stored,
                rejected=access in rejected,
                now=self.market.now,
            )
            if isinstance(step, Use) and self.market.owner_of(access) is None:
                rejected.add(access)
            elif isinstance(step, Use | LoginNeeded):
                return step
            else:
                self._do(step, stored)
        raise AssertionError(f"a look does not come to its end: {step}")

    def _do(self, step, stored):
        origin = Bootstrap.of(self.bootstrap).fingerprint if self.bootstrap is not None else ""
        if isinstance(step, Take):
            return self._store(stored.taken(step.bootstrap, self.market.now))
        if isinstance(step, Prove):
            owner = self.market.owner_of(step.candidate.tokens.access.reveal())
            return self._store(self._proven(stored, owner))
        assert isinstance(step, Refresh)
        tokens = self._refresh(step.token.reveal())
        if step.whose is Whose.OURS:
            return self._store(stored.refreshed(tokens) if tokens else stored.given_up(step.token))
        if step.whose is Whose.CANDIDATE:
            origin = stored.candidate.origin
        if tokens is None:
            return self._store(stored.refused(origin, "LoginLost", "spent"))
        if step.whose is Whose.CANDIDATE:
            return self._store(stored.candidate_refreshed(tokens))
        return self._store(stored.given(tokens, origin))

    def _proven(self, stored, owner):
        origin = stored.candidate.origin
        if owner is None:
            return stored.refused(origin, "LoginRejected", "not accepted")
        if stored.account_id and stored.account_id != owner:
            return stored.refused(origin, "WrongAccount", "of another")
        return stored.proven(owner)

    def _refresh(self, token):
        assert token not in self.tried or token in self.lost_answers, f"{token} is spent again"
        self.tried.add(token)
        answer = self.market.refresh(token)
        if self._answers_left is not None:
            self._answers_left -= 1
            if self._answers_left == 0:
                self.lost_answers.add(token)
                raise Died
        return answer

    def _store(self, stored):
        before = read_login(self.secret) if self.secret else Stored()
        if before.tokens and before.tokens.refresh:
            was = before.tokens.refresh.reveal()
            replaced = stored.tokens != before.tokens
            accepted = stored.tokens and self.market.owner_of(stored.tokens.access.reveal())
            assert not (replaced and self.market.can_refresh(was)) or accepted == before.account_id
        self.secret = write_login(ACCOUNT, stored)
        self.pinned = self.pinned or stored.account_id

    # What is always true

    @invariant()
    def the_account_stays_pinned(self):
        if self.secret:
            assert read_login(self.secret).account_id == self.pinned

    @invariant()
    def what_is_used_works_and_is_of_the_pinned_account(self):
        with self._trial():
            outcome = self._look()
            if isinstance(outcome, Use):
                assert self.market.owner_of(outcome.tokens.access.reveal()) == self.pinned

    @invariant()
    def a_login_that_can_be_refreshed_is_never_given_up(self):
        stored = read_login(self.secret) if self.secret else Stored()
        tokens = stored.tokens
        if tokens and tokens.refresh and self.market.can_refresh(tokens.refresh.reveal()):
            with self._trial():
                assert isinstance(self._look(), Use)

    @contextmanager
    def _trial(self):
        """See what a look would come to, and leave everything as it was."""
        names = ("market", "secret", "lost_answers", "tried", "pinned", "_answers_left")
        before = {name: copy.deepcopy(getattr(self, name)) for name in names}
        self._answers_left = None
        yield
        vars(self).update(before)


Logins.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
test_logins = Logins.TestCase
