"""The caller's accounts: units for sale, cash, units for inference; scope `account:read`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import (
    Operation,
    Parameter,
    in_path,
    in_query,
    operation,
    paged,
    sorted_by,
)
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    MOMENT,
    TEXT,
    Schema,
    component,
    enveloped,
    or_null,
    page_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_BALANCES: dict[str, Schema] = {
    "total_balance": DECIMAL,
    "available_balance": DECIMAL,
    "locked_balance": DECIMAL,
}
_MOMENTS: dict[str, Schema] = {
    "last_trading_activity_at": or_null(MOMENT),
    "last_deposit_at": or_null(MOMENT),
    "last_withdrawal_at": or_null(MOMENT),
    "created_at": MOMENT,
    "updated_at": MOMENT,
}

_TRADING_ACCOUNT = record(
    {
        "account_id": TEXT,
        "user_id": TEXT,
        "instrument_id": TEXT,
        **_BALANCES,
        "status": TEXT,
        **_MOMENTS,
    },
    {
        "market_id": or_null(TEXT),
        "market_name": or_null(TEXT),
        "instrument_name": or_null(TEXT),
        "instrument_symbol": or_null(TEXT),
        "currency": or_null(TEXT),
        "last_trade_price": or_null(DECIMAL),
    },
)

_CURRENCY_ACCOUNT = record(
    {
        "account_id": TEXT,
        "user_id": TEXT,
        "currency": {"const": "usd"},
        **_BALANCES,
        "status": TEXT,
        **_MOMENTS,
    },
    {"last_trade_price": or_null(DECIMAL)},
)

_UNITS: Schema = {"type": "number", "minimum": 0, "multipleOf": 0.000001}

_CONSUMPTION_ACCOUNT = record(
    {
        "account_id": TEXT,
        "user_id": TEXT,
        "instrument_id": TEXT,
        "status": TEXT,
        **dict.fromkeys(
            (
                "uncommitted_balance",
                "committed_balance",
                "total_balance",
                "total_deposits",
                "total_withdrawals",
                "total_commitments",
                "total_transfers_in",
                "total_transfers_out",
            ),
            _UNITS,
        ),
        **dict.fromkeys(
            ("last_deposit_at", "last_withdrawal_at", "last_commitment_at", "last_transfer_at"),
            or_null(MOMENT),
        ),
        "created_at": MOMENT,
        "updated_at": MOMENT,
    },
    {"instrument_name": or_null(TEXT), "instrument_symbol": or_null(TEXT)},
)

_FILTERS: list[Parameter] = [
    *(in_query(name) for name in ("account_id", "instrument_id", "status")),
    *sorted_by("created_at", "updated_at"),
    *paged(),
]


def _routes(kind: str, name: str, about: str) -> dict[str, dict[str, Operation]]:
    """Return the list of one kind of account, and the route of a single one.

    Args:
        kind: the path.
        name: of the schema.
        about: what such an account holds.
    """
    return {
        f"/{kind}": {
            "get": operation(
                f"list{name}s",
                f"Accounts that hold {about}.",
                {200: page_of(component(name))},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=_FILTERS,
            )
        },
        f"/{kind}/{{account_id}}": {
            "get": operation(
                f"read{name}",
                f"One account that holds {about}.",
                {200: enveloped(component(name))},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("account_id")],
            )
        },
    }


SUBJECT = Subject(
    components={
        "TradingAccount": _TRADING_ACCOUNT,
        "CurrencyTradingAccount": _CURRENCY_ACCOUNT,
        "ConsumptionAccount": _CONSUMPTION_ACCOUNT,
    },
    paths={
        **_routes("trading-accounts", "TradingAccount", "units that can be sold, and cash"),
        **_routes("currency-trading-accounts", "CurrencyTradingAccount", "cash"),
        **_routes("consumption-accounts", "ConsumptionAccount", "units for inference"),
    },
)
