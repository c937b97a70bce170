"""What refills an account by itself: auto-buy turns USD into units, auto-reload brings USD in.

Both are settings of the account, and independent ("Auto-buy and auto-reload" in the vendor's
documentation). In the emulator a purchase is complete as soon as it has begun.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from thegrid_emulator.errors import MarketError
from thegrid_emulator.exchange import Exchange, NewOrder
from thegrid_emulator.ledger import TOKENS_PER_UNIT, Ledger
from thegrid_emulator.state.accounts import Account, Accounts
from thegrid_emulator.state.catalogue import Instrument, market_of

AUTO_BUY_QUANTITY = 1
AUTO_BUY_THRESHOLD = 1

_Month = tuple[int, int]


class Replenishment:
    """Buys and reloads.

    Args:
        accounts: whose settings count.
        ledger: their balances.
        exchange: where units are bought.
    """

    def __init__(self, accounts: Accounts, ledger: Ledger, exchange: Exchange) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._exchange = exchange
        self._charged: defaultdict[tuple[str, _Month], Decimal] = defaultdict(Decimal)

    def buy(self, user_id: str, instrument: Instrument, now: datetime) -> bool:
        """Buy the usual quantity at market, if the account's settings let it.

        Returns:
            Whether units came in.
        """
        if not self._accounts.get(user_id).settings.auto_buy_enabled:
            return False
        new = NewOrder(
            user_id=user_id,
            market_id=market_of(instrument.instrument_id).market_id,
            side="buy",
            order_type="market",
            quantity=AUTO_BUY_QUANTITY,
        )
        try:
            return self._exchange.place(new, now).filled_quantity > 0
        except MarketError:  # too little USD, or a market that is closed
            return False

    def buy_if_low(self, user_id: str, instrument: Instrument, now: datetime) -> None:
        """Buy if less than the threshold can be spent."""
        balance = self._ledger.consumption(user_id, instrument.instrument_id, now)
        if balance.uncommitted_tokens < AUTO_BUY_THRESHOLD * TOKENS_PER_UNIT:
            self.buy(user_id, instrument, now)

    def reload(self, now: datetime) -> None:
        """Charge the payment method of every account whose USD are below its threshold, once."""
        for account in self._accounts.all():
            amount = self._amount_due(account, now)
            if amount:
                self._charged[account.user_id, _month(now)] += amount
                self._ledger.deposit(account.user_id, amount, now)
                account.has_deposited = True

    def _amount_due(self, account: Account, now: datetime) -> Decimal:
        settings = account.settings
        amount, threshold = settings.auto_reload_amount_usd, settings.auto_reload_threshold_usd
        if not settings.auto_reload_enabled or amount is None or threshold is None:
            return Decimal(0)
        if self._ledger.cash(account.user_id).available >= threshold:
            return Decimal(0)
        limit = settings.auto_reload_monthly_limit_usd
        charged = self._charged[account.user_id, _month(now)]
        return amount if limit is None or charged + amount <= limit else Decimal(0)


def _month(moment: datetime) -> _Month:
    return moment.year, moment.month
