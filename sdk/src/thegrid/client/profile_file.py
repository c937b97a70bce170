"""The vendor's profile file as a whole: which profile is chosen, and what a change makes of it.

Pure: text in, text out. The content of a profile is `profiles`' subject; where the file is and how
it is written safely, `profile_store` knows. The file is shared with The Grid's command line client,
so everything that we do not know stays as it is, in its order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from thegrid.client.errors import Misuse
from thegrid.client.profiles import Profile

DEFAULT_PROFILE = "default"


class Chosen(Enum):
    """By what a profile was chosen. The first two are the user's word for this very call."""

    ARGUMENT = "--profile"
    VARIABLE = "GRID_PROFILE"
    CURRENT = "current_profile"
    DEFAULT = "default_profile"
    NAME = "its name, default"


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """The whole file.

    Attributes:
        path: Where it is, for messages.
        document: Its content.
    """

    path: Path
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, path: Path, text: str) -> ProfileFile:
        """Read the file's text; an empty one is a file without profiles.

        Args:
            path: Where it is, for messages.
            text: Its content.

        Returns:
            The file.

        Raises:
            Misuse: It is not JSON, no object, or its profiles are none.
        """
        try:
            document = (
                json.loads(text, parse_float=_finite, parse_constant=_finite)
                if text.strip()
                else {}
            )
        except (ValueError, RecursionError):
            raise Misuse(f"{path}: not JSON; mend it, or move it away and log in again") from None
        if not isinstance(document, dict):
            raise Misuse(f"{path}: must hold a JSON object")
        profiles = document.get("profiles")
        if profiles is not None and not isinstance(profiles, dict):
            raise Misuse(f"{path}: profiles: must be an object")
        return cls(path, document)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the profiles' names in their order."""
        return tuple(self.document.get("profiles") or {})

    def profile(self, name: str) -> Profile:
        """Return a profile.

        Raises:
            Misuse: There is none of this name, or it is no object.
        """
        fields = (self.document.get("profiles") or {}).get(name)
        if fields is None:
            known = ", ".join(self.names) or "none"
            raise Misuse(f"{self.path}: there is no profile {name!r} (there are: {known})")
        if not isinstance(fields, dict):
            raise Misuse(f"{self.path}: profile {name!r}: must be an object")
        return Profile(self.path, name, fields)

    def choose(self, argument: str | None, variable: str | None) -> tuple[str, Chosen] | None:
        """Choose a profile as the vendor's client does.

        Args:
            argument: The name that the caller gave, or None.
            variable: The value of `GRID_PROFILE`, or None.

        Returns:
            Its name, which need not exist if it was given, and by what it was chosen; None where
            nothing leads to a profile.

        Raises:
            Misuse: `current_profile` or `default_profile` is no text.
        """
        said = (
            (argument, Chosen.ARGUMENT),
            (variable, Chosen.VARIABLE),
            (self._top("current_profile"), Chosen.CURRENT),
            (self._top("default_profile"), Chosen.DEFAULT),
            (DEFAULT_PROFILE if DEFAULT_PROFILE in self.names else None, Chosen.NAME),
        )
        return next(((name, why) for name, why in said if name), None)

    def changed(self, name: str, changes: Mapping[str, Any]) -> ProfileFile:
        """Return the file after a change of one profile, which is made if it is not there.

        Args:
            name: The profile.
            changes: New values by field; None takes the field away. All others stay, in their
                order.

        Returns:
            The changed file; the first profile of a file becomes its current one.

        Raises:
            Misuse: The profile is no object.
        """
        fields = dict(self.profile(name).fields) if name in self.names else {}
        for key, value in changes.items():
            if value is None:
                fields.pop(key, None)
            else:
                fields[key] = value
        document = {"version": 1, "current_profile": name} if not self.document else {}
        profiles = {**(self.document.get("profiles") or {}), name: fields}
        return ProfileFile(self.path, {**document, **self.document, "profiles": profiles})

    def text(self) -> str:
        """Write the file's text: two-space indent, everything in its order."""
        text = json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair, which JSON can write as an escape
            return json.dumps(self.document, indent=2) + "\n"
        return text

    def _top(self, name: str) -> str | None:
        value = self.document.get(name)
        if value is not None and not isinstance(value, str):
            raise Misuse(f"{self.path}: {name}: must be a text")
        return value


def _finite(text: str) -> float:
    """Read a fraction; what is beyond JSON (RFC 8259, section 6) could not be written again."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number
