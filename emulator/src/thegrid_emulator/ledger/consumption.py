"""Units in consumption: lots that expire, reservations of running calls.

A lot lives four hours from its entry, and is usable while `now` is before its expiry. What a call
has reserved survives the lot: the call may still use it, and what it leaves over is lost then
("Lots and expiry" in the vendor's documentation; reservations are the emulator's choice).
"""

import heapq
import uuid
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from thegrid_emulator.ledger.refusals import insufficient, invalid
from thegrid_emulator.ledger.units import TOKENS_PER_UNIT, Parcel


@dataclass(slots=True, eq=False)
class Lot:
    """Units that entered consumption together, at one price.

    Attributes:
        number: place in the order of entry.
        tokens: what entered.
        free: tokens that can be reserved.
        price: USD per unit that they cost, or None if nobody said.
        entered_at: when they entered.
        expires_at: when what is free is lost.
        reserved: tokens that running calls hold.
        expired: whether the end has come.
        lot_id: `lot_` and a UUID.
    """

    number: int
    tokens: int
    free: int
    price: Decimal | None
    entered_at: datetime
    expires_at: datetime
    reserved: int = 0
    expired: bool = False
    lot_id: str = field(default_factory=lambda: f"lot_{uuid.uuid4()}")

    @property
    def price_per_token(self) -> Decimal | None:
        """USD that one token cost, exactly, or None if nobody said."""
        return None if self.price is None else self.price.scaleb(-6)


@dataclass(slots=True)
class Consumption:
    """A consumption account. Token counts are whole; the balances are in units.

    Attributes:
        created_at: when it was opened.
        updated_at: when a balance last changed.
        lots: those with anything left, the first to expire first, then the oldest.
        entered: tokens that ever came in; all of them by transfer.
        returned: tokens that went back to trading.
        used: tokens that calls have used.
        expired: tokens that were here for too long.
        ever_reserved: tokens that were ever reserved.
        last_deposit_at: when units last came in.
        last_withdrawal_at: when tokens last went back, were used or expired.
        last_commitment_at: when tokens were last reserved.
        last_transfer_at: when units last came in or went back.
    """

    created_at: datetime
    updated_at: datetime
    lots: list[Lot] = field(default_factory=list)
    entered: int = 0
    returned: int = 0
    used: int = 0
    expired: int = 0
    ever_reserved: int = 0
    last_deposit_at: datetime | None = None
    last_withdrawal_at: datetime | None = None
    last_commitment_at: datetime | None = None
    last_transfer_at: datetime | None = None

    @property
    def uncommitted_tokens(self) -> int:
        """Tokens that can be reserved."""
        return sum(lot.free for lot in self.lots)

    @property
    def committed_tokens(self) -> int:
        """Tokens that running calls hold."""
        return sum(lot.reserved for lot in self.lots)

    @property
    def uncommitted(self) -> Decimal:
        """Units that can be reserved, to 6 places."""
        return in_units(self.uncommitted_tokens)

    @property
    def committed(self) -> Decimal:
        """Units that running calls hold, to 6 places."""
        return in_units(self.committed_tokens)

    @property
    def total(self) -> Decimal:
        """Units that are here, to 6 places."""
        return in_units(self.uncommitted_tokens + self.committed_tokens)

    def drop_empty_lots(self) -> None:
        """Forget the lots of which nothing is left."""
        self.lots = [lot for lot in self.lots if lot.free or lot.reserved]


@dataclass(frozen=True, slots=True)
class Draw:
    """Tokens that a call took from one lot.

    Attributes:
        lot_id: which.
        tokens: how many.
        price_per_token: USD, or None if nobody said what the lot cost.
    """

    lot_id: str
    tokens: int
    price_per_token: Decimal | None


@dataclass(slots=True, eq=False)
class Reservation:
    """Tokens held for a call that is running.

    Attributes:
        user_id: whose they are.
        instrument_id: of which instrument.
        parts: lots and the tokens held of each, in the order in which they are used; empty once
            the reservation has been settled or released.
    """

    user_id: str
    instrument_id: str
    parts: tuple[tuple[Lot, int], ...]

    @property
    def tokens(self) -> int:
        """How many are held."""
        return sum(tokens for _, tokens in self.parts)


class ConsumptionAccounts:
    """All consumption accounts.

    Args:
        lot_seconds: how long a lot lives.
    """

    def __init__(self, lot_seconds: int) -> None:
        self._lifetime = timedelta(seconds=lot_seconds)
        self._accounts: dict[str, dict[str, Consumption]] = {}
        self._expiries: list[tuple[datetime, int, Consumption, Lot]] = []
        self._lots_entered = 0

    def of_user(self, user_id: str) -> dict[str, Consumption]:
        """Return a user's accounts by instrument id; instruments never consumed are absent."""
        return self._accounts.get(user_id, {})

    def all(self) -> Iterator[tuple[str, Consumption]]:
        """Yield the instrument id and account of everybody."""
        for accounts in self._accounts.values():
            yield from accounts.items()

    def enter(self, user_id: str, instrument_id: str, parcels: list[Parcel], now: datetime) -> None:
        """Take units in, one lot for each parcel."""
        self.expire(now)  # before the entry, so that the account's times only go forward
        accounts = self._accounts.setdefault(user_id, {})
        account = accounts.setdefault(instrument_id, Consumption(now, now))
        for parcel in parcels:
            self._lots_entered += 1
            tokens = parcel.quantity * TOKENS_PER_UNIT
            lot = Lot(self._lots_entered, tokens, tokens, parcel.price, now, now + self._lifetime)
            insort(account.lots, lot, key=_expiry_order)
            heapq.heappush(self._expiries, (lot.expires_at, lot.number, account, lot))
            account.entered += tokens
        account.updated_at = account.last_deposit_at = account.last_transfer_at = now

    def leave(self, user_id: str, instrument_id: str, quantity: int, now: datetime) -> list[Parcel]:
        """Give whole units back, from the lot that expires first.

        A lot gives whole units only, so that each keeps its price.

        Raises:
            MarketError: 422 `insufficient_balance` if the lots have fewer whole units.
        """
        account = self._accounts.get(user_id, {}).get(instrument_id, Consumption(now, now))
        whole = sum(lot.free // TOKENS_PER_UNIT for lot in account.lots)
        if quantity > whole:
            raise insufficient("units", whole, quantity)
        parcels: list[Parcel] = []
        for lot in account.lots:
            part = min(quantity, lot.free // TOKENS_PER_UNIT)
            if part:
                parcels.append(Parcel(part, lot.price))
                lot.free -= part * TOKENS_PER_UNIT
                account.returned += part * TOKENS_PER_UNIT
                quantity -= part
        account.drop_empty_lots()
        account.updated_at = account.last_withdrawal_at = account.last_transfer_at = now
        return parcels

    def reserve(self, user_id: str, instrument_id: str, tokens: int, now: datetime) -> Reservation:
        """Hold tokens, from the lot that expires first.

        Raises:
            MarketError: 422 `insufficient_balance` if fewer are free, `invalid_tokens` below 1.
        """
        if tokens < 1:
            raise invalid("tokens", "a whole number, at least 1")
        account = self._accounts.get(user_id, {}).get(instrument_id, Consumption(now, now))
        if tokens > account.uncommitted_tokens:
            raise insufficient("tokens", account.uncommitted_tokens, tokens)
        account.ever_reserved += tokens
        account.updated_at = account.last_commitment_at = now
        parts: list[tuple[Lot, int]] = []
        for lot in account.lots:
            part = min(tokens, lot.free)
            if part:
                parts.append((lot, part))
                lot.free -= part
                lot.reserved += part
                tokens -= part
        return Reservation(user_id, instrument_id, tuple(parts))

    def settle(self, reservation: Reservation, tokens: int, now: datetime) -> tuple[Draw, ...]:
        """Use tokens of a reservation and let go of the others.

        Args:
            reservation: neither settled nor released before.
            tokens: how many the call used.
            now: when.

        Returns:
            What was used, by lot.

        Raises:
            ValueError: if more are used than are held.
        """
        if not 0 <= tokens <= reservation.tokens:
            raise ValueError(f"tokens: must be from 0 to the {reservation.tokens} reserved")
        if not reservation.parts:
            return ()
        account = self._accounts[reservation.user_id][reservation.instrument_id]
        account.updated_at = now
        draws: list[Draw] = []
        for lot, held in reservation.parts:
            part = min(tokens, held)
            lot.reserved -= held
            tokens -= part
            account.used += part
            self._give_back(account, lot, held - part)
            if part:
                draws.append(Draw(lot.lot_id, part, lot.price_per_token))
                account.last_withdrawal_at = now
        reservation.parts = ()
        account.drop_empty_lots()
        return tuple(draws)

    def expire(self, now: datetime) -> None:
        """Let everything go whose time is over."""
        while self._expiries and self._expiries[0][0] <= now:
            expires_at, _, account, lot = heapq.heappop(self._expiries)
            lot.expired = True
            if lot.free:
                account.expired += lot.free
                lot.free = 0
                account.updated_at = account.last_withdrawal_at = expires_at
            account.drop_empty_lots()

    @staticmethod
    def _give_back(account: Consumption, lot: Lot, tokens: int) -> None:
        if lot.expired:
            account.expired += tokens
        else:
            lot.free += tokens


def in_units(tokens: int) -> Decimal:
    """Return a number of tokens as units, with 6 places."""
    return Decimal(tokens).scaleb(-6)


def _expiry_order(lot: Lot) -> tuple[datetime, int]:
    return lot.expires_at, lot.number
