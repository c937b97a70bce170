"""Ed25519 trading keys: making, reading and fingerprinting them, and signing with them.

Formats follow The Grid's documentation, "Authentication": keys travel as base64 of raw bytes,
never as PEM; a fingerprint is the unpadded base64 of the public key's SHA-256.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

import nacl.signing

from thegrid.client.errors import Misuse
from thegrid.core.secret import Secret

_SEED_BYTES = 32
_SEED_AND_PUBLIC_BYTES = 64
PUBLIC_KEY_BYTES = 32
FINGERPRINT_PREFIX_LENGTH = 8


def decode_base64(text: str, *, what: str) -> bytes:
    """Decode base64 as people paste it: trimmed, either alphabet, with or without padding.

    Args:
        text: The text to decode.
        what: What the text is, for the error; the text itself may be secret.

    Returns:
        The bytes.

    Raises:
        Misuse: The text is not base64.
    """
    canonical = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(canonical + "=" * (-len(canonical) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Misuse(f"{what}: not base64 of an Ed25519 key (PEM is not supported)") from None


def fingerprint(public_key: bytes) -> str:
    """Return a public key's fingerprint: 43 characters of unpadded base64.

    Args:
        public_key: 32 raw bytes.

    Returns:
        What requests name the key by.
    """
    digest = hashlib.sha256(public_key).digest()
    return base64.b64encode(digest).decode().rstrip("=")


def parse_public_key(text: str) -> bytes:
    """Read a public key.

    Args:
        text: Base64 of exactly 32 bytes.

    Returns:
        The 32 raw bytes.

    Raises:
        Misuse: The text is not base64, or not of 32 bytes.
    """
    raw = decode_base64(text, what="public_key")
    if len(raw) != PUBLIC_KEY_BYTES:
        raise Misuse(f"public_key: {len(raw)} bytes; an Ed25519 public key has {PUBLIC_KEY_BYTES}")
    return raw


def canonical_public_key(text: str) -> str:
    """Write a public key as the market does, however it was pasted.

    Args:
        text: Base64 of exactly 32 bytes.

    Returns:
        44 characters of padded standard base64.

    Raises:
        Misuse: The text is not base64, or not of 32 bytes.
    """
    return base64.b64encode(parse_public_key(text)).decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key pair that signs requests.

    Attributes:
        private_key: Base64 of the 32-byte seed, as the vendor's profile file takes it.
        public_key: Padded base64 of the 32-byte public key, as the market registers it.
        fingerprint: What requests name the key by.
    """

    private_key: Secret
    public_key: str
    fingerprint: str
    _key: nacl.signing.SigningKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key pair from the system's random source."""
        return cls._of(nacl.signing.SigningKey.generate())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read a private key.

        Args:
            text: Base64 of 32 bytes (the seed) or 64 (the seed, then the public key).

        Returns:
            The key pair.

        Raises:
            Misuse: The text is not base64, or of another length.
        """
        raw = decode_base64(text, what="private_key")
        if len(raw) not in (_SEED_BYTES, _SEED_AND_PUBLIC_BYTES):
            raise Misuse(f"private_key: {len(raw)} bytes; 32 (seed) or 64 are allowed")
        return cls._of(nacl.signing.SigningKey(raw[:_SEED_BYTES]))

    @classmethod
    def _of(cls, key: nacl.signing.SigningKey) -> SigningKey:
        public = bytes(key.verify_key)
        return cls(
            Secret(base64.b64encode(bytes(key)).decode()),
            base64.b64encode(public).decode(),
            fingerprint(public),
            key,
        )

    def sign(self, message: bytes) -> str:
        """Sign a message.

        Args:
            message: The exact bytes.

        Returns:
            Padded base64 of the 64-byte signature.
        """
        return base64.b64encode(self._key.sign(message).signature).decode()
