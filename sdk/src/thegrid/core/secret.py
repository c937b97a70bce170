"""A value that must not be shown. It belongs around every credential from birth to destination."""

from __future__ import annotations

import hmac
from typing import NoReturn, SupportsIndex, final


@final
class Secret:
    """A text that neither `repr`, `str`, formatting nor pickling gives away.

    Args:
        value: The credential, as the market or the user gave it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the credential itself, for the one place that must send or store it."""
        return self._value

    def fits_a_header(self) -> bool:
        """Tell whether a request could carry it: no token or key of the market is of other form."""
        return bool(self._value) and all("!" <= char <= "~" for char in self._value)

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (s._value.encode(errors="surrogatepass") for s in (self, other))
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied by value")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self
