"""What every part of the reconciler works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from thegrid.client import Clock
from thegrid_operator.cache import Name
from thegrid_operator.effects import Effects
from thegrid_operator.events import Recorder
from thegrid_operator.kube import Json, Kube
from thegrid_operator.market import Sessions
from thegrid_operator.outside import Outside
from thegrid_operator.reconcilers.grid_account.tokens import LoginStore
from thegrid_operator.reporting import Reporter
from thegrid_operator.resources import LOGIN_SECRET_TYPE, GridAccount


@dataclass(frozen=True, slots=True)
class Tools:
    """What every part of the reconciler works with.

    Attributes:
        kube: The API server.
        effects: The door for effects.
        reporter: Writes statuses.
        recorder: Writes events.
        outside: The market and its clock.
        sessions: Where open sessions are kept for those who use the account.
        dependants: Returns what uses an account.
        changed: Called with an account's dependants when its session opened or closed.
    """

    kube: Kube
    effects: Effects
    reporter: Reporter
    recorder: Recorder
    outside: Outside
    sessions: Sessions
    dependants: Callable[[Name], list[Name]]
    changed: Callable[[list[Name]], None]

    def store(self, account: GridAccount) -> LoginStore:
        """Return the Secrets with an account's logins."""
        return LoginStore(self.kube, self.effects, account)

    def close(self, name: Name, why: str) -> None:
        """Take an account's session away, and have those that use it looked at."""
        if self.sessions.get(name) is not None:
            self.sessions.close(name, why)
            self.changed(self.dependants(name))
        else:
            self.sessions.close(name, why)


@dataclass(frozen=True, slots=True)
class Subject:
    """One account at one look.

    Attributes:
        name: Its name.
        item: The resource as read.
        account: The same, read.
        clock: The market's.
    """

    name: Name
    item: Json
    account: GridAccount
    clock: Clock


def how_to_log_in(account: GridAccount) -> str:
    """Tell a person how to log an account in."""
    return (
        f"log in and put accessToken or refreshToken into Secret {account.meta.namespace}/"
        f"{account.login_secret} of type {LOGIN_SECRET_TYPE}"
    )
