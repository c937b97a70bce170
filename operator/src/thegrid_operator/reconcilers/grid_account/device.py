"""Asking a person to log in, and going on by itself once one has approved (RFC 8628)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from thegrid.client import InDoubt, OAuth, RateLimited, Refused, Unreachable
from thegrid.client.oauth import SLOW_DOWN_SECONDS, Waiting
from thegrid.core.model import DeviceLogin, TokenPair
from thegrid_operator.kube import Json
from thegrid_operator.login import (
    SCOPES,
    AskForCode,
    Asking,
    LoginNeeded,
    Poll,
    Rest,
    Stored,
    WaitForPerson,
    next_device_step,
)
from thegrid_operator.logs import log
from thegrid_operator.reconcilers.grid_account.tokens import LoginStore
from thegrid_operator.reconcilers.grid_account.tools import Subject, Tools, how_to_log_in
from thegrid_operator.reconcilers.grid_account.unstored import Unstored
from thegrid_operator.reporting import LOOK_WHEN_STALLED, reason_in
from thegrid_operator.resources import LOG_IN_ANNOTATION
from thegrid_operator.status import Stalled, time_text

_REFUSED = "access_denied"
_SERVER_ERROR = 500
LOOK_WITHOUT_CODES = timedelta(minutes=5)
SOONEST_LOOK = timedelta(seconds=1)


class PersonNeeded(Stalled):
    """A person must log in.

    Args:
        needed: What is wrong.
        how: What to do.
        login: The code that waits for approval, or None.
        look_again_in: When to look again.
    """

    def __init__(
        self, needed: LoginNeeded, how: str, login: DeviceLogin | None, look_again_in: timedelta
    ) -> None:
        message = f"{needed.message}; {how}"
        facts = {"deviceLogin": _published(login), "tokenExpiresAt": None, "scopes": None}
        super().__init__(needed.reason, message, facts=facts)
        self.why = needed.message
        self.look_again_in = max(look_again_in, SOONEST_LOOK)


@dataclass(slots=True)
class Polls:
    """When each account's code was polled last. Losing it costs one interval."""

    at: dict[str, tuple[DeviceLogin, datetime]] = field(default_factory=dict)

    def last(self, uid: str, login: DeviceLogin, now: datetime) -> datetime:
        """Return when a code was polled last, or first seen by this process.

        A time in the future was told by a clock that was set back since; it is forgotten.
        """
        known, at = self.at.setdefault(uid, (login, now))
        if known.device_code != login.device_code or at > now:
            self.at[uid] = (login, now)
            return now
        return at


class DeviceLogins:
    """Asks for one account.

    Args:
        tools: What the reconciler works with.
        subject: The account.
        store: The account's logins.
        polls: When codes were polled.
        unstored: Logins that could not be stored yet.
    """

    def __init__(
        self, tools: Tools, subject: Subject, store: LoginStore, polls: Polls, unstored: Unstored
    ) -> None:
        self._tools = tools
        self._unstored = unstored
        self._name = subject.name
        self._item = subject.item
        self._account = subject.account
        self._clock = subject.clock
        self._store = store
        self._polls = polls

    def go_on(self, needed: LoginNeeded, stored: Stored) -> Stored:
        """Ask a person, or see whether one has approved.

        Args:
            needed: Why a person must log in.
            stored: What we keep of the account's logins.

        Returns:
            What we keep, with a new login in it.

        Raises:
            PersonNeeded: Nobody has approved yet.
            GridError: The market refused otherwise, or could not be asked.
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        uid, now = self._account.meta.uid, self._clock.now()
        asking = stored.asking
        polled_at = self._polls.last(uid, asking.login, now) if asking else now
        step = next_device_step(asking, self._account.log_in, polled_at, now)
        if isinstance(step, AskForCode):
            return self._ask(step, needed, stored)
        if isinstance(step, Poll):
            return self._poll(step.login, needed, stored)
        if isinstance(step, WaitForPerson):
            raise self._waiting(needed, step.login, step.poll_at - now)
        raise self._resting(needed, step)

    def _ask(self, step: AskForCode, needed: LoginNeeded, stored: Stored) -> Stored:
        oauth = self._tools.outside.oauth(self._account.endpoints)
        try:
            login = self._tools.effects(
                "account.device.start", lambda: oauth.start_device_login(SCOPES)
            )
        except Refused as refusal:
            if not _is_an_answer(refusal):
                raise
            how = f"{how_to_log_in(self._account)}; {refusal}"
            raise PersonNeeded(needed, how, None, LOOK_WITHOUT_CODES) from None
        finally:
            oauth.close()
        asking = Asking(login, step.codes, self._account.log_in)
        self._store.change(stored, partial(Stored.asked, asking=asking), self._tools.effects)
        self._polls.last(self._account.meta.uid, login, self._clock.now())
        waiting = self._waiting(needed, login, timedelta(seconds=login.interval_seconds))
        if reason_in(self._item.get("status") or {}) == needed.reason:
            # Otherwise the status is new, and an event tells it.
            self._tools.recorder.record(
                self._item, "NewCode", _invitation(login), action="LogIn", kind="Warning"
            )
        raise waiting

    def _poll(self, login: DeviceLogin, needed: LoginNeeded, stored: Stored) -> Stored:
        interval = timedelta(seconds=login.interval_seconds)
        oauth = self._tools.outside.oauth(self._account.endpoints)
        try:
            answer = self._answer(oauth, login)
        except Refused as refusal:  # expired, refused by the person, or used up
            now, refused = self._clock.now(), refusal.code == _REFUSED
            end = partial(Stored.code_ended, now=now, refused=refused)
            stored = self._store.change(stored, end, self._tools.effects)
            if refused:
                note = f"a person has refused the code {login.user_code}"
                self._tools.recorder.record(self._item, "CodeRefused", note, action="LogIn")
            return stored
        finally:
            oauth.close()
            # Counted from the answer, so that no poll reaches the market before its time.
            self._polls.at[self._account.meta.uid] = (login, self._clock.now())
        if isinstance(answer, TokenPair):
            uid, finish = self._account.meta.uid, self._tools.effects.finish
            change = partial(Stored.approved, tokens=answer)
            return self._unstored.store(uid, self._store, stored, change, finish)
        if answer is Waiting.SLOW_DOWN:
            slower = partial(Stored.slower, seconds=SLOW_DOWN_SECONDS)
            self._store.change(stored, slower, self._tools.effects)
            interval += timedelta(seconds=SLOW_DOWN_SECONDS)
        raise self._waiting(needed, login, interval)

    def _answer(self, oauth: OAuth, login: DeviceLogin) -> TokenPair | Waiting:
        """Ask once; while the market cannot be asked, nobody has approved yet."""
        try:
            return self._tools.effects(
                "account.device.poll", lambda: oauth.poll_device_login(login)
            )
        except (InDoubt, Unreachable, Refused) as problem:
            if isinstance(problem, Refused) and _is_an_answer(problem):
                raise
            log("PollFailed", str(problem), object=str(self._name))
            return Waiting.PENDING

    def _waiting(
        self, needed: LoginNeeded, login: DeviceLogin, look_again_in: timedelta
    ) -> PersonNeeded:
        how = f"{_invitation(login)}, or {how_to_log_in(self._account)}"
        return PersonNeeded(needed, how, login, look_again_in)

    def _resting(self, needed: LoginNeeded, step: Rest) -> PersonNeeded:
        how = (
            f"nobody has approved a code; the next one comes at {time_text(step.until)}, or at "
            f"once if the annotation {LOG_IN_ANNOTATION} is set to another text; "
            f"or {how_to_log_in(self._account)}"
        )
        wait = min(step.until - self._clock.now(), LOOK_WHEN_STALLED)
        return PersonNeeded(needed, how, None, wait)


def _is_an_answer(refusal: Refused) -> bool:
    """Tell whether to ask again would change nothing."""
    return refusal.status < _SERVER_ERROR and not isinstance(refusal, RateLimited)


def _invitation(login: DeviceLogin) -> str:
    return (
        f"until {time_text(login.expires_at)} open {login.verification_uri_complete} in a browser, "
        f"check that it shows the code {login.user_code}, and approve"
    )


def _published(login: DeviceLogin | None) -> Json | None:
    if login is None:
        return None
    return {
        "verificationUri": login.verification_uri,
        "userCode": login.user_code,
        "expiresAt": time_text(login.expires_at),
    }
