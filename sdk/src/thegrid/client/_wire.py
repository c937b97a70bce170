"""JSON to values and back: the only place that knows the market's field names.

Unknown fields are ignored and optional ones may be missing; what must be there and is not makes
an `UnusableAnswer`. No text of this module quotes a body, since bodies hold secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from thegrid.core.model import (
    Account,
    AccountSettings,
    ConsumptionKey,
    MintedKey,
    Model,
    TradingKey,
)
from thegrid.core.secret import Secret
from thegrid.core.settings import SetAutoReload

T = TypeVar("T")
Json = Mapping[str, Any]
_MACHINE_CODE = re.compile(r"^[a-z0-9_]+$")


class UnusableAnswer(Exception):
    """A body is not what the route promises. The sender turns it into one of the public errors."""


def parse(body: bytes, reader: Callable[[Json], T]) -> T:
    """Read a body with a reader of this module.

    Args:
        body: The body as received.
        reader: Turns the decoded object into a value.

    Returns:
        The value.

    Raises:
        UnusableAnswer: The body is no JSON object, or lacks what must be there.
    """
    try:
        decoded = json.loads(body, parse_float=Decimal)
    except ValueError:
        raise UnusableAnswer("the answer is not JSON") from None
    if not isinstance(decoded, Mapping):
        raise UnusableAnswer("the answer is not a JSON object")
    try:
        return reader(decoded)
    except KeyError as missing:
        raise UnusableAnswer(f"the answer lacks {missing.args[0]!r}") from None
    except (TypeError, ValueError, AttributeError, InvalidOperation):
        raise UnusableAnswer("the answer has a value of the wrong type") from None


def consumption_key(data: Json) -> ConsumptionKey:
    """Read one consumption key, without its secret."""
    return ConsumptionKey(
        id=str(data["id"]),
        name=str(data.get("name") or ""),
        is_active=_boolean(data.get("is_active", True)),
        expires_at=_time(data.get("expires_at")),
        created_at=_time(data.get("created_at")),
        last_used_at=_time(data.get("last_used_at")),
        prefix=str(data.get("key_prefix") or ""),
    )


def minted_key(body: Json) -> MintedKey:
    """Read the answer to a key's creation."""
    secret = body["data"]["key"]
    if not isinstance(secret, str) or not secret:
        raise TypeError
    return MintedKey(consumption_key(body["data"]), Secret(secret))


def consumption_keys(body: Json) -> tuple[ConsumptionKey, ...]:
    """Read a listing of consumption keys."""
    return tuple(consumption_key(row) for row in body["data"])


def trading_key(data: Json) -> TradingKey:
    """Read one trading key; a full fingerprint serves where the prefix is missing."""
    prefix = data.get("fingerprint_prefix") or data["fingerprint"]
    key_id = data["id"] if "id" in data else data["key_id"]
    active = _boolean(data.get("is_active", True))
    return TradingKey(str(key_id), str(data.get("label") or ""), str(prefix)[:8], active)


def trading_keys(body: Json) -> tuple[TradingKey, ...]:
    """Read a listing of trading keys."""
    return tuple(trading_key(row) for row in body["data"])


def account(body: Json) -> Account:
    """Read the account of a login, from the platform's or the trading host's answer."""
    data = body["data"]
    user_id = data["id"] if "id" in data else data["user_id"]
    return Account(str(user_id), str(data.get("email") or data.get("user", {}).get("email") or ""))


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
    return tuple(Model(str(row["id"]), str(row.get("display_name") or row["id"])) for row in rows)


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
    try:
        decoded = json.loads(body)
    except ValueError:
        return "", ""
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
    return detail if isinstance(detail, str) and _MACHINE_CODE.match(detail) else None


def _field_messages(detail: object) -> str | None:
    if not isinstance(detail, dict):
        return None
    rows = ((name, told if isinstance(told, list) else [told]) for name, told in detail.items())
    return "; ".join(f"{name}: {', '.join(map(str, told))}" for name, told in rows)


def _first_text(candidates: tuple[object, ...]) -> str:
    return next((text for text in candidates if isinstance(text, str) and text), "")


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
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _decimal(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError
    return Decimal(value)


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
