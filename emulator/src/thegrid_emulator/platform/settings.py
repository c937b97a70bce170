"""Account settings routes: read with `account:read`, write with `account:write`.

A write is refused in this order: scope, unverified address, terms not accepted, mode.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data, decimal_string, no_content
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.settings import (
    MODE_MANAGED_FIELDS,
    Settings,
    account_mode,
    change_auto_reload,
    check_auto_buy,
    with_mode,
)


async def _read(request: Request) -> Response:
    return data(_view(authorize(request, "account:read").settings))


async def _switch_mode(request: Request) -> Response:
    account = _authorize_write(request)
    mode = account_mode((await json_object(request)).get("mode"))
    _write(request, account, with_mode(account.settings, mode))
    return no_content()


async def _set_auto_buy(request: Request) -> Response:
    account = _authorize_write(request)
    check_auto_buy(account.settings, (await json_object(request)).get("auto_buy_enabled"))
    return data(_view(account.settings))


async def _set_auto_reload(request: Request) -> Response:
    account = _authorize_write(request)
    change = await json_object(request)
    settings = change_auto_reload(
        account.settings, change, has_payment_method=account.has_payment_method
    )
    _write(request, account, settings)
    return data(_view(settings))


def _authorize_write(request: Request) -> Account:
    account = authorize(request, "account:write")
    account.check_may_change_settings()
    return account


def _write(request: Request, account: Account, settings: Settings) -> None:
    account.write_settings(settings, venue_of(request).clock.now())


def _view(settings: Settings) -> dict[str, object]:
    return {
        "account_mode": settings.account_mode,
        "auto_transfer_enabled": settings.auto_transfer_enabled,
        "auto_buy_enabled": settings.auto_buy_enabled,
        "auto_buy_quantity": None,
        "auto_buy_trigger_threshold": None,
        "auto_reload_enabled": settings.auto_reload_enabled,
        "auto_reload_threshold_usd": decimal_string(settings.auto_reload_threshold_usd),
        "auto_reload_amount_usd": decimal_string(settings.auto_reload_amount_usd),
        "auto_reload_monthly_limit_usd": decimal_string(settings.auto_reload_monthly_limit_usd),
        "mode_managed_fields": list(MODE_MANAGED_FIELDS),
        "auto_top_up_enabled": settings.auto_buy_enabled,
        "auto_top_up_quantity": None,
        "auto_top_up_trigger_threshold": None,
    }


_BASE = "/self/system-settings"

ROUTES = [
    Route(_BASE, _read, methods=["GET"]),
    Route(f"{_BASE}/account-mode", _switch_mode, methods=["POST"]),
    Route(f"{_BASE}/auto-buy", _set_auto_buy, methods=["PATCH"]),
    Route(f"{_BASE}/auto_reload", _set_auto_reload, methods=["PATCH"]),  # the vendor's spelling
]
