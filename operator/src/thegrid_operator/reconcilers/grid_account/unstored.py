"""Logins for which a token was spent and that could not be stored yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from thegrid_operator.lease import NotLeading
from thegrid_operator.login import Stored
from thegrid_operator.reconcilers.grid_account.tokens import Change, Door, LoginStore


@dataclass(slots=True)
class Unstored:
    """What only this process knows, by account, for as long as the API server takes no Secret.

    Losing it costs a login, so a later look tries on.
    """

    waiting: dict[str, tuple[Stored, Change]] = field(default_factory=dict)

    def store(
        self, uid: str, store: LoginStore, seen: Stored, change: Change, door: Door
    ) -> Stored:
        """Write down what has happened, and keep it until that is done or not wanted any more.

        Args:
            uid: The account's.
            store: Its Secrets.
            seen: What our Secret kept when it was decided on.
            change: What has happened to it.
            door: Whether it is written only while this replica leads.

        Returns:
            What our Secret keeps now.

        Raises:
            KubeError: It could not be written; it is kept.
            NotLeading: Another replica acts, or has stored another login.
        """
        self.waiting[uid] = (seen, change)
        try:
            stored = store.change(seen, change, door)
        except NotLeading:
            self.waiting.pop(uid, None)
            raise
        self.waiting.pop(uid, None)
        return stored

    def store_at_last(self, uid: str, store: LoginStore, found: Stored, door: Door) -> Stored:
        """Write down what waits, if anything does.

        Args:
            uid: The account's.
            store: Its Secrets.
            found: What our Secret keeps.
            door: Whether it is written only while this replica leads.

        Raises:
            KubeError: It could not be written; it is kept.
            NotLeading: Another replica acts, or has stored another login.
        """
        waits = self.waiting.get(uid)
        return self.store(uid, store, *waits, door) if waits else found
