"""API keys: secrets for inference, shown once, deleted softly."""

import base64
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.errors import InvalidFieldsError, not_found
from thegrid_emulator.state.digests import digest

_PREFIX_LENGTH = 8
_SECRET_BYTES = 32


@dataclass
class ApiKey:
    """One API key without its secret.

    Attributes:
        key_id: UUID.
        user_id: whose key it is.
        name: chosen by the owner; need not be unique.
        key_prefix: the first 8 characters of the secret.
        is_active: False after revocation.
        expires_at: when it stops working; None for never.
        created_at: when it was made.
        updated_at: when name or activity last changed.
        last_used_at: when inference last accepted it.
    """

    key_id: str
    user_id: str
    name: str
    key_prefix: str
    is_active: bool
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """Return whether inference accepts the key."""
        return self.is_active and (self.expires_at is None or now < self.expires_at)


class ApiKeys:
    """All API keys of the market.

    Args:
        on_secret: told every secret that is handed out.
    """

    def __init__(self, on_secret: Callable[[str], None]) -> None:
        self._on_secret = on_secret
        self._by_id: dict[str, ApiKey] = {}
        self._id_by_digest: dict[str, str] = {}

    def create(
        self, user_id: str, name: object, *, expires_at: datetime | None, now: datetime
    ) -> tuple[ApiKey, str]:
        """Make a key.

        Returns:
            The key and its secret: 43 characters of the standard base64 alphabet.

        Raises:
            InvalidFieldsError: if the name is empty or the expiry not in the future.
        """
        if expires_at is not None and expires_at <= now:
            raise InvalidFieldsError("expires_at", "must be in the future")
        secret = base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
        key = ApiKey(
            key_id=str(uuid.uuid4()),
            user_id=user_id,
            name=_checked_name(name),
            key_prefix=secret[:_PREFIX_LENGTH],
            is_active=True,
            expires_at=expires_at,
            created_at=now,
            updated_at=now,
        )
        self._by_id[key.key_id] = key
        self._id_by_digest[digest(secret)] = key.key_id
        self._on_secret(secret)
        return key, secret

    def of_user(self, user_id: str) -> list[ApiKey]:
        """Return a user's keys, revoked ones too, oldest first."""
        return [key for key in self._by_id.values() if key.user_id == user_id]

    def get(self, user_id: str, key_id: str) -> ApiKey:
        """Return one key.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        key = self._by_id.get(key_id)
        if key is None or key.user_id != user_id:
            raise not_found("api_key")
        return key

    def change(self, key: ApiKey, change: dict[str, object], now: datetime) -> None:
        """Write a new name, a new activity or both.

        Args:
            key: the key to change.
            change: values by field name as they came over the wire.
            now: when.

        Raises:
            InvalidFieldsError: if a value is not of its field's kind, or neither is given.
        """
        if not change.keys() & {"name", "is_active"}:
            raise InvalidFieldsError("api_key", "must change name or is_active")
        name = _checked_name(change.get("name", key.name))
        is_active = change.get("is_active", key.is_active)
        if not isinstance(is_active, bool):
            raise InvalidFieldsError("is_active", "must be true or false")
        key.name, key.is_active, key.updated_at = name, is_active, now

    def revoke(self, key: ApiKey, now: datetime) -> None:
        """Make a key inactive; the row stays."""
        key.is_active = False
        key.updated_at = now

    def find_usable(self, secret: str, now: datetime) -> ApiKey | None:
        """Return the key behind a secret, or None if it is unknown, inactive or expired."""
        key_id = self._id_by_digest.get(digest(secret))
        key = None if key_id is None else self._by_id[key_id]
        return key if key is not None and key.is_usable(now) else None


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise InvalidFieldsError("name", "can't be blank")
    return name
