"""A new file for a secret that can be had only once, made sure of before the secret exists."""

from __future__ import annotations

import os
from pathlib import Path

from thegrid.client import Misuse


class SecretFile:
    """An empty file that nobody else can read, waiting for its content.

    Args:
        path: Where it is.
        descriptor: The open file.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def reserve(cls, path: Path) -> SecretFile:
        """Make the file with mode 0600.

        Raises:
            Misuse: It exists, or cannot be made.
        """
        path = path.expanduser()
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            return cls(path, os.open(path, flags, 0o600))
        except FileExistsError:
            raise Misuse(f"{path}: exists already; name a new file") from None
        except OSError as problem:
            raise Misuse(f"{path}: cannot be made ({problem.strerror})") from None

    def fill(self, text: str) -> None:
        """Write the secret, down to the disk.

        Raises:
            OSError: It cannot be written; the file is gone.
        """
        try:
            with os.fdopen(self._descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self.path.unlink(missing_ok=True)
            raise

    def abandon(self) -> None:
        """Take the empty file away."""
        os.close(self._descriptor)
        self.path.unlink(missing_ok=True)
