"""Keys for consumption and for trading (The Grid's documentation, "Platform API")."""

from __future__ import annotations

from typing import Any

from thegrid.client._wire.fields import (
    Json,
    boolean,
    label,
    required,
    rows,
    text,
    time,
    without_none,
)
from thegrid.core.model import ConsumptionKey, MintedKey, TradingKey
from thegrid.core.secret import Secret


def consumption_key(data: Json) -> ConsumptionKey:
    """Read one consumption key, without its secret."""
    return ConsumptionKey(
        id=text(data["id"]),
        name=label(data.get("name")),
        is_active=boolean(data.get("is_active", True)),
        expires_at=time(data.get("expires_at")),
        created_at=time(data.get("created_at")),
        last_used_at=time(data.get("last_used_at")),
        prefix=label(data.get("key_prefix")),
    )


def minted_key(body: Json) -> MintedKey:
    """Read the answer to a key's creation."""
    return MintedKey(consumption_key(body["data"]), Secret(text(body["data"]["key"])))


def consumption_keys(body: Json) -> tuple[ConsumptionKey, ...]:
    """Read a listing of consumption keys, of which `parse` may have read the rows already."""
    listed: list[ConsumptionKey | Json] = _listed(body)
    return tuple(it if isinstance(it, ConsumptionKey) else consumption_key(it) for it in listed)


def trading_key(data: Json) -> TradingKey:
    """Read one trading key; a full fingerprint serves where the prefix is missing."""
    prefix = text(data.get("fingerprint_prefix") or data["fingerprint"])
    return TradingKey(
        id=text(required(data, "id", "key_id")),
        label=label(data.get("label")),
        fingerprint_prefix=prefix[:8],
        is_active=boolean(data.get("is_active", True)),
        created_at=time(data.get("created_at")),
    )


def trading_keys(body: Json) -> tuple[TradingKey, ...]:
    """Read a listing of trading keys."""
    return rows(_listed(body), trading_key)


def _listed(body: Json) -> list[Any]:
    """Return the rows; keys that looked absent would be made anew."""
    if not isinstance(body["data"], list):
        raise TypeError
    return body["data"]


def consumption_key_change(*, name: str | None, is_active: bool | None) -> dict[str, Any]:
    """Write a change of a consumption key; what is None is left out."""
    return {"api_key": without_none({"name": name, "is_active": is_active})}
