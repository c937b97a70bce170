"""Reading an engine's version from what it prints; `packaging` compares versions."""

from __future__ import annotations

import re

from packaging.version import Version

_NUMBER = re.compile(r"(?<![\d.])v?(\d+\.\d+(?:\.\d+)?)")


def find_version(text: str) -> Version:
    """Read the first version in a text; pre-release and build suffixes are read over.

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
    return Version(match[1])
