"""How the Trading API may also word its answers."""

from dataclasses import replace

from thegrid_emulator.answers import Answer
from thegrid_emulator.dialect.changes import (
    JSONObject,
    as_number,
    as_string,
    each,
    if_code,
    in_body,
    named,
    only,
    other_kind,
    rows,
    with_status,
    without,
    word,
    wrapped,
)
from thegrid_emulator.dialect.rule import Rule
from thegrid_emulator.error_shapes import error_body

_ORDERS = (
    "trading GET /orders",
    "trading GET /orders/{id}",
    "trading POST /orders",
    "trading PUT /orders/{id}",
)
_MARKETS = ("trading GET /markets", "trading GET /markets/{id}")
_BALANCES = (
    "trading GET /trading-accounts",
    "trading GET /trading-accounts/{id}",
    "trading GET /currency-trading-accounts",
    "trading GET /currency-trading-accounts/{id}",
)
_CONSUMPTION = ("trading GET /consumption-accounts", "trading GET /consumption-accounts/{id}")
_LISTS = (
    "trading GET /orders",
    "trading GET /trades",
    "trading GET /markets",
    "trading GET /instruments",
    "trading GET /trading-accounts",
    "trading GET /currency-trading-accounts",
    "trading GET /consumption-accounts",
)
_OFFSET_LISTS = ("trading GET /transfer-histories", "trading GET /positions")
_BALANCE_NAMES = ("total_balance", "available_balance", "locked_balance")


def _sizing_at_top_level(row: JSONObject) -> JSONObject:
    controls = row.get("order_controls")
    if not isinstance(controls, dict):
        return row
    return {**without("order_controls")(row), **controls}


def _email_of_user(row: JSONObject) -> JSONObject:
    return {**without("email")(row), "user": {"email": row.get("email")}}


def _accepted(answer: Answer) -> Answer:
    """Take the change of an order as if it were still to be made."""
    order_id = answer.path.rpartition("/")[2]
    body = {"message": "Order update accepted", "order_id": order_id}
    return replace(answer, status=202, body=body)


def _cancelled(answer: Answer) -> Answer:
    order_id = answer.path.rpartition("/")[2]
    return replace(answer, status=200, body={"data": {"id": order_id, "status": "cancelled"}})


def _without_paging(body: JSONObject) -> JSONObject:
    """Leave paging out where there is nothing to page through."""
    return without("paging")(body) if _is_complete(body) else body


def _with_meta(body: JSONObject) -> JSONObject:
    """Count pages by offset, where there is one page."""
    rows_given = body.get("data")
    if not _is_complete(body) or not isinstance(rows_given, list):
        return body
    count = len(rows_given)
    meta = {
        "current_offset": 0,
        "current_page": 1,
        "page_size": 50,
        "total_count": count,
        "total_pages": 1,
    }
    return {**without("paging")(body), "meta": meta}


def _is_complete(body: JSONObject) -> bool:
    paging = body.get("paging")
    if not isinstance(paging, dict):
        return False
    return not paging.get("has_more") and paging.get("prev_cursor") is None


def _in_the_manuals_words(answer: Answer, code: str) -> Answer:
    status = 400 if code == "INSUFFICIENT_BALANCE" else answer.status
    body = error_body(5, code, code.replace("_", " ").capitalize())
    return replace(answer, status=status, body=body)


TRADING = (
    Rule(
        "an account's address stands under its user",
        "SDK",
        ("trading GET /me",),
        rows(
            _email_of_user,
            without("name", "email_verified", "accepted_terms", "created_at", "updated_at"),
        ),
    ),
    Rule(
        "a market has its older members, and its sizing at top level",
        "SDK",
        _MARKETS,
        rows(named({"associated_instruments": "allowed_instruments"}), _sizing_at_top_level),
    ),
    Rule(
        "a ticker has numbers for prices and an older name for the last quantity",
        "SDK",
        ("trading GET /markets/{id}/ticker",),
        rows(
            named({"last_trade_quantity": "last_trade_size"}),
            each("last_price", "highest_bid", "lowest_ask", change=as_number),
            without("market_id", "symbol", "high_24h", "low_24h", "timestamp"),
        ),
    ),
    Rule(
        "an order book has bids and asks",
        "SDK",
        ("trading GET /markets/{id}/orderbook",),
        rows(named({"buy": "bids", "sell": "asks"})),
    ),
    Rule(
        "a public trade has a timestamp",
        "Market data",
        ("trading GET /markets/{id}/trades",),
        rows(named({"execution_timestamp": "timestamp"})),
    ),
    Rule(
        "an order has its older members",
        "Manual: orders",
        _ORDERS,
        rows(
            without("id", "created_at"),
            named(
                {
                    "order_id": "id",
                    "quantity": "size",
                    "average_price": "average_fill_price",
                    "submitted_at": "created_at",
                }
            ),
            each("status", change=word("active", "open")),
            each("size", change=other_kind),
            each("price", "average_fill_price", change=as_number),
            without("instrument_id", "instrument_symbol", "instrument_name", "trader_id"),
            without("fee", "updated_at"),
        ),
    ),
    Rule(
        "a new order is an id and no more",
        "Order types",
        ("trading POST /orders",),
        rows(named({"id": "order_id"}), only("order_id", "client_order_id")),
    ),
    Rule(
        "the change of an order is accepted rather than made",
        "Manual: orders",
        ("trading PUT /orders/{id}",),
        _accepted,
    ),
    Rule(
        "a cancelled order is shown",
        "SDK",
        ("trading DELETE /orders/{id}",),
        _cancelled,
    ),
    Rule(
        "a balance has numbers, and an older name for what is locked",
        "SDK",
        _BALANCES,
        rows(
            each(*_BALANCE_NAMES, change=as_number),
            named({"locked_balance": "reserved_balance"}),
            without("user_id", "market_id", "market_name", "instrument_name"),
        ),
    ),
    Rule(
        "what can be consumed has its older name and is a string",
        "Consumption accounts",
        _CONSUMPTION,
        rows(
            named({"uncommitted_balance": "available_balance"}),
            each("available_balance", change=as_string),
        ),
    ),
    Rule(
        "a transfer stands under data, and is not merely accepted",
        "Manual: transfers",
        ("trading POST /transfers/trading-to-consumption",),
        lambda answer: with_status(200)(wrapped(answer)),
    ),
    Rule(
        "a list that is complete has no paging",
        "Pagination",
        _LISTS,
        in_body(_without_paging),
    ),
    Rule(
        "a list is counted by offset",
        "Manual: pagination",
        _OFFSET_LISTS,
        in_body(_with_meta),
    ),
    Rule(
        "a refusal is worded as in the older manual",
        "Manual: errors",
        ("trading",),
        if_code(
            {
                "insufficient_balance": "INSUFFICIENT_BALANCE",
                "duplicate_client_order_id": "DUPLICATE_CLIENT_ORDER_ID",
                "order_not_cancellable": "ORDER_NOT_CANCELLABLE",
                "signature_verification_failed": "INVALID_SIGNATURE",
                "timestamp_out_of_range": "EXPIRED_TIMESTAMP",
            },
            _in_the_manuals_words,
        ),
        to="refusals",
    ),
)
