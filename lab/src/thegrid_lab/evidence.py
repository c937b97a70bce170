"""A folder of what a run wrote for people or programs to see, and a search through it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def places_of(
    secrets: Iterable[str], folder: Path, *, passing_over: re.Pattern[bytes] | None = None
) -> list[str]:
    """Find secrets in the files of a folder, plain, in base64 and as they stand in an address.

    Args:
        secrets: What must not be there.
        folder: Where to look, with all folders below.
        passing_over: What is not searched, such as lines that others write.

    Returns:
        The files that hold one, sorted, each once; never the secret itself.
    """
    needles = {form for secret in secrets for form in _forms(secret)}
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            text = file.read_bytes()
            searched = passing_over.sub(b"", text) if passing_over else text
            if any(needle in searched for needle in needles):
                found.append(str(file.relative_to(folder)))
    return sorted(found)


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    forms = {raw, base64.b64encode(raw), quote(secret, safe="").encode()}
    for shift in range(3):  # where the secret may begin within a longer text that is encoded
        blocks = base64.b64encode(b"\0" * shift + raw)
        forms.add(blocks[4 if shift else 0 : -4])
    return forms
