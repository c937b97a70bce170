"""The naive market's consumption: units become lots, lots expire, calls hold and use tokens."""

from dataclasses import dataclass
from fractions import Fraction

UNIT = 1_000_000
LOT_SECONDS = 4 * 3600


class RefusedError(Exception):
    """What the market would not do, by its code."""


@dataclass
class NaiveLot:
    price: Fraction
    free: int
    expires: int
    entered: int
    held: int = 0
    expired: bool = False


class NaiveConsumption:
    """What happens to units after trading; the market adds users, time and orders."""

    def transfer(self, name, market, quantity):
        user = self.users[name]
        if quantity > len(user.units[market]) - self.locked_units(name, market):
            raise RefusedError("insufficient_balance")
        prices = user.units[market][:quantity]
        del user.units[market][:quantity]
        self.enter(name, market, prices)

    def transfer_back(self, name, market, quantity):
        user = self.users[name]
        whole = [lot for lot in self.living(name, market) for _ in range(lot.free // UNIT)]
        if quantity > len(whole):
            raise RefusedError("insufficient_balance")
        for lot in whole[:quantity]:
            lot.free -= UNIT
            user.units[market].append(lot.price)
        self.moves.append((name, market, -quantity))

    def reserve(self, name, market, tokens):
        lots = self.living(name, market)
        if tokens > sum(lot.free for lot in lots):
            raise RefusedError("insufficient_balance")
        parts = []
        for lot in lots:
            part = min(lot.free, tokens)
            lot.free -= part
            lot.held += part
            tokens -= part
            parts.append((lot, part))
        return [(lot, part) for lot, part in parts if part]

    def settle(self, parts, tokens):
        draws = []
        for lot, part in parts:
            used = min(part, tokens)
            tokens -= used
            self.used += used
            lot.held -= part
            if lot.expired:
                self.expired += part - used
            else:
                lot.free += part - used
            if used:
                draws.append((used, lot.price / UNIT))
        return draws

    def enter(self, name, market, prices):
        """Neighbours of one price make one lot."""
        start = 0
        for end in range(1, len(prices) + 1):
            if end == len(prices) or prices[end] != prices[start]:
                self.arrivals += 1
                tokens = (end - start) * UNIT
                expires = self.now + LOT_SECONDS
                lot = NaiveLot(prices[start], tokens, expires, self.arrivals)
                self.users[name].lots[market].append(lot)
                start = end
        self.moves.append((name, market, len(prices)))

    def living(self, name, market):
        lots = [lot for lot in self.users[name].lots[market] if lot.free or lot.held]
        return sorted(lots, key=lambda lot: (lot.expires, lot.entered))
