"""How stored values look as JSON where more than one surface shows them."""

from collections.abc import Mapping
from dataclasses import asdict

from thegrid_emulator.ledger import Consumption, Lot, Totals
from thegrid_emulator.responses import decimal_string
from thegrid_emulator.state.api_keys import ApiKey
from thegrid_emulator.state.device_logins import DeviceLogin
from thegrid_emulator.state.journal import JournalEntry
from thegrid_emulator.state.redirects import Redirect
from thegrid_emulator.state.signing_keys import FINGERPRINT_PREFIX_LENGTH, SigningKey
from thegrid_emulator.timestamps import iso, iso_or_none

JSONObject = dict[str, object]


def api_key_view(key: ApiKey) -> JSONObject:
    """Return a key without its secret."""
    return {
        "id": key.key_id,
        "name": key.name,
        "key_prefix": key.key_prefix,
        "key": None,
        "is_active": key.is_active,
        "expires_at": iso_or_none(key.expires_at),
        "last_used_at": iso_or_none(key.last_used_at),
        "created_at": iso(key.created_at),
        "updated_at": iso(key.updated_at),
    }


def signing_key_view(key: SigningKey) -> JSONObject:
    """Return a key as a list shows it: the fingerprint by its prefix only."""
    return {
        "id": key.key_id,
        "label": key.label,
        "fingerprint_prefix": key.fingerprint[:FINGERPRINT_PREFIX_LENGTH],
        "is_active": key.is_active,
        "created_at": iso(key.created_at),
        "last_used_at": iso_or_none(key.last_used_at),
    }


def device_login_view(login: DeviceLogin) -> JSONObject:
    """Return a pending login without its device code."""
    return {
        "user_code": login.user_code,
        "client_id": login.client_id,
        "scopes": list(login.scopes),
        "expires_at": iso(login.expires_at),
    }


def journal_view(entry: JournalEntry) -> JSONObject:
    """Return a journal entry."""
    return {
        "sequence": entry.sequence,
        "time": iso(entry.time),
        "surface": entry.surface,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "request_id": entry.request_id,
        "user_id": entry.user_id,
        "api_key_id": entry.api_key_id,
    }


def redirect_view(redirect: Redirect) -> JSONObject:
    """Return where a call was sent and what became of that."""
    return {
        "request_id": redirect.receipt.request_id,
        "created_at": iso(redirect.created_at),
        "expires_at": iso(redirect.expires_at),
        "user_id": redirect.user_id,
        "api_key_id": redirect.api_key_id,
        "instrument": redirect.instrument,
        "host": redirect.host,
        "state": redirect.state,
    }


def lots_view(consumptions: Mapping[str, Consumption]) -> list[JSONObject]:
    """Return the lots of one user, those of each instrument in the order in which they are drawn.

    Args:
        consumptions: the user's consumption accounts by instrument id.
    """
    return [
        lot_view(instrument_id, lot)
        for instrument_id, account in consumptions.items()
        for lot in account.lots
    ]


def lot_view(instrument_id: str, lot: Lot) -> JSONObject:
    """Return one lot of an instrument."""
    return {
        "lot_id": lot.lot_id,
        "instrument_id": instrument_id,
        "tokens": lot.tokens,
        "free_tokens": lot.free,
        "reserved_tokens": lot.reserved,
        "price": decimal_string(lot.price),
        "entered_at": iso(lot.entered_at),
        "expires_at": iso(lot.expires_at),
    }


def totals_view(totals: Totals) -> JSONObject:
    """Return what came into the market, is held and has left, and whether that adds up."""
    usd = totals.cash
    return {
        "balanced": totals.balanced,
        "usd": {
            "deposited": decimal_string(usd.deposited),
            "withdrawn": decimal_string(usd.withdrawn),
            "held": decimal_string(usd.held),
            "fees": decimal_string(usd.fees),
        },
        "tokens": {instrument_id: asdict(it) for instrument_id, it in totals.tokens.items()},
    }
