"""Finding a login that works: whatever is spent for one is stored before it is used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from thegrid.client import GridError, Refused
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret
from thegrid_operator.login import (
    DEVICE,
    Bootstrap,
    LoginNeeded,
    Prove,
    Refresh,
    Step,
    Stored,
    Take,
    Use,
    Whose,
    next_step,
)
from thegrid_operator.logs import log
from thegrid_operator.reconcilers.grid_account.device import DeviceLogins, PersonNeeded, Polls
from thegrid_operator.reconcilers.grid_account.proof import Verdict, prove
from thegrid_operator.reconcilers.grid_account.tools import Subject, Tools, how_to_log_in
from thegrid_operator.reconcilers.grid_account.unstored import Unstored
from thegrid_operator.status import Stalled

LOOK_AT_LEAST_EVERY = timedelta(minutes=5)
LOOK_AFTER_TROUBLE = timedelta(minutes=1)
MOST_STEPS = 10
GRACE = timedelta(seconds=10)
SPENT = "invalid_grant"
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that works, as far as it is known.

    Attributes:
        stored: All that we keep.
        tokens: What to use.
        look_again_at: When to look at it again.
        bootstrap: The user's login, or None.
    """

    stored: Stored
    tokens: TokenPair
    look_again_at: datetime
    bootstrap: Bootstrap | None

    @property
    def warning(self) -> tuple[str, str] | None:
        """Why what the user gave is not what is used, as a reason and a message."""
        told = self.stored.refusal
        if told and self.bootstrap and told.origin == self.bootstrap.fingerprint:
            return told.reason, told.message
        return None


class Renewal:
    """One look at an account's logins.

    Args:
        tools: What the reconciler works with.
        subject: The account.
        polls: When codes of device logins were polled.
        unstored: Logins that could not be stored yet.
    """

    def __init__(self, tools: Tools, subject: Subject, polls: Polls, unstored: Unstored) -> None:
        self._tools = tools
        self._name = subject.name
        self._item = subject.item
        self._account = subject.account
        self._clock = subject.clock
        self._store = tools.store(subject.account)
        self._device = DeviceLogins(tools, subject, self._store, polls, unstored)
        self._unstored = unstored
        self._obtained: set[Secret] = set()
        """The refresh tokens that came in this look: however short they live, they are used."""

    def log_in(self) -> LoggedIn:
        """Find tokens that work.

        Raises:
            Stalled: A person must log in, or one of the Secrets cannot be used.
            GridError: The market refused otherwise, or could not be asked.
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        bootstrap, stored = self._store.bootstrap(), self._store.read()
        stored = self._unstored.store_at_last(
            self._account.meta.uid, self._store, stored, self._tools.effects
        )
        for _ in range(MOST_STEPS):
            step = self._next(bootstrap, stored)
            if isinstance(step, LoginNeeded):
                stored = self._ask_person(step, stored)
                continue
            if not isinstance(step, Use):
                try:
                    stored = self._carry_out(step, bootstrap, stored)
                    continue
                except GridError as problem:
                    step = self._without(step, stored, problem)
            return LoggedIn(stored, step.tokens, step.look_again_at, bootstrap)
        raise Stalled("LoginUnsettled", "the login Secret changes all the time")

    def _ask_person(self, needed: LoginNeeded, stored: Stored) -> Stored:
        """Go on asking a person; who made the account a moment ago may be about to give a login.

        Raises:
            PersonNeeded: Nobody has approved yet.
        """
        if needed.reason == "LoginSecretMissing" and self._is_new() and not self._account.log_in:
            raise PersonNeeded(needed, how_to_log_in(self._account), None, GRACE)
        return self._device.go_on(needed, stored)

    def _is_new(self) -> bool:
        made = datetime.fromisoformat(self._item["metadata"]["creationTimestamp"])
        return self._tools.outside.clock().now() < made + GRACE

    def _next(self, bootstrap: Bootstrap | None, stored: Stored) -> Step:
        tokens, now = stored.tokens, self._now(stored)
        rejected = tokens is not None and self._tools.sessions.is_rejected(
            self._name, tokens.access
        )
        step = next_step(bootstrap, stored, rejected=rejected, now=now)
        if isinstance(step, Refresh) and step.token in self._obtained:
            if step.whose is Whose.OURS and tokens:
                return Use(tokens, now + (tokens.expires_at - now) / 2)
            if stored.candidate:
                return Prove(stored.candidate)
        return step

    def _now(self, stored: Stored) -> datetime:
        """Return the time; a clock that was set back must not let a login run out."""
        now, session = self._clock.now(), self._tools.sessions.get(self._name)
        in_use = session and stored.tokens and session.token == stored.tokens.access
        return max(now, session.time()) if session and in_use else now

    def _without(self, step: Step, stored: Stored, problem: GridError) -> Use:
        """Go on with the login that works while a new one cannot be asked about.

        Raises:
            GridError: None works.
        """
        ours = isinstance(step, Refresh) and step.whose is Whose.OURS
        own = self._next(None, replace(stored, candidate=None))
        if ours or not isinstance(own, Use):
            raise problem
        log("NewLoginWaits", str(problem), object=str(self._name))
        return Use(own.tokens, self._clock.now() + LOOK_AFTER_TROUBLE)

    def _carry_out(self, step: Step, bootstrap: Bootstrap | None, stored: Stored) -> Stored:
        if isinstance(step, Refresh):
            origin = bootstrap.fingerprint if bootstrap else ""
            return self._refresh(step, origin, stored)
        if isinstance(step, Take):
            now = self._clock.now()
            take = partial(Stored.taken, bootstrap=step.bootstrap, now=now)
            return self._store.change(stored, take, self._tools.effects)
        if isinstance(step, Prove):
            connect = partial(self._tools.outside.client, self._account.endpoints)
            pinned = stored.account_id or (self._item.get("status") or {}).get("accountId", "")
            verdict = prove(connect, step.candidate, pinned)
            if verdict.reason and step.candidate.origin == DEVICE:
                return self._turn_away(stored, verdict)
            stored = self._store.change(stored, verdict.change, self._tools.effects)
            self._tell_refusal(stored, step.candidate.origin)
            if verdict.account_id:
                note = f"a new login to account {verdict.account_id} is taken"
                self._tools.recorder.record(self._item, "LoggedIn", note, action="LogIn")
        return stored

    def _turn_away(self, stored: Stored, verdict: Verdict) -> Stored:
        """Refuse what a person approved with the wrong account, and go on asking."""
        now = self._clock.now()
        stored = self._store.change(stored, lambda it: it.turned_away(now), self._tools.effects)
        note = f"the device login that was approved is refused: {verdict.message}"
        self._tools.recorder.record(
            self._item, verdict.reason, note, action="Refuse", kind="Warning"
        )
        return stored

    def _refresh(self, step: Refresh, origin: str, stored: Stored) -> Stored:
        if stored == Stored():
            self._store.make_room()
        oauth = self._tools.outside.oauth(self._account.endpoints)
        try:
            tokens = self._tools.effects("account.refresh", lambda: oauth.refresh(step.token))
        except Refused as refusal:
            return self._refused(step, origin, stored, refusal)
        finally:
            oauth.close()
        if tokens.refresh:
            self._obtained.add(tokens.refresh)
        change = {
            Whose.OURS: lambda it: it.refreshed(tokens),
            Whose.CANDIDATE: lambda it: it.candidate_refreshed(tokens),
            Whose.GIVEN: lambda it: it.given(tokens, origin),
        }[step.whose]
        uid, finish = self._account.meta.uid, self._tools.effects.finish
        return self._unstored.store(uid, self._store, stored, change, finish)

    def _refused(self, step: Refresh, origin: str, stored: Stored, refusal: Refused) -> Stored:
        """Note that a refresh token is of no use.

        Raises:
            Refused: It may be of use later.
        """
        is_spent = refusal.code == SPENT
        if not is_spent and (step.whose is Whose.OURS or refusal.status != _BAD_REQUEST):
            raise refusal
        if step.whose is Whose.OURS:
            give_up = partial(Stored.given_up, token=step.token)
            return self._store.change(stored, give_up, self._tools.effects)
        if step.whose is Whose.CANDIDATE and stored.candidate:
            origin = stored.candidate.origin
        if origin == DEVICE:
            away = partial(Stored.turned_away, now=self._clock.now())
            return self._store.change(stored, away, self._tools.effects)
        message = "the refresh token was used up or revoked" if is_spent else str(refusal)
        refuse = partial(Stored.refused, origin=origin, reason="LoginLost", message=message)
        stored = self._store.change(stored, refuse, self._tools.effects)
        self._tell_refusal(stored, origin)
        return stored

    def _tell_refusal(self, stored: Stored, origin: str) -> None:
        """Say that a new login is not taken, where the status goes on to say that one works."""
        told = stored.refusal
        if told is None or told.origin != origin or told.reason == "WrongAccount":
            return
        if isinstance(self._next(None, replace(stored, candidate=None)), Use):
            note = f"the new login is not taken, and the one before is used on: {told.message}"
            self._tools.recorder.record(
                self._item, "LoginNotTaken", note, action="Refuse", kind="Warning"
            )
