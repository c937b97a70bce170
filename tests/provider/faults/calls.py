"""Every call by which the provider changes something at the market, and how it comes about."""

from dataclasses import dataclass
from typing import Literal

KEY = 'thegrid.ConsumptionKey("it", triggers=[{}])'
DESK = 'thegrid.TradingKey("it")'
UNITS = 'thegrid.Transfer("it", instrument="text-prime", quantity=2)'
BID = 'thegrid.StandingOrder("it", instrument="text-prime", side="buy", quantity=3, price="{}")'
RENEWED = BID.replace(', price="{}"', ', price="BEST", renew="when_filled", daily_cap_usd="900"')
ACCOUNT = 'thegrid.AccountSettings("it", {})'

BOUGHT_BY_HAND = {
    "data": {
        "account_mode": "advanced",
        "auto_transfer_enabled": False,
        "auto_buy_enabled": True,
        "auto_reload_enabled": False,
    }
}
"""What the emulator never is: the market documents no way to auto-buy against the mode."""


@dataclass(frozen=True)
class Up:
    """Run `up` with this declared."""

    declared: str


@dataclass(frozen=True)
class LoseKey:
    """Run `up` with this declared, and lose the answer to the creation of its key."""

    declared: str


@dataclass(frozen=True)
class Days:
    """Let so many days pass."""

    count: int


@dataclass(frozen=True)
class Sell:
    """Let somebody sell so many units to the best bid."""

    quantity: int


@dataclass(frozen=True)
class Seen:
    """Let the next look at the settings show this."""

    settings: dict


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that changes something.

    Attributes:
        method: Of the request.
        path: After the prefix; a segment in braces stands for any.
        declared: What the program declares when the call is made; BEST stands for the price that
            comes before all others without trading.
        before: What has happened by then.
        by: The command that makes the call.
        options: Of that command.
        mode: The account's mode.
        shows: Whether it changes what the market shows.
        orders: How many orders there are in the end, ended ones included.
        transfers: How many transfers there are in the end.
        settings: Settings of the account in the end.
    """

    method: str
    path: str
    declared: str
    before: tuple[Up | LoseKey | Days | Sell | Seen, ...] = ()
    by: Literal["up", "destroy"] = "up"
    options: tuple[str, ...] = ()
    mode: Literal["easy", "advanced"] = "advanced"
    shows: bool = True
    orders: int = 0
    transfers: int = 0
    settings: tuple[tuple[str, object], ...] = ()


CALLS = {
    "a consumption key is minted": Call(method="POST", path="/api-keys", declared=KEY.format(1)),
    "a consumption key is minted by a rotation": Call(
        method="POST",
        path="/api-keys",
        before=(Up(KEY.format(1)),),
        declared=KEY.format(2),
    ),
    "a consumption key is revoked after its overlap": Call(
        method="DELETE",
        path="/api-keys/{id}",
        before=(Up(KEY.format(1)), Up(KEY.format(2)), Days(2)),
        declared=KEY.format(2),
    ),
    "a stray is revoked": Call(
        method="DELETE",
        path="/api-keys/{id}",
        before=(LoseKey(KEY.format(1)), Up(KEY.format(1))),
        declared=KEY.format(1),
    ),
    "a trading key is registered": Call(method="POST", path="/signing-keys", declared=DESK),
    "a trading key is revoked": Call(
        method="DELETE",
        path="/signing-keys/{id}",
        before=(Up(DESK),),
        declared=DESK,
        by="destroy",
    ),
    "units are transferred": Call(
        method="POST",
        path="/transfers/trading-to-consumption",
        declared=UNITS,
        transfers=1,
    ),
    "an order is placed": Call(
        method="POST", path="/orders", declared=BID.format("0.01"), orders=1
    ),
    "an order is changed": Call(
        method="PUT",
        path="/orders/{id}",
        before=(Up(BID.format("0.01")),),
        declared=BID.format("0.02"),
        orders=1,
    ),
    "an order is cancelled": Call(
        method="DELETE",
        path="/orders/{id}",
        before=(Up(BID.format("0.01")),),
        declared=BID.format("0.01"),
        by="destroy",
        orders=1,
    ),
    "an order is renewed": Call(
        method="POST",
        path="/orders",
        before=(Up(RENEWED), Sell(3)),
        declared=RENEWED,
        options=("--refresh",),
        orders=2,
    ),
    "the reload settings are written": Call(
        method="PATCH",
        path="/self/system-settings/auto_reload",
        declared=ACCOUNT.format('auto_reload_monthly_limit_usd="100"'),
        settings=(("auto_reload_monthly_limit_usd", 100),),
    ),
    "auto-buy is written": Call(
        method="PATCH",
        path="/self/system-settings/auto-buy",
        before=(Seen(BOUGHT_BY_HAND),),
        declared=ACCOUNT.format('mode="advanced", auto_buy_enabled=False'),
        shows=False,
        settings=(("mode", "advanced"), ("auto_buy_enabled", False)),
    ),
    "the mode is written": Call(
        method="POST",
        path="/self/system-settings/account-mode",
        mode="easy",
        declared=ACCOUNT.format('mode="advanced"'),
        settings=(("mode", "advanced"),),
    ),
}
