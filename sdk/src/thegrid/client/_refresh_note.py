"""A note on the disk that a refresh is under way, so that one that was cut short can be told.

Written before the refresh token is sent and taken away once the answer is stored. If a program is
ended in between, the new pair is lost, and the next one to try finds the note.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from thegrid.client.errors import Misuse
from thegrid.client.profile_store import replace_privately
from thegrid.core.secret import Secret


class RefreshNote:
    """The note beside one profile file. Used with the file's lock held.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, token: Secret, now: datetime) -> None:
        """Note that a token is about to be spent.

        Args:
            token: The refresh token, of which only a digest is written.
            now: The time.

        Raises:
            Misuse: The note cannot be written, and so neither could the answer.
        """
        note = {"token_digest": _digest(token), "began_at": now.isoformat()}
        try:
            replace_privately(self._path, json.dumps(note) + "\n")
        except OSError as problem:
            raise Misuse(f"{self._path}: cannot be written ({problem.strerror})") from None

    def began_at(self, token: Secret) -> str | None:
        """Return when a refresh with this token was begun and not ended, or None."""
        try:
            note = json.loads(self._path.read_text("utf-8"))
            return str(note["began_at"]) if note["token_digest"] == _digest(token) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remove(self) -> None:
        """Take the note away; one that stays does no harm, since its token is not used again."""
        self._path.unlink(missing_ok=True)


def _digest(token: Secret) -> str:
    return hashlib.sha256(token.reveal().encode()).hexdigest()
