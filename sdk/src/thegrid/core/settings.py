"""What an account's mode dictates, what may be asked for, and which writes bring it about.

In mode `easy` the platform buys and transfers by itself, so `auto_buy_enabled` is always true
there; in `advanced` it follows the platform's default, false. Source of the rules: The Grid,
"Agent quickstart", account modes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias, TypeVar

from thegrid.core.model import AccountMode, AccountSettings, Order
from thegrid.core.plan import Plan


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """Settings as declared; None leaves a setting as it is. Amounts are US dollars."""

    mode: AccountMode | None = None
    auto_buy_enabled: bool | None = None
    auto_reload_enabled: bool | None = None
    auto_reload_threshold_usd: Decimal | None = None
    auto_reload_amount_usd: Decimal | None = None
    auto_reload_monthly_limit_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a declaration cannot come true.

    Attributes:
        field: The field to change, in snake case.
        message: What is allowed.
    """

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class SetMode:
    """Write the account's mode."""

    mode: AccountMode


@dataclass(frozen=True, slots=True)
class SetAutoBuy:
    """Write whether the platform buys units when they run out."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class SetAutoReload:
    """Write the reload settings that are not None; amounts are US dollars."""

    enabled: bool | None
    threshold_usd: Decimal | None
    amount_usd: Decimal | None
    monthly_limit_usd: Decimal | None


T = TypeVar("T")
SettingsAction: TypeAlias = SetMode | SetAutoBuy | SetAutoReload
_DICTATED_AUTO_BUY: dict[AccountMode, bool] = {"easy": True, "advanced": False}
_MOST_NAMED = 20
_ENDING = "cancellation_pending"
_AMOUNTS = ("auto_reload_threshold_usd", "auto_reload_amount_usd", "auto_reload_monthly_limit_usd")


def problems_with(wanted: WantedSettings) -> list[Problem]:
    """Find what a declaration alone proves impossible, before anything is asked of the market.

    Args:
        wanted: The declaration.

    Returns:
        Every problem, in the order of the fields; empty when there is none.
    """
    found = []
    if wanted.mode and wanted.auto_buy_enabled not in (None, _DICTATED_AUTO_BUY[wanted.mode]):
        dictated = str(_DICTATED_AUTO_BUY[wanted.mode]).lower()
        text = f"mode {wanted.mode} dictates {dictated}: leave it out or change the mode"
        found.append(Problem("auto_buy_enabled", text))
    for name in _AMOUNTS:
        amount = getattr(wanted, name)
        if amount is not None and not (amount.is_finite() and amount > 0):
            found.append(Problem(name, "must be an amount of US dollars above zero"))
    amount, limit = wanted.auto_reload_amount_usd, wanted.auto_reload_monthly_limit_usd
    if amount is not None and limit is not None and limit < amount:
        found.append(
            Problem("auto_reload_monthly_limit_usd", "must be at least one reload's amount")
        )
    return found


def plan_settings(wanted: WantedSettings, seen: AccountSettings) -> Plan[SettingsAction]:
    """Decide which settings to write.

    Reload comes first, then auto-buy, then the mode, so that the account never trades by itself
    before the limits on its money are in place.

    Args:
        wanted: The declaration; `problems_with` found nothing in it.
        seen: The account as read just now.

    Returns:
        The writes; empty when nothing differs.
    """
    actions: list[SettingsAction] = []
    reload = SetAutoReload(
        _changed(wanted.auto_reload_enabled, seen.auto_reload_enabled),
        _changed(wanted.auto_reload_threshold_usd, seen.auto_reload_threshold_usd),
        _changed(wanted.auto_reload_amount_usd, seen.auto_reload_amount_usd),
        _changed(wanted.auto_reload_monthly_limit_usd, seen.auto_reload_monthly_limit_usd),
    )
    if reload != SetAutoReload(None, None, None, None):
        actions.append(reload)
    mode = wanted.mode if wanted.mode != seen.mode else None
    auto_buy = _changed(wanted.auto_buy_enabled, seen.auto_buy_enabled)
    if auto_buy is not None and mode is None:  # a change of mode brings its own value along
        actions.append(SetAutoBuy(auto_buy))
    if mode is not None:
        actions.append(SetMode(mode))
    if not actions:
        return Plan((), "UpToDate", "the settings are as declared")
    return Plan(tuple(actions), "SettingsDiffer", f"{len(actions)} to write")


def gives_up_trading(wanted: WantedSettings, seen: AccountSettings) -> bool:
    """Tell whether a declaration takes the account from a mode with orders to one without."""
    return wanted.mode == "easy" and seen.mode != "easy"


def orders_in_the_way(orders: Iterable[Order]) -> Problem | None:
    """Find what would be stranded by a change to mode `easy`.

    The market neither cancels orders when the mode changes nor lets anybody cancel them afterwards
    (403 `auto_mode_trading_restricted`), so they would stay open, and fill, beyond control.

    Args:
        orders: The account's orders as listed just now.

    Returns:
        The problem, which names the open orders; None where there are none. One whose cancel is
        under way is not open.
    """
    still_open = [it for it in orders if not it.is_terminal and it.status != _ENDING]
    if not still_open:
        return None
    named = [_name_of(order) for order in still_open[:_MOST_NAMED]]
    if len(still_open) > _MOST_NAMED:
        named.append(f"and {len(still_open) - _MOST_NAMED} more")
    return Problem(
        "mode",
        "easy is refused while orders are open, since they could not be cancelled any more; "
        f"cancel them first: {', '.join(named)}",
    )


def _name_of(order: Order) -> str:
    return f"{order.id} ({order.client_order_id})" if order.client_order_id else order.id


def _changed(wanted: T | None, seen: T | None) -> T | None:
    return None if wanted is None or wanted == seen else wanted
