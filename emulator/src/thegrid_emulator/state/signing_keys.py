"""Signing keys: Ed25519 public keys that may sign requests to the Trading API."""

import base64
import binascii
import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from thegrid_emulator.errors import InvalidFieldsError, not_found

FINGERPRINT_PREFIX_LENGTH = 8
_PUBLIC_KEY_BYTES = 32


@dataclass
class SigningKey:
    """One registered public key.

    Attributes:
        key_id: UUID.
        user_id: whose key it is.
        label: chosen by the owner.
        public_key: 32 raw bytes.
        fingerprint: see `fingerprint_of`.
        is_active: False after revocation.
        created_at: when it was registered.
        last_used_at: when a signature of it was last accepted.
    """

    key_id: str
    user_id: str
    label: str
    public_key: bytes
    fingerprint: str
    is_active: bool
    created_at: datetime
    last_used_at: datetime | None = None


class SigningKeys:
    """All signing keys of the market."""

    def __init__(self) -> None:
        self._by_id: dict[str, SigningKey] = {}
        self._active_by_fingerprint: dict[str, SigningKey] = {}

    def register(
        self, user_id: str, *, label: object, public_key: object, now: datetime
    ) -> SigningKey:
        """Register a public key.

        Args:
            user_id: whose key it is.
            label: a name for it.
            public_key: base64 of the raw 32 bytes; see `decode_lenient`.
            now: when.

        Raises:
            InvalidFieldsError: if the label is empty, the key is not 32 bytes, or it is active
                already, in whichever account.
        """
        if not isinstance(label, str) or not label.strip():
            raise InvalidFieldsError("label", "can't be blank")
        raw = decode_lenient(public_key) if isinstance(public_key, str) else None
        if raw is None or len(raw) != _PUBLIC_KEY_BYTES:
            raise InvalidFieldsError("public_key", "must be base64 of the 32 raw Ed25519 bytes")
        fingerprint = fingerprint_of(raw)
        if fingerprint in self._active_by_fingerprint:
            raise InvalidFieldsError("public_key", "has already been taken")
        key = SigningKey(
            key_id=str(uuid.uuid4()),
            user_id=user_id,
            label=label,
            public_key=raw,
            fingerprint=fingerprint,
            is_active=True,
            created_at=now,
        )
        self._by_id[key.key_id] = key
        self._active_by_fingerprint[fingerprint] = key
        return key

    def of_user(self, user_id: str) -> list[SigningKey]:
        """Return a user's keys, revoked ones too, oldest first."""
        return [key for key in self._by_id.values() if key.user_id == user_id]

    def revoke(self, user_id: str, key_id: str) -> SigningKey:
        """Make a key inactive; the row stays, and its public key may be registered again.

        Raises:
            MarketError: 404 if the user has none with this id.
        """
        key = self._by_id.get(key_id)
        if key is None or key.user_id != user_id:
            raise not_found("signing_key")
        if key.is_active:
            key.is_active = False
            del self._active_by_fingerprint[key.fingerprint]
        return key

    def find_active(self, fingerprint: str) -> SigningKey | None:
        """Return the active key with this fingerprint, if there is one."""
        return self._active_by_fingerprint.get(fingerprint)


def fingerprint_of(public_key: bytes) -> str:
    """Return the fingerprint of a public key.

    Args:
        public_key: 32 raw bytes.

    Returns:
        43 characters: standard base64 of its SHA-256 without padding.
    """
    return base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")


def decode_lenient(text: str) -> bytes | None:
    """Decode base64 as the vendor's SDK does.

    Args:
        text: standard or URL-safe alphabet, with or without padding, blanks around it.

    Returns:
        The bytes, or None if it is no base64.
    """
    unpadded = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
