"""JSON to values and back: the only place that knows the market's field names.

Unknown fields are ignored and optional ones may be missing; what must be there and is not makes
an `UnusableAnswer`. No text of this module quotes a body, since bodies hold secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from thegrid.core.model import (
    Account,
    AccountSettings,
    ConsumptionKey,
    DeviceLogin,
    MintedKey,
    Model,
    TokenPair,
    TradingKey,
)
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload

T = TypeVar("T")
Json = Mapping[str, Any]
_MACHINE_CODE = re.compile(r"[a-z0-9_]+")
_TOKEN_SECONDS = 3600
_POLL_SECONDS = 5


class UnusableAnswer(Exception):
    """A body is not what the route promises. The sender turns it into one of the public errors."""


def parse(body: bytes, reader: Callable[[Json], T], *, number: Callable[[str], Any] = Decimal) -> T:
    """Read a body with a reader of this module.

    Args:
        body: The body as received.
        reader: Turns the decoded object into a value.
        number: What becomes of a number with a fraction; money is never a binary float.

    Returns:
        The value.

    Raises:
        UnusableAnswer: The body is no JSON object, or lacks what must be there.
    """
    decoded = _decoded(body, number)
    if not isinstance(decoded, Mapping):
        raise UnusableAnswer("the answer is not a JSON object")
    try:
        return reader(decoded)
    except KeyError as missing:
        problem = f"the answer lacks {missing.args[0]!r}"
    except (TypeError, ValueError, AttributeError, ArithmeticError):
        problem = "the answer has a value of the wrong type"
    # Raised out here, since an exception that is raised in a handler keeps the one it came from,
    # and that one may quote the body.
    raise UnusableAnswer(problem)


def _decoded(body: bytes, number: Callable[[str], Any] = Decimal) -> Any:
    """Decode a body; None where it is not JSON."""
    try:
        return json.loads(body, parse_float=number)
    except (ValueError, RecursionError):
        return None


def consumption_key(data: Json) -> ConsumptionKey:
    """Read one consumption key, without its secret."""
    return ConsumptionKey(
        id=_text(data["id"]),
        name=str(data.get("name") or ""),
        is_active=_boolean(data.get("is_active", True)),
        expires_at=_time(data.get("expires_at")),
        created_at=_time(data.get("created_at")),
        last_used_at=_time(data.get("last_used_at")),
        prefix=str(data.get("key_prefix") or ""),
    )


def minted_key(body: Json) -> MintedKey:
    """Read the answer to a key's creation."""
    return MintedKey(consumption_key(body["data"]), Secret(_text(body["data"]["key"])))


def consumption_keys(body: Json) -> tuple[ConsumptionKey, ...]:
    """Read a listing of consumption keys."""
    return tuple(consumption_key(row) for row in body["data"])


def trading_key(data: Json) -> TradingKey:
    """Read one trading key; a full fingerprint serves where the prefix is missing."""
    prefix = data.get("fingerprint_prefix") or data["fingerprint"]
    key_id = data["id"] if "id" in data else data["key_id"]
    active = _boolean(data.get("is_active", True))
    return TradingKey(_text(key_id), str(data.get("label") or ""), _text(prefix)[:8], active)


def trading_keys(body: Json) -> tuple[TradingKey, ...]:
    """Read a listing of trading keys."""
    return tuple(trading_key(row) for row in body["data"])


def account(body: Json) -> Account:
    """Read the account of a login, from the platform's or the trading host's answer."""
    data = body["data"]
    user_id = data["id"] if "id" in data else data["user_id"]
    email = data.get("email") or (data.get("user") or {}).get("email")
    return Account(_text(user_id), str(email or ""))


def settings(body: Json) -> AccountSettings:
    """Read an account's settings; the deprecated names of auto-buy serve where it lacks its own."""
    data = body["data"]
    auto_buy = (
        data["auto_buy_enabled"] if "auto_buy_enabled" in data else data["auto_top_up_enabled"]
    )
    if data["account_mode"] not in ("easy", "advanced"):
        raise ValueError
    return AccountSettings(
        mode=data["account_mode"],
        auto_buy_enabled=_boolean(auto_buy),
        auto_transfer_enabled=_boolean(data.get("auto_transfer_enabled", False)),
        auto_reload_enabled=_boolean(data.get("auto_reload_enabled", False)),
        auto_reload_threshold_usd=_decimal(data.get("auto_reload_threshold_usd")),
        auto_reload_amount_usd=_decimal(data.get("auto_reload_amount_usd")),
        auto_reload_monthly_limit_usd=_decimal(data.get("auto_reload_monthly_limit_usd")),
    )


def models(body: Json) -> tuple[Model, ...]:
    """Read the inference catalogue."""
    rows = body["data"]
    return tuple(Model(_text(row["id"]), str(row.get("display_name") or row["id"])) for row in rows)


def token_pair(body: Json, *, now: datetime) -> TokenPair:
    """Read an OAuth token answer (RFC 6749, section 5.1); a lifetime that is missing is an hour."""
    refresh = body.get("refresh_token")
    return TokenPair(
        access=Secret(_text(body["access_token"])),
        refresh=Secret(_text(refresh)) if refresh else None,
        expires_at=now + timedelta(seconds=int(body.get("expires_in") or _TOKEN_SECONDS)),
        scopes=tuple(str(body.get("scope") or "").split()),
    )


def device_login(body: Json, *, now: datetime) -> DeviceLogin:
    """Read a device authorization answer (RFC 8628, section 3.2)."""
    address, code = _text(body["verification_uri"]), _text(body["user_code"])
    return DeviceLogin(
        device_code=Secret(_text(body["device_code"])),
        user_code=code,
        verification_uri=address,
        verification_uri_complete=str(
            body.get("verification_uri_complete") or f"{address}?user_code={code}"
        ),
        expires_at=now + timedelta(seconds=int(body["expires_in"])),
        interval_seconds=max(int(body.get("interval", _POLL_SECONDS)), 1),
    )


def auto_reload_body(action: SetAutoReload) -> dict[str, Any]:
    """Write a change of the reload settings; what is None is left out."""
    body: dict[str, Any] = {
        "auto_reload_enabled": action.enabled,
        "auto_reload_threshold_usd": _decimal_text(action.threshold_usd),
        "auto_reload_amount_usd": _decimal_text(action.amount_usd),
        "auto_reload_monthly_limit_usd": _decimal_text(action.monthly_limit_usd),
    }
    return {name: value for name, value in body.items() if value is not None}


def time_text(time: datetime) -> str:
    """Write a time as the market does: ISO 8601 in UTC with `Z`."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def error_code(body: bytes) -> str:
    """Read the machine code of a refusal, in any of the market's shapes; empty where none is."""
    return _error(body)[0]


def error_texts(body: bytes) -> tuple[str, str]:
    """Read a refusal's machine code and its text for people; both may be empty."""
    return _error(body)


def _error(body: bytes) -> tuple[str, str]:
    decoded = _decoded(body)
    if not isinstance(decoded, dict):
        return "", ""
    inner = decoded.get("error")
    outer = decoded.get("errors")
    nested = inner if isinstance(inner, dict) else {}
    errors = outer if isinstance(outer, dict) else {}
    detail = errors.get("detail")
    codes = (nested.get("code"), errors.get("code"), decoded.get("code"), _as_code(detail), inner)
    messages = (
        decoded.get("error_description"),
        nested.get("message"),
        errors.get("message"),
        detail,
        _field_messages(detail),
        decoded.get("message"),
        inner,
    )
    return _first_text(codes), _first_text(messages)


def _as_code(detail: object) -> str | None:
    return detail if isinstance(detail, str) and _MACHINE_CODE.fullmatch(detail) else None


def _field_messages(detail: object) -> str | None:
    if not isinstance(detail, dict):
        return None
    rows = ((name, told if isinstance(told, list) else [told]) for name, told in detail.items())
    return "; ".join(f"{name}: {', '.join(map(str, told))}" for name, told in rows)


def _first_text(candidates: tuple[object, ...]) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError
    time = datetime.fromisoformat(value)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _decimal(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    return Decimal(value)


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
