"""What is remembered of a secret."""

import hashlib


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret in hex, to find it again without keeping it."""
    return hashlib.sha256(secret.encode()).hexdigest()
