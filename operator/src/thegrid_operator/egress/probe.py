"""Asking the market where it would send an inference call, without spending anything.

One call of one token at most, whose redirect is read and never followed: a supplier serves a call
only when it is followed. Two things could cost money all the same, so both end the asking: an empty
balance, which a platform that buys by itself would fill, and a market that answers without a
redirect (The Grid's documentation, "Consumption API" and "Errors and rate limits").

What belongs here: one probe, and what its answer means. What does not: when to ask, and what
becomes of a host that is new (`thegrid.core.egress`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit

from thegrid.client import Client, Endpoints, GridError
from thegrid.client.endpoints import is_loopback
from thegrid.client.first_answer import FirstAnswer
from thegrid.core.egress import read_location
from thegrid.core.model import ConsumptionBalance
from thegrid.core.secret import Secret

SHORTEST_INTERVAL = timedelta(minutes=10)
"""More often would take from the requests that the account may make, and tell nothing new."""

LEAST_UNITS = Decimal("0.01")
"""Below this a balance counts as empty: calls of others could empty it before ours arrives."""

_TEMPORARY_REDIRECT = 307
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe brought.

    Attributes:
        host: The canonical name that the redirect leads to; empty if there is none.
        port: The port there.
        problem: Why nothing was learned, in one sentence; empty if something was.
        served: The market served the call itself, so that asking again could spend.
    """

    host: str = ""
    port: int = 443
    problem: str = ""
    served: bool = False

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """Return the hosts as a look at the sources takes them: None if the probe told nothing."""
        if self.problem:
            return None
        return (self.host,) if self.host else ()


class Market(Protocol):
    """The part of an open session with the market that a probe needs."""

    client: Client
    endpoints: Endpoints

    def first_answer(self, key: Secret, model: str) -> FirstAnswer:
        """Make one call and stop at the market's own answer."""


def probe(market: Market, key: Secret, model: str) -> Probed:
    """Ask once. Whatever fails becomes a problem, without any secret in it.

    Args:
        market: A login to the account, which tells its balance.
        key: A consumption key of the same account.
        model: An instrument's symbol.
    """
    try:
        instrument = market.client.instrument_by_symbol(model)
        rows = market.client.consumption_balances(instrument_id=instrument.id).complete()
        empty = why_not(model, rows)
        if empty:
            return Probed(problem=empty)
        return judge(market.first_answer(key, model), market.endpoints)
    except GridError as problem:
        return Probed(problem=str(problem))


def why_not(model: str, balances: tuple[ConsumptionBalance, ...]) -> str:
    """Say why an account must not be asked for; empty if it may be.

    Args:
        model: The instrument's symbol.
        balances: What the account has of this instrument.
    """
    if not balances:
        return f"{model}: the balance is not known, and with an empty one a purchase could begin"
    if sum(it.uncommitted for it in balances) < LEAST_UNITS:
        return (
            f"{model}: fewer than {LEAST_UNITS} units are left to consume, and with an empty "
            "balance a purchase could begin"
        )
    return ""


def judge(answer: FirstAnswer, market: Endpoints) -> Probed:
    """Say what an answer means.

    Args:
        answer: The market's answer to the call.
        market: Where it was asked; one on this machine may redirect to this machine, where pods
            need no policy, so that names no host.
    """
    if answer.status != _TEMPORARY_REDIRECT:
        if answer.status in _REDIRECTS:
            return Probed(problem=f"the market answered {answer.status}, and only a 307 is read")
        return Probed(
            problem=f"the market served the call itself ({answer.status}, no redirect): it is not "
            "asked again, since that could cost units",
            served=True,
        )
    if answer.location is None:
        return Probed(problem="the market answered 307 without a Location")
    location = answer.location.reveal()
    if market.all_loopback and _stays_here(location):
        return Probed()
    try:
        host, port = read_location(location)
    except ValueError as problem:
        return Probed(problem=f"the market answered 307, but {problem}")
    return Probed(host, port)


def is_due(last: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Tell whether it is time to ask again.

    Args:
        last: When it was asked last, however that ended; None for never.
        interval: How often it is to be asked; a shorter one than the floor counts as the floor.
        now: The present.
    """
    return last is None or now >= last + max(interval, SHORTEST_INTERVAL)


def _stays_here(location: str) -> bool:
    try:
        return urlsplit(location).scheme in ("http", "https") and is_loopback(location)
    except ValueError:
        return False
