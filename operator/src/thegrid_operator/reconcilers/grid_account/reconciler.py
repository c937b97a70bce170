"""The frame of the reconciler.

The order is: the resource, the login Secret, our token Secret; then the
market, and whatever a login was spent for is stored before it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from thegrid.client import Clock, GridError, LoginRejected, Misuse
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.kube import GRID_ACCOUNT, Json, Kube, KubeRefused
from thegrid_operator.market import Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.reconcilers.grid_account.device import PersonNeeded, Polls
from thegrid_operator.reconcilers.grid_account.opening import open_session
from thegrid_operator.reconcilers.grid_account.proof import NOT_ACCEPTED
from thegrid_operator.reconcilers.grid_account.renewal import (
    LOOK_AT_LEAST_EVERY,
    LoggedIn,
    Renewal,
)
from thegrid_operator.reconcilers.grid_account.tools import Subject, Tools, how_to_log_in
from thegrid_operator.reconcilers.grid_account.unstored import Unstored
from thegrid_operator.reporting import LOOK_WHEN_STALLED, Reporter
from thegrid_operator.resources import FINALIZER, GridAccount, disallowed_hosts
from thegrid_operator.status import Report, Stalled, State, report_of, report_of_a_refusal

LOOK_WHEN_IN_USE = timedelta(seconds=5)


class GridAccounts:
    """Reconciles `GridAccount` resources.

    Args:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        outside: The market and its clock.
        sessions: Where open sessions are kept for those who use the account.
        allowed_hosts: The hosts that accounts may name.
        dependants: Returns what uses an account.
        changed: Called with an account's dependants when its session opened or closed.
    """

    def __init__(
        self,
        *,
        kube: Kube,
        effects: Effects,
        reporter: Reporter,
        recorder: Recorder,
        outside: Outside,
        sessions: Sessions,
        allowed_hosts: frozenset[str],
        dependants: Callable[[Name], list[Name]],
        changed: Callable[[list[Name]], None],
    ) -> None:
        self._tools = Tools(
            kube, effects, reporter, recorder, outside, sessions, dependants, changed
        )
        self._allowed_hosts = allowed_hosts
        self._polls = Polls()
        self._unstored = Unstored()

    def reconcile(self, name: Name) -> timedelta | None:
        """Bring one account up to date.

        Args:
            name: The account.

        Returns:
            When to look again, or None when it is gone.

        Raises:
            GridError: The market refused or could not be asked; the status says so.
            KubeError: The API server refused or could not be asked.
            NotLeading: This replica may not act.
        """
        tools = self._tools
        item = tools.kube.get(GRID_ACCOUNT, name.namespace, name.name)
        if item is None:
            tools.sessions.close(name, "it was deleted")
            return None
        try:
            return self._bring_up_to_date(name, item)
        except Stalled as stalled:
            # Those that use the account are not told codes, which change.
            tools.close(name, stalled.why if isinstance(stalled, PersonNeeded) else stalled.message)
            report = stalled.report()
            report = replace(report, facts={"deviceLogin": None} | report.facts)
            tools.reporter.report_afresh(GRID_ACCOUNT, item, report)
            if isinstance(stalled, PersonNeeded):
                return stalled.look_again_in
            return LOOK_WHEN_STALLED
        except GridError as problem:
            if tools.sessions.get(name) is None:
                tools.close(name, str(problem))
            tools.reporter.report_afresh(GRID_ACCOUNT, item, report_of(problem))
            raise
        except KubeRefused as refusal:
            told = report_of_a_refusal(refusal)
            if told:
                session = tools.sessions.get(name)
                if session is None or tools.sessions.is_rejected(name, session.token):
                    tools.close(name, told.message)
                    told = replace(told, ready=False)
                tools.reporter.report_afresh(GRID_ACCOUNT, item, told)
            raise

    def _bring_up_to_date(self, name: Name, item: Json) -> timedelta | None:
        tools = self._tools
        try:
            account = GridAccount.of(item)
        except Misuse as problem:
            raise Stalled("InvalidEndpoints", f"spec.endpoints.{problem}") from None
        users = tools.dependants(name) if account.meta.deleted else []
        if account.meta.deleted and not (users and FINALIZER in account.meta.finalizers):
            self._let_go(name, item, account)
            return None
        if account.suspended and not account.meta.deleted:
            tools.close(name, "spec.suspend is set")
            nothing = {"deviceLogin": None}
            report = Report(State.SETTLED, "Suspended", "spec.suspend is set", facts=nothing)
            tools.reporter.report(GRID_ACCOUNT, item, report)
            return LOOK_AT_LEAST_EVERY
        self._check_hosts(account)
        if FINALIZER not in account.meta.finalizers:
            wanted = [*account.meta.finalizers, FINALIZER]
            item = tools.effects(
                "account.finalizer", lambda: tools.kube.set_finalizers(GRID_ACCOUNT, item, wanted)
            )
        clock = tools.outside.clock(account.endpoints)
        login, facts = self._log_in(name, item, account, clock)
        report = _in_use_by(users) if users else _logged_in(login, facts)
        tools.reporter.report(GRID_ACCOUNT, item, report)
        at_most = LOOK_WHEN_IN_USE if users else LOOK_AT_LEAST_EVERY
        if report.state is State.STALLED:
            at_most = LOOK_WHEN_STALLED
        return max(min(login.look_again_at - clock.now(), at_most), timedelta(seconds=1))

    def _log_in(
        self, name: Name, item: Json, account: GridAccount, clock: Clock
    ) -> tuple[LoggedIn, Json]:
        """Find a login that works and open the session; what the market rejects is renewed once."""
        subject = Subject(name, item, account, clock)
        renewal = Renewal(self._tools, subject, self._polls, self._unstored)
        login = renewal.log_in()
        try:
            return login, open_session(self._tools, name, account, login)
        except LoginRejected:
            login = renewal.log_in()
        try:
            return login, open_session(self._tools, name, account, login)
        except LoginRejected:
            message = f"{NOT_ACCEPTED}; {how_to_log_in(account)}"
            raise Stalled("LoginRejected", message) from None

    def _check_hosts(self, account: GridAccount) -> None:
        refused = disallowed_hosts(account.endpoints, self._allowed_hosts)
        if refused:
            raise Stalled(
                "HostNotAllowed",
                f"spec.endpoints names {', '.join(refused)}, which this operator may not talk to: "
                "start it with --allowed-hosts to permit that",
            )

    def _let_go(self, name: Name, item: Json, account: GridAccount) -> None:
        """Delete the login; nothing needs it to revoke its keys any more."""
        tools = self._tools
        tools.close(name, "it was deleted")
        tools.store(account).delete()
        self._polls.at.pop(account.meta.uid, None)
        self._unstored.waiting.pop(account.meta.uid, None)
        left = [finalizer for finalizer in account.meta.finalizers if finalizer != FINALIZER]
        if len(left) != len(account.meta.finalizers):
            tools.effects(
                "account.release", lambda: tools.kube.set_finalizers(GRID_ACCOUNT, item, left)
            )


def _logged_in(login: LoggedIn, facts: Json) -> Report:
    facts = {"deviceLogin": None, **facts}
    if login.warning is None:
        return Report(State.SETTLED, "LoggedIn", "the login works", ready=True, facts=facts)
    reason, why = login.warning
    if reason == "WrongAccount":
        message = f"the login Secret is not taken, and the login before is used on: {why}"
        return Report(State.STALLED, reason, message, ready=True, facts=facts)
    message = f"the login works; the login Secret is not taken, which does no harm: {why}"
    return Report(State.SETTLED, "LoggedIn", message, ready=True, facts=facts)


def _in_use_by(users: list[Name]) -> Report:
    names = ", ".join(f"{user.namespace}/{user.name}" for user in users[:3])
    more = f" and {len(users) - 3} more" if len(users) > 3 else ""  # noqa: PLR2004 - as above
    message = f"being deleted; kept until the keys that need it are gone: {names}{more}"
    return Report(State.PROGRESSING, "InUse", message)
