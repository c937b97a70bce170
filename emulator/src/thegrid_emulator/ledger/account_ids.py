"""Ids of accounts: a word for the kind and 16 hexadecimal digits that follow from whose it is."""

import hashlib

_DIGITS = 16


def currency_account_id(user_id: str) -> str:
    """Return the id of a user's USD account."""
    return f"currency_trading_account_{_digits(user_id, 'usd')}"


def trading_account_id(user_id: str, instrument_id: str) -> str:
    """Return the id of a user's account of units that can be sold."""
    return f"trading_account_{_digits(user_id, instrument_id)}"


def consumption_account_id(user_id: str, instrument_id: str) -> str:
    """Return the id of a user's account of units that can be consumed."""
    return f"consumption_account_{_digits(user_id, instrument_id)}"


def _digits(user_id: str, held: str) -> str:
    return hashlib.sha256(f"{user_id} {held}".encode()).hexdigest()[:_DIGITS]
