"""The keys of one kind at the market: how they are listed, made, proven and revoked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from pulumi_thegrid._lifecycles.key_record import Declaration, KeyRecord, SeenKey, StoredKey
from thegrid.client import Misuse
from thegrid.core.identity import KeyTag, Owner, in_one_stack, owned_by
from thegrid.core.model import ListedKey
from thegrid.core.rotation import HeldKey, Mint

KeyT = TypeVar("KeyT", bound=ListedKey)


class KeyMarket(ABC, Generic[KeyT]):
    """One look at an account's keys of one kind, and what is done to them from then on.

    Args:
        listed: The account's keys, revoked ones included.
    """

    def __init__(self, listed: Iterable[KeyT]) -> None:
        self._listed = {key.id: key for key in listed}
        self._revoked: set[str] = set()

    def find(self, key_id: str) -> KeyT | None:
        """Return a key of the account, live or not, or None."""
        return self._listed.get(key_id)

    def seen(self, now: datetime) -> tuple[SeenKey, ...]:
        """Return every key of the account as it is by now."""
        return tuple(self._as_of(key, now) for key in self._listed.values())

    def live(self, owner: Owner, now: datetime) -> list[str]:
        """Return the ids of an owner's live keys, oldest rotation first."""
        mine = owned_by(owner, tuple(self._listed.values())).values()
        live = [(tag.number, key.id) for tag, key in mine if self._as_of(key, now).is_live(now)]
        return [key_id for _, key_id in sorted(live)]

    def numbers(self, owner: Owner) -> list[int]:
        """Return every number that an owner has used, by revoked keys too."""
        return [tag.number for tag, _ in owned_by(owner, tuple(self._listed.values())).values()]

    def adopt(self, key_id: str, wanted: Declaration, tag: KeyTag, now: datetime) -> StoredKey:
        """Take a key over as it is. Its name is not ours, so it is recorded by its id.

        Args:
            key_id: The market's id.
            wanted: The declaration.
            tag: What a key that is made now would be named by.
            now: When it takes its place.

        Returns:
            The key, without its secret.

        Raises:
            Misuse: It is not there, not alive, or its name says that somebody else manages it.
        """
        key = self.find(key_id)
        if key is None:
            raise Misuse(f"adopt: this login's account has no key {key_id}")
        if not key.is_live(now):
            raise Misuse(
                f"adopt: key {key_id} is revoked or expired; leave adopt out to have a new one made"
            )
        made_for = KeyTag.of(key)
        if made_for and not in_one_stack(made_for.owner, tag.owner):
            raise Misuse(
                f"adopt: key {key_id} belongs to another stack or cluster, as {made_for.name('')} "
                "in its name tells, and is rotated and revoked there; leave adopt out to have a "
                "new one made"
            )
        held = HeldKey(key_id, tag.number, now, key.expires_at)
        return StoredKey(held, None, wanted.public_key or "")

    def revoke(self, key_id: str) -> None:
        """Revoke a key; one that is revoked or unknown counts as done.

        Raises:
            Misuse: The provider itself signs with it.
            Refused: The market said no.
            Unreachable: No usable answer came; revoking again is safe.
        """
        self.refuse_to_revoke([key_id])
        self._revoke(key_id)
        self._revoked.add(key_id)

    def refuse_to_revoke(self, key_ids: Iterable[str]) -> None:
        """Raise Misuse where one of some keys must not be revoked."""

    @abstractmethod
    def mint(
        self, action: Mint, wanted: Declaration, now: datetime, record: KeyRecord | None = None
    ) -> StoredKey:
        """Make a key.

        Args:
            action: What to make.
            wanted: The declaration that it is made for.
            now: When it takes its place.
            record: What the state holds, or None at a creation.

        Returns:
            The key, whose secret only the caller has from now on.

        Raises:
            Refused: The market said no.
            Unreachable: Nothing was sent.
            InDoubt: The key may exist.
        """

    def prove(self, key: StoredKey, account_id: str) -> None:
        """Use a new key once, where that shows more than the answer to its creation.

        Raises:
            Misuse: It opens another account.
            Refused: The market does not accept it.
            Unreachable: No usable answer came.
        """

    @abstractmethod
    def _revoke(self, key_id: str) -> None:
        """Revoke a key."""

    def _as_of(self, key: KeyT, now: datetime) -> SeenKey:
        """Return a listed key as it is by now, after what was revoked since the look."""
        seen = SeenKey.of(key, now)
        return replace(seen, is_active=False) if key.id in self._revoked else seen
