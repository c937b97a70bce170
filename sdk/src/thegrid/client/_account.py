"""The account: who it is, its settings and limits, and how the hosts are doing.

Routes and scopes follow The Grid's documentation, "Platform API" and "Trading API".
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from thegrid.client import _wire
from thegrid.client._base import Api
from thegrid.client._call import Filter, call
from thegrid.client.errors import Misuse
from thegrid.core.model import (
    Account,
    AccountMode,
    AccountSettings,
    DailyUsage,
    Diagnostics,
    Health,
    OrderLimits,
    Profile,
    TradingAccount,
    normal_instrument_id,
    normal_market_id,
)
from thegrid.core.settings import SetAutoReload


class AccountApi(Api):
    """The account of a login."""

    def account(self) -> Account:
        """Read which account the login belongs to (`GET /users/self`, scope `account:read`)."""
        return self._get(self._platform, "/users/self", _wire.account)

    def profile(self) -> Profile:
        """Read the person behind the login (`GET /users/self`, scope `account:read`)."""
        return self._get(self._platform, "/users/self", _wire.profile)

    def trading_account(self) -> TradingAccount:
        """Read the account on the trading host (`GET /me`), which a trading key opens too."""
        return self._get(self._trading, "/me", _wire.trading_account)

    def settings(self) -> AccountSettings:
        """Read the account's settings (`GET /self/system-settings`, scope `account:read`)."""
        return self._get(self._platform, "/self/system-settings", _wire.settings)

    def set_account_mode(self, mode: AccountMode) -> None:
        """Write the account's mode (`POST …/account-mode`, scope `account:write`)."""
        path = "/self/system-settings/account-mode"
        look_for = "the mode in the account's settings"
        request = call("POST", self._platform, path, body={"mode": mode}, look_for=look_for)
        self._sender.send(request)

    def set_auto_buy(self, *, enabled: bool) -> None:
        """Write whether units are bought when they run out (`PATCH …/auto-buy`)."""
        path = "/self/system-settings/auto-buy"
        self._sender.send(call("PATCH", self._platform, path, body={"auto_buy_enabled": enabled}))

    def set_auto_reload(self, change: SetAutoReload) -> None:
        """Write reload settings; what is None stays as it is (`PATCH …/auto_reload`)."""
        path = "/self/system-settings/auto_reload"
        body = _wire.auto_reload_body(change)
        self._sender.send(call("PATCH", self._platform, path, body=body))

    def daily_usage(
        self,
        start: date,
        end: date,
        *,
        instrument_id: str | None = None,
        api_key_id: str | None = None,
    ) -> DailyUsage:
        """Read use by days, the latest first (`GET /consumption/stats`, scope `account:read`).

        Args:
            start: The first day, in UTC.
            end: The day after the last one; tomorrow includes today.
            instrument_id: Only of this instrument, or None.
            api_key_id: Only with this consumption key, or None.

        Returns:
            The days and their sums.

        Raises:
            Misuse: The span holds no day.
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        if end <= start:
            raise Misuse(f"end: {end} is not after start, {start}")
        filters = [("date", ">=", start.isoformat()), ("date", "<", end.isoformat())]
        if instrument_id is not None:
            filters.append(("instrument_id", "==", normal_instrument_id(instrument_id)))
        if api_key_id is not None:
            filters.append(("api_key_id", "==", api_key_id))
        query: dict[str, Filter] = {}
        for number, (field, operator, value) in enumerate(filters):
            name = f"filters[{number}]"
            query |= {f"{name}[field]": field, f"{name}[op]": operator, f"{name}[value]": value}
        query |= {"order_by[]": "date", "order_directions[]": "desc"}
        return self._get(self._platform, "/consumption/stats", _wire.daily_usage, query)

    def order_limits(self, market_id: str) -> OrderLimits:
        """Read how many orders may be sent to a market (`GET /account/limits`, `account:read`)."""
        query = {"market_id": normal_market_id(market_id)}
        return self._get(self._trading, "/account/limits", _wire.order_limits, query)

    def health(self) -> Health:
        """Ask whether the trading host is up (`GET /health`); the login is not sent."""
        return self._sender.read(call("GET", self._trading, "/health", public=True), _wire.health)

    def diagnostics(self, host: Literal["platform", "trading"]) -> Diagnostics:
        """Ask a host what it finds about this login and itself (`GET /diagnostics`).

        Args:
            host: Which one. The consumption host takes a consumption key: `Inference.diagnostics`.

        Returns:
            What it has looked at.

        Raises:
            Refused: The market said no.
            Unreachable: No usable answer came.
        """
        base = self._platform if host == "platform" else self._trading
        return self._get(base, "/diagnostics", _wire.diagnostics)
