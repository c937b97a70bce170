"""Orders: read with `trade:read`, written with `trade:write`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import (
    TIME_FILTER,
    in_path,
    in_query,
    operation,
    paged,
    sorted_by,
)
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    FLAG,
    MOMENT,
    POSITIVE,
    QUANTITY,
    TEXT,
    WHOLE,
    Schema,
    array,
    changing_one_of,
    component,
    enveloped,
    fields,
    one_of,
    or_null,
    page_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_SIDE = one_of("buy", "sell")
_IN_FORCE = one_of("gtc", "ioc", "fok")
_LARGEST_PAGE = 500

_ORDER = record(
    {
        "order_id": TEXT,
        "id": TEXT,
        "client_order_id": or_null(TEXT),
        "market_id": TEXT,
        "market_name": or_null(TEXT),
        "instrument_id": TEXT,
        "instrument_symbol": TEXT,
        "instrument_name": TEXT,
        "trader_id": TEXT,
        "side": _SIDE,
        "type": one_of("limit", "market"),
        "status": one_of(
            "pending",
            "active",
            "partially_filled",
            "cancellation_pending",
            "filled",
            "cancelled",
            "rejected",
            "expired",
        ),
        "quantity": POSITIVE,
        "filled_quantity": WHOLE,
        "price": or_null(DECIMAL),
        "average_price": or_null(DECIMAL),
        "stop_price": {"type": "null"},
        "fee": DECIMAL,
        "time_in_force": _IN_FORCE,
        "closure_reason": or_null(TEXT),
        "closed_at": or_null(MOMENT),
        "submitted_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)

_PRICE: Schema = {
    "type": "string",
    "pattern": r"^(0\.[0-9]{1,3}[1-9]|[1-9][0-9]{0,5}(\.[0-9]{1,4})?)$",
}
_MARKET_ORDER: dict[str, Schema] = {
    "market_id": TEXT,
    "side": _SIDE,
    "quantity": QUANTITY,
}
_OPTIONS: dict[str, Schema] = {
    "time_in_force": _IN_FORCE,
    "client_order_id": or_null({"type": "string", "minLength": 1, "maxLength": 128}),
    "post_only": FLAG,
    "auto_transfer": FLAG,
}

_NEW_ORDER: Schema = {
    "oneOf": [
        fields({**_MARKET_ORDER, "type": {"const": "limit"}, "price": _PRICE}, _OPTIONS),
        fields({**_MARKET_ORDER, "type": {"const": "market"}}, _OPTIONS),
    ]
}

_CHANGE: Schema = {
    **fields({}, {"price": _PRICE, "quantity": QUANTITY, "time_in_force": _IN_FORCE}),
    "anyOf": changing_one_of(["price", "quantity", "time_in_force"]),
}

_FILTERS = [
    *(in_query(name) for name in ("market_id", "trader_id", "instrument_id")),
    in_query("side", _SIDE),
    in_query("status"),
    in_query("type"),
    in_query("start_datetime", TIME_FILTER),
    in_query("end_datetime", TIME_FILTER),
]

_CANCELLED = enveloped(record({"cancelled": WHOLE}))

SUBJECT = Subject(
    components={"Order": _ORDER},
    paths={
        "/orders": {
            "get": operation(
                "listOrders",
                "The caller's own orders.",
                {200: page_of(component("Order"))},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=[
                    *_FILTERS,
                    *sorted_by("submitted_at", "updated_at", "price", "quantity"),
                    *paged(_LARGEST_PAGE),
                ],
            ),
            "post": operation(
                "placeOrder",
                "Buy or sell units; more than the id must not be expected of the answer.",
                {201: enveloped(component("Order"))},
                refusals={**refusals.of_trading(by_id=True, body=True), 409: refusals.ERROR},
                security=SIGNED_OR_BEARER,
                body=_NEW_ORDER,
            ),
            "delete": operation(
                "cancelAllOrders",
                "Cancel all open orders of the caller.",
                {200: _CANCELLED},
                refusals=refusals.of_trading(),
                security=SIGNED_OR_BEARER,
            ),
        },
        "/orders/count": {
            "get": operation(
                "countOrders",
                "How many orders of the caller are open, and where.",
                {
                    200: enveloped(
                        record(
                            {
                                "count": WHOLE,
                                "by_market": array(record({"market_id": TEXT, "count": POSITIVE})),
                            }
                        )
                    )
                },
                refusals=refusals.of_trading(),
                security=SIGNED_OR_BEARER,
            )
        },
        "/orders/{order_id}": {
            "get": operation(
                "readOrder",
                "One order of the caller.",
                {200: enveloped(component("Order"))},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("order_id")],
            ),
            "put": operation(
                "changeOrder",
                "Change some fields of an open order; what is absent stays.",
                {200: enveloped(component("Order"))},
                refusals=refusals.of_trading(by_id=True, body=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("order_id")],
                body=_CHANGE,
            ),
            "delete": operation(
                "cancelOrder",
                "Cancel an open order; one that is cancelled already answers 500, as in "
                "production.",
                {204: None},
                refusals={
                    **refusals.of_trading(by_id=True),
                    422: refusals.ERROR,
                    500: refusals.ERROR,
                },
                security=SIGNED_OR_BEARER,
                parameters=[in_path("order_id")],
            ),
        },
        "/markets/{market_id}/orders": {
            "delete": operation(
                "cancelOrdersOfMarket",
                "Cancel all open orders of the caller in one market.",
                {200: _CANCELLED},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("market_id")],
            )
        },
    },
)
