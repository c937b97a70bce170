"""Open sessions with the market: one client per account, shared by all that use the account.

What belongs here: who is logged in right now. What does not: getting or storing a login, which is
the account's reconciler's work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from thegrid.client import Client, Endpoints
from thegrid.client.first_answer import FirstAnswer
from thegrid.core.secret import Secret
from thegrid_operator.cache import Name
from thegrid_operator.kube import Json
from thegrid_operator.listing import SharedListing
from thegrid_operator.outside import Outside


@dataclass(slots=True)
class Session:
    """A login that works.

    Attributes:
        client: Talks to the market as the account.
        endpoints: Where the market is.
        allowed_namespaces: Where resources may use it from.
        token: The access token behind the client.
        facts: What the account's status tells of it, since a status may have to be written again.
        opened_at: When it was opened, by the cluster's clock.
        opened_after: The same moment, in seconds that only grow.
        outside: Where other doors of the market are opened.
        listings: The account's keys, shared by all that look at about the same time.
        facts_at: When the facts were read, in seconds that only grow.
    """

    client: Client
    endpoints: Endpoints
    allowed_namespaces: frozenset[str]
    token: Secret
    facts: Json = field(repr=False)
    opened_at: datetime
    opened_after: float
    outside: Outside = field(repr=False)
    listings: SharedListing = field(init=False, repr=False)
    facts_at: float = field(init=False, repr=False)
    _checks_keys: bool | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.listings = SharedListing(self.client.list_consumption_keys, self.outside.monotonic)
        self.facts_at = self.opened_after

    def time(self) -> datetime:
        """Return the time by a clock that nobody can set back while the session is open."""
        return self.opened_at + timedelta(seconds=self.outside.monotonic() - self.opened_after)

    def accepts(self, key: Secret) -> bool:
        """Ask whether the market accepts a key.

        Raises:
            Misuse: The text cannot be a key.
            GridError: The market refused otherwise, or could not be asked.
        """
        return self.outside.accepts(self.endpoints, key)

    def first_answer(self, key: Secret, model: str) -> FirstAnswer:
        """Ask where the market would send an inference call, without going there."""
        return self.outside.first_answer(self.endpoints, key, model)

    def checks_keys(self) -> bool:
        """Tell whether the market's catalogue refuses wrong keys; asked once.

        Raises:
            GridError: The market refused otherwise, or could not be asked.
        """
        if self._checks_keys is None:
            self._checks_keys = self.outside.checks_keys(self.endpoints)
        return self._checks_keys


class Sessions:
    """The open sessions, by account. Safe for several threads.

    Args:
        rejected: Called with the account whose login the market no longer accepts.
    """

    def __init__(self, rejected: Callable[[Name], None]) -> None:
        self._lock = threading.Lock()
        self._open: dict[Name, Session] = {}
        self._closed_because: dict[Name, str] = {}
        self._rejected: dict[Name, Secret] = {}
        self._notify = rejected

    def get(self, account: Name) -> Session | None:
        """Return the account's session, or None while it is not logged in."""
        with self._lock:
            return self._open.get(account)

    def all(self) -> list[tuple[Name, Session]]:
        """Return the sessions that are open."""
        with self._lock:
            return list(self._open.items())

    def why_closed(self, account: Name) -> str | None:
        """Say why an account has no session, or return None where it was not looked at yet."""
        with self._lock:
            return self._closed_because.get(account)

    def open(self, account: Name, session: Session) -> None:
        """Put a session in place; requests under way with an older one may still finish."""
        with self._lock:
            self._open[account] = session
            self._closed_because.pop(account, None)
            self._rejected.pop(account, None)

    def close(self, account: Name, why: str) -> None:
        """Take a session away."""
        with self._lock:
            self._open.pop(account, None)
            self._closed_because[account] = why

    def reject(self, account: Name, session: Session) -> None:
        """Note that the market did not accept a session's token, and have the account looked at."""
        with self._lock:
            self._rejected[account] = session.token
        self._notify(account)

    def note_rejected(self, account: Name, token: Secret) -> None:
        """Note that the market did not accept a token, for whoever looks at the account now."""
        with self._lock:
            self._rejected[account] = token

    def is_rejected(self, account: Name, token: Secret) -> bool:
        """Tell whether the market did not accept this token."""
        with self._lock:
            return self._rejected.get(account) == token
