"""Every balance of the market, and every way in which one may change."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.errors import not_found
from thegrid_emulator.ledger.cash import ZERO, Cash, checked_amount
from thegrid_emulator.ledger.consumption import (
    Consumption,
    ConsumptionAccounts,
    Draw,
    Lot,
    Reservation,
)
from thegrid_emulator.ledger.delivery import Delivery
from thegrid_emulator.ledger.totals import CashTotals, Totals, token_totals
from thegrid_emulator.ledger.transfers import Direction, Transfer
from thegrid_emulator.ledger.units import TOKENS_PER_UNIT, Parcel, Units, checked_quantity


class Ledger:
    """All accounts and what is in them.

    What it returns is live: read it, and change it through the methods here only.

    Args:
        lot_seconds: how long units live in consumption.
    """

    def __init__(self, lot_seconds: int = 4 * 3600) -> None:
        self._cash: dict[str, Cash] = {}
        self._units: dict[str, dict[str, Units]] = {}
        self._consumption = ConsumptionAccounts(lot_seconds)
        self._transfers: dict[str, list[Transfer]] = {}
        self._issued: Counter[str] = Counter()
        self._deposited = ZERO
        self._withdrawn = ZERO
        self._fees = ZERO

    def open(self, user_id: str, now: datetime) -> None:
        """Open a user's accounts, all of them empty."""
        self._cash[user_id] = Cash(now, now)
        self._units[user_id] = {}
        self._transfers[user_id] = []

    def users(self) -> Iterable[str]:
        """Return everybody who has accounts, in the order of opening."""
        return self._cash.keys()

    def cash(self, user_id: str) -> Cash:
        """Return a user's USD.

        Raises:
            MarketError: 404 if the user has no accounts.
        """
        try:
            return self._cash[user_id]
        except KeyError:
            raise not_found("account") from None

    def deposit(self, user_id: str, amount: Decimal, now: datetime) -> None:
        """Let USD come in from outside.

        Raises:
            MarketError: 422 `invalid_usd`; 404 if the user has no accounts.
        """
        cash = self.cash(user_id)
        cash.total += checked_amount(amount)
        cash.updated_at = cash.last_deposit_at = now
        self._deposited += amount

    def withdraw(self, user_id: str, amount: Decimal, now: datetime) -> None:
        """Let USD leave.

        Raises:
            MarketError: 422 `invalid_usd` or `insufficient_balance`; 404 if the user has no
                accounts.
        """
        cash = self.cash(user_id)
        cash.check_available(checked_amount(amount))
        cash.total -= amount
        cash.updated_at = cash.last_withdrawal_at = now
        self._withdrawn += amount

    def lock_cash(self, user_id: str, amount: Decimal, now: datetime) -> None:
        """Hold USD for an order.

        Raises:
            MarketError: 422 `insufficient_balance`.
        """
        self.cash(user_id).lock(amount, now)

    def unlock_cash(self, user_id: str, amount: Decimal, now: datetime) -> None:
        """Let go of USD that an order held."""
        self.cash(user_id).unlock(amount, now)

    def units(self, user_id: str, instrument_id: str) -> Units:
        """Return what a user can sell of an instrument; an empty account if there never was any."""
        cash = self.cash(user_id)
        return self._units[user_id].get(instrument_id) or Units(cash.created_at, cash.created_at)

    def holdings(self, user_id: str) -> dict[str, Units]:
        """Return a user's trading accounts by instrument id; those never used are absent.

        Raises:
            MarketError: 404 if the user has no accounts.
        """
        self.cash(user_id)
        return self._units[user_id]

    def issue(
        self,
        user_id: str,
        instrument_id: str,
        quantity: int,
        price: Decimal | None,
        now: datetime,
    ) -> None:
        """Let units come into the market.

        Args:
            user_id: who gets them, to sell or to transfer.
            instrument_id: of which instrument.
            quantity: whole units, at least 1.
            price: USD per unit that they count as, or None.
            now: when.

        Raises:
            MarketError: 422 `invalid_quantity`; 404 if the user has no accounts.
        """
        checked_quantity(quantity)
        units = self._opened_units(user_id, instrument_id, now)
        units.add(quantity, price, now)
        units.last_deposit_at = now
        self._issued[instrument_id] += quantity * TOKENS_PER_UNIT

    def lock_units(self, user_id: str, instrument_id: str, quantity: int, now: datetime) -> None:
        """Hold units for an order.

        Raises:
            MarketError: 422 `insufficient_balance`.
        """
        self.units(user_id, instrument_id).lock(quantity, now)

    def unlock_units(self, user_id: str, instrument_id: str, quantity: int, now: datetime) -> None:
        """Let go of units that an order held."""
        self.units(user_id, instrument_id).unlock(quantity, now)

    def deliver(self, delivery: Delivery, now: datetime) -> None:
        """Move what a trade moves, out of what both orders have locked."""
        buyer, seller = self._cash[delivery.buyer_id], self._cash[delivery.seller_id]
        buyer.locked -= delivery.released
        buyer.total -= delivery.value + delivery.fee
        seller.total += delivery.value
        self._fees += delivery.fee
        sold = self._units[delivery.seller_id][delivery.instrument_id]
        sold.locked -= delivery.quantity
        sold.take(delivery.quantity, now)
        sold.last_trade_at = now
        for cash in (buyer, seller):
            cash.updated_at = cash.last_trade_at = now
        self._receive(delivery, now)

    def transfer(self, user_id: str, instrument_id: str, quantity: int, now: datetime) -> Transfer:
        """Move units from trading to consumption, the oldest first.

        Raises:
            MarketError: 422 `invalid_quantity` or `insufficient_balance`; 404 if the user has no
                accounts.
        """
        units = self.units(user_id, instrument_id)
        units.check_available(checked_quantity(quantity))
        parcels = units.take(quantity, now)
        units.last_withdrawal_at = now
        return self._enter_consumption(user_id, instrument_id, parcels, now)

    def transfer_back(
        self, user_id: str, instrument_id: str, quantity: int, now: datetime
    ) -> Transfer:
        """Move whole units from consumption to trading, from the lot that expires first.

        The market has given this up; it is here for those who need its older behaviour.

        Raises:
            MarketError: 422 `invalid_quantity` or `insufficient_balance`; 404 if the user has no
                accounts.
        """
        checked_quantity(quantity)
        self._consumption.expire(now)
        parcels = self._consumption.leave(user_id, instrument_id, quantity, now)
        units = self._opened_units(user_id, instrument_id, now)
        for parcel in parcels:
            units.add(parcel.quantity, parcel.price, now)
        units.last_deposit_at = now
        return self._record(user_id, instrument_id, quantity, "consumption_to_trading", now)

    def transfers_of(self, user_id: str) -> list[Transfer]:
        """Return a user's transfers, oldest first."""
        return self._transfers.get(user_id, [])

    def consumption(self, user_id: str, instrument_id: str, now: datetime) -> Consumption:
        """Return what a user can consume of an instrument; an empty account if there never was any.

        Raises:
            MarketError: 404 if the user has no accounts.
        """
        opened = self.cash(user_id).created_at
        return self.consumptions(user_id, now).get(instrument_id) or Consumption(opened, opened)

    def consumptions(self, user_id: str, now: datetime) -> dict[str, Consumption]:
        """Return a user's consumption accounts by instrument id; those never used are absent."""
        self._consumption.expire(now)
        return self._consumption.of_user(user_id)

    def lots(self, user_id: str, instrument_id: str, now: datetime) -> list[Lot]:
        """Return the lots of which anything is left, the first to expire first."""
        return self.consumption(user_id, instrument_id, now).lots

    def reserve(self, user_id: str, instrument_id: str, tokens: int, now: datetime) -> Reservation:
        """Hold tokens for a call, from the lot that expires first, then from the oldest.

        Raises:
            MarketError: 422 `insufficient_balance` if fewer are free, `invalid_tokens` below 1.
        """
        self._consumption.expire(now)
        return self._consumption.reserve(user_id, instrument_id, tokens, now)

    def settle(self, reservation: Reservation, tokens: int, now: datetime) -> tuple[Draw, ...]:
        """Use tokens of a reservation and let go of the others, which are lost if their lot is.

        Args:
            reservation: from `reserve`, whether or not its lots have expired since.
            tokens: how many the call used.
            now: when.

        Returns:
            What was used, by lot, in the order of use.

        Raises:
            ValueError: if more are used than are held; a reservation that was settled or released
                before holds none.
        """
        self._consumption.expire(now)
        return self._consumption.settle(reservation, tokens, now)

    def release(self, reservation: Reservation, now: datetime) -> None:
        """Let go of a reservation; nothing happens if it was settled or released before."""
        self.settle(reservation, 0, now)

    def expire(self, now: datetime) -> None:
        """Let everything go whose time is over."""
        self._consumption.expire(now)

    def totals(self) -> Totals:
        """Add up everything that came in, is held and has left."""
        held = sum((cash.total for cash in self._cash.values()), ZERO)
        cash = CashTotals(self._deposited, self._withdrawn, held, self._fees)
        holdings = ((key, it) for held in self._units.values() for key, it in held.items())
        return Totals(cash, token_totals(self._issued, holdings, self._consumption.all()))

    def _opened_units(self, user_id: str, instrument_id: str, now: datetime) -> Units:
        return self.holdings(user_id).setdefault(instrument_id, Units(now, now))

    def _receive(self, delivery: Delivery, now: datetime) -> None:
        buyer_id, instrument_id = delivery.buyer_id, delivery.instrument_id
        if delivery.into_consumption:
            parcels = [Parcel(delivery.quantity, delivery.price)]
            self._enter_consumption(buyer_id, instrument_id, parcels, now)
        else:
            units = self._opened_units(buyer_id, instrument_id, now)
            units.add(delivery.quantity, delivery.price, now)
            units.last_trade_at = now

    def _enter_consumption(
        self, user_id: str, instrument_id: str, parcels: list[Parcel], now: datetime
    ) -> Transfer:
        self._consumption.enter(user_id, instrument_id, parcels, now)
        quantity = sum(parcel.quantity for parcel in parcels)
        return self._record(user_id, instrument_id, quantity, "trading_to_consumption", now)

    def _record(
        self,
        user_id: str,
        instrument_id: str,
        quantity: int,
        direction: Direction,
        now: datetime,
    ) -> Transfer:
        transfer = Transfer(user_id, instrument_id, quantity, direction, now)
        self._transfers[user_id].append(transfer)
        return transfer
