"""Frozen values for the market's things. Times are aware datetimes in UTC, money is `Decimal`.

What belongs here: what the market tells, once it has been read, and what it is asked for. What does
not: field names of the wire (`thegrid.client._wire` knows those) and any decision.
"""

from thegrid.core.model.account import (
    Account,
    AccountMode,
    AccountSettings,
    OrderLimits,
    Profile,
    TradingAccount,
)
from thegrid.core.model.balance import (
    CashBalance,
    ConsumptionBalance,
    StartedTransfer,
    TradingBalance,
    Transfer,
)
from thegrid.core.model.identifiers import normal_instrument_id, normal_market_id
from thegrid.core.model.keys import (
    ConsumptionKey,
    KeyListing,
    ListedKey,
    MintedKey,
    TradingKey,
)
from thegrid.core.model.login import DeviceLogin, TokenPair
from thegrid.core.model.market import (
    Instrument,
    Level,
    Market,
    MarketStatistics,
    OrderBook,
    PublicTrade,
    Side,
    Ticker,
)
from thegrid.core.model.order import (
    LONGEST_CLIENT_ORDER_ID,
    TERMINAL_STATUSES,
    NewOrder,
    Order,
    OrderCount,
    OrderType,
    PlacedOrder,
    Position,
    Trade,
    wrong_amount,
    wrong_quantity,
)
from thegrid.core.model.service import Check, Diagnostics, Health
from thegrid.core.model.usage import (
    Cost,
    CostShare,
    DailyUsage,
    DayOfUsage,
    Model,
    UsageReceipt,
    UsageSum,
    UsageSummary,
)

__all__ = [
    "LONGEST_CLIENT_ORDER_ID",
    "TERMINAL_STATUSES",
    "Account",
    "AccountMode",
    "AccountSettings",
    "CashBalance",
    "Check",
    "ConsumptionBalance",
    "ConsumptionKey",
    "Cost",
    "CostShare",
    "DailyUsage",
    "DayOfUsage",
    "DeviceLogin",
    "Diagnostics",
    "Health",
    "Instrument",
    "KeyListing",
    "Level",
    "ListedKey",
    "Market",
    "MarketStatistics",
    "MintedKey",
    "Model",
    "NewOrder",
    "Order",
    "OrderBook",
    "OrderCount",
    "OrderLimits",
    "OrderType",
    "PlacedOrder",
    "Position",
    "Profile",
    "PublicTrade",
    "Side",
    "StartedTransfer",
    "Ticker",
    "TokenPair",
    "Trade",
    "TradingAccount",
    "TradingBalance",
    "TradingKey",
    "Transfer",
    "UsageReceipt",
    "UsageSum",
    "UsageSummary",
    "normal_instrument_id",
    "normal_market_id",
    "wrong_amount",
    "wrong_quantity",
]
