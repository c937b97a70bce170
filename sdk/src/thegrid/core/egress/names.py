"""Names of domains, exact and with a wildcard, validated at birth.

`*.example.com` stands for exactly one label before the name, `**.example.com` for one or more;
neither stands for the name itself. Backends give their own stars other meanings, so a renderer
looks at `depth` and never at the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from thegrid.core.egress.addresses import is_address

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LONGEST_NAME = 253
_FEWEST_LABELS = 2
_ENCODED = "xn--"


class Depth(Enum):
    """How many labels a wildcard stands for."""

    EXACT = "Exact"
    ONE_LABEL = "OneLabel"
    ANY_DEPTH = "AnyDepth"


_STARS = {Depth.EXACT: "", Depth.ONE_LABEL: "*.", Depth.ANY_DEPTH: "**."}


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain, or all those that a wildcard stands for.

    Args:
        name: A host name as `host_name` returns it, without the wildcard.
        depth: What may stand before it.

    Raises:
        ValueError: The name is none.
    """

    name: str
    depth: Depth = Depth.EXACT

    def __post_init__(self) -> None:
        if host_name(self.name) != self.name:
            raise ValueError(f"{self.name!r} is not in its canonical form")

    @classmethod
    def parse(cls, text: str) -> Domain:
        """Read a domain such as `api.example.com`, `*.example.com` or `**.example.com`.

        Args:
            text: A name, with or without a wildcard as its first label.

        Returns:
            The domain.

        Raises:
            ValueError: It is no domain, or its wildcard stands elsewhere.
        """
        for depth in (Depth.ANY_DEPTH, Depth.ONE_LABEL):
            star = _STARS[depth]
            if text.startswith(star):
                return cls(host_name(text.removeprefix(star)), depth)
        if "*" in text:
            raise ValueError(f"{text!r}: a wildcard is the whole first label, `*.` or `**.`")
        return cls(host_name(text))

    def covers(self, host: str) -> bool:
        """Tell whether a host name, as `host_name` returns it, is meant."""
        if self.depth is Depth.EXACT:
            return host == self.name
        before = host.removesuffix(f".{self.name}")
        if before == host:
            return False
        return self.depth is Depth.ANY_DEPTH or "." not in before

    def __str__(self) -> str:
        return _STARS[self.depth] + self.name


def host_name(text: str) -> str:
    """Return the canonical form of a host name: lower case, without the dot of the root.

    Names in other scripts have to be given in their ASCII form (`xn--…`): the two standards that
    translate them (RFC 3490 and RFC 5891) disagree on some, and a list of what is allowed must not
    guess which domain was meant.

    Args:
        text: A name of two labels or more, of letters, digits and hyphens (RFC 1123, 2.1).

    Returns:
        The name.

    Raises:
        ValueError: It is no such name, or it is an address.
    """
    if not text.isascii():
        raise ValueError(f"{text!r}: write the name in its ASCII form, with labels like xn--…")
    name = text.lower().removesuffix(".")
    if is_address(name):
        raise ValueError(f"{text!r} is an address, not a name")
    labels = name.split(".")
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            f"{text!r} is not a host name: labels of 1 to 63 letters, digits and hyphens, "
            "253 characters in all"
        )
    if len(labels) < _FEWEST_LABELS:
        raise ValueError(f"{text!r}: one label alone depends on each pod's search list")
    if labels[-1].isdigit() or re.fullmatch("0x[0-9a-f]*", labels[-1]):
        raise ValueError(f"{text!r}: a last label that is a number makes it an address")
    for label in labels:
        if label.startswith(_ENCODED) and not _is_encoded(label):
            raise ValueError(f"{text!r}: {label} is not the ASCII form of anything")
    return name


def _is_encoded(label: str) -> bool:
    """Tell whether a label is the one encoding of what it decodes to (RFC 5890, 2.3.2.1)."""
    encoded = label.removeprefix(_ENCODED)
    try:
        decoded = encoded.encode().decode("punycode")
        again = decoded.encode("punycode").decode()
    except (ValueError, OverflowError):
        return False
    return again == encoded and not decoded.isascii()
