"""Account settings: what the account mode dictates and what may be written.

`easy` buys and transfers on demand; `advanced` leaves both to the account's owner. A field that
the mode dictates accepts the dictated value and refuses any other.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, Literal, get_args

from thegrid_emulator.errors import InvalidFieldsError, MarketError

AccountMode = Literal["easy", "advanced"]

MODE_MANAGED_FIELDS = ("auto_transfer_enabled", "auto_buy_enabled")

_AMOUNTS = (
    "auto_reload_threshold_usd",
    "auto_reload_amount_usd",
    "auto_reload_monthly_limit_usd",
)
_RELOAD_FIELDS = ("auto_reload_enabled", *_AMOUNTS)
_CENT = Decimal("0.01")
_LARGEST_AMOUNT = Decimal(1_000_000)


@dataclass(frozen=True)
class Settings:
    """The settings of one account. Amounts are USD with two decimal places, or None if not set."""

    account_mode: AccountMode = "easy"
    auto_reload_enabled: bool = False
    auto_reload_threshold_usd: Decimal | None = None
    auto_reload_amount_usd: Decimal | None = None
    auto_reload_monthly_limit_usd: Decimal | None = None

    @property
    def auto_transfer_enabled(self) -> bool:
        """Whether units bought move into consumption on their own; the mode decides."""
        return self.account_mode == "easy"

    @property
    def auto_buy_enabled(self) -> bool:
        """Whether the platform buys on demand: forced in easy mode, else its default, off."""
        return self.account_mode == "easy"


def account_mode(value: object) -> AccountMode:
    """Read an account mode.

    Raises:
        InvalidFieldsError: if the value is none.
    """
    for mode in get_args(AccountMode):
        if value == mode:
            return mode  # type: ignore[no-any-return]  # get_args forgets the literal's type
    raise InvalidFieldsError("mode", "must be easy or advanced")


def with_mode(settings: Settings, mode: AccountMode) -> Settings:
    """Return the settings in another account mode; what it dictates follows by itself."""
    return replace(settings, account_mode=mode)


def check_auto_buy(settings: Settings, value: object) -> None:
    """Accept the value of `auto_buy_enabled` that the mode dictates.

    Raises:
        InvalidFieldsError: if the value is no boolean.
        MarketError: 403 `mode_managed_setting` if the mode dictates the other value.
    """
    if not isinstance(value, bool):
        raise InvalidFieldsError("auto_buy_enabled", "must be true or false")
    if value != settings.auto_buy_enabled:
        raise MarketError(
            HTTPStatus.FORBIDDEN,
            "mode_managed_setting",
            f"auto_buy_enabled is managed by account mode {settings.account_mode}",
        )


def change_auto_reload(
    settings: Settings, change: dict[str, object], *, has_payment_method: bool
) -> Settings:
    """Return the settings after a write of any subset of the auto-reload fields.

    Args:
        settings: as they are.
        change: values by field name as they came over the wire.
        has_payment_method: whether the account could be charged.

    Raises:
        InvalidFieldsError: if a value is not of its field's kind, or no field is known.
        MarketError: 422 `payment_method_required` if reloading is switched on without one.
    """
    known = {field: change[field] for field in _RELOAD_FIELDS if field in change}
    if not known:
        raise InvalidFieldsError("base", "must change at least one of " + ", ".join(_RELOAD_FIELDS))
    enabled = known.get("auto_reload_enabled", settings.auto_reload_enabled)
    if not isinstance(enabled, bool):
        raise InvalidFieldsError("auto_reload_enabled", "must be true or false")
    if enabled and not has_payment_method:
        raise MarketError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "payment_method_required",
            "auto-reload needs a saved payment method",
        )
    amounts: dict[str, Any] = {
        field: _amount(field, known[field]) for field in _AMOUNTS if field in known
    }
    return replace(settings, auto_reload_enabled=enabled, **amounts)


def _amount(field: str, value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise InvalidFieldsError(field, "must be a decimal number")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= _LARGEST_AMOUNT:
        raise InvalidFieldsError(field, f"must be a decimal number from 0 to {_LARGEST_AMOUNT}")
    cents = amount.quantize(_CENT)
    if cents != amount:
        raise InvalidFieldsError(field, "must have at most two decimal places")
    return cents
