"""Versions of engines: read from what a program prints, compared with what we support."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_NUMBER = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, order=True)
class Version:
    """A released version; pre-release and build suffixes are read over.

    Attributes:
        major: The first number.
        minor: The second number.
        patch: The third number; 0 where none was given.
    """

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def find_in(cls, text: str) -> Self:
        """Read the first version in a text.

        Args:
            text: What a program printed, such as ``etcd Version: 3.6.16``.

        Returns:
            The version.

        Raises:
            ValueError: The text names no version.
        """
        match = _NUMBER.search(text)
        if match is None:
            raise ValueError(f"no version in {text.strip()[:80]!r}")
        return cls(int(match[1]), int(match[2]), int(match[3] or 0))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True)
class VersionRange:
    """The versions that are supported: ``at_least <= version < below``.

    Attributes:
        at_least: The oldest supported version.
        below: The first version that is too new.

    Raises:
        ValueError: The range is empty.
    """

    at_least: Version
    below: Version

    def __post_init__(self) -> None:
        if self.at_least >= self.below:
            raise ValueError(f"the range {self} is empty")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a range such as ``>=3.17,<5``.

        Args:
            text: The lower limit, a comma and the upper limit.

        Returns:
            The range.

        Raises:
            ValueError: The text has another form, or the range is empty.
        """
        match = re.fullmatch(r">=(\d+(?:\.\d+){1,2}),<(\d+(?:\.\d+){0,2})", text)
        if match is None:
            raise ValueError(f"{text!r} is no version range; write it like '>=3.17,<5'")
        upper = match[2] if "." in match[2] else f"{match[2]}.0"
        return cls(Version.find_in(match[1]), Version.find_in(upper))

    def __contains__(self, version: Version) -> bool:
        return self.at_least <= version < self.below

    def __str__(self) -> str:
        return f">={self.at_least},<{self.below}"
