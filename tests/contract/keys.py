"""Ed25519 keys as the vendor's documentation describes them, with no code of ours under test."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class KeyPair:
    """Signs requests to the Trading API."""

    private_key: Ed25519PrivateKey

    @classmethod
    def generate(cls):
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text):
        """The key behind base64 of a seed, or of a seed and its public key."""
        unpadded = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
        raw = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
        return cls(Ed25519PrivateKey.from_private_bytes(raw[:32]))

    @property
    def public_key(self):
        return base64.b64encode(self._public_bytes).decode()

    @property
    def fingerprint(self):
        return base64.b64encode(hashlib.sha256(self._public_bytes).digest()).decode().rstrip("=")

    @property
    def _public_bytes(self):
        return self.private_key.public_key().public_bytes_raw()

    def headers(self, method, path, body, unix_seconds):
        """The three headers that sign a request; the path is the one on the wire, as bytes."""
        message = f"{unix_seconds}{method}".encode() + path + body
        return {
            "x-thegrid-timestamp": str(unix_seconds),
            "x-thegrid-fingerprint": self.fingerprint,
            "x-thegrid-signature": base64.b64encode(self.private_key.sign(message)).decode(),
        }
