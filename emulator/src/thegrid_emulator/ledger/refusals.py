"""How the ledger says no."""

from decimal import Decimal
from http import HTTPStatus

from thegrid_emulator.errors import MarketError


def insufficient(kind: str, available: Decimal | int, needed: Decimal | int) -> MarketError:
    """Return the answer for a balance that does not suffice.

    Args:
        kind: what it is a balance of, for a human.
        available: what there is.
        needed: what it would take.
    """
    return MarketError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "insufficient_balance",
        f"{needed:f} {kind} needed, {available:f} available"
        if isinstance(needed, Decimal)
        else f"{needed} {kind} needed, {available} available",
    )


def invalid(field: str, allowed: str) -> MarketError:
    """Return the answer for a value that cannot be.

    Args:
        field: name of the value.
        allowed: what it must be.
    """
    return MarketError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"invalid_{field}", f"{field}: must be {allowed}"
    )
