"""Transfers of units into consumption; they do not come back."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import in_query, operation, paged, sorted_by
from thegrid_emulator.openapi.schema import (
    MOMENT,
    POSITIVE,
    TEXT,
    always,
    component,
    fields,
    or_null,
    page_of,
    record,
)
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

_HISTORY = record(
    {
        "id": TEXT,
        "transfer_id": TEXT,
        "account_id": TEXT,
        "sender_account_id": or_null(TEXT),
        "instrument_id": TEXT,
        "instrument_name": TEXT,
        "market_id": or_null(TEXT),
        "quantity": POSITIVE,
        "transferred_at": MOMENT,
        "inserted_at": MOMENT,
        "updated_at": MOMENT,
    }
)

SUBJECT = Subject(
    components={"TransferHistory": _HISTORY},
    paths={
        "/transfers/trading-to-consumption": {
            "post": operation(
                "transferToConsumption",
                "Move units from sale to inference; they expire four hours later.",
                {202: record({"status": always("success"), "transfer_id": TEXT})},
                refusals=refusals.of_trading(by_id=True, body=True),
                security=SIGNED_OR_BEARER,
                body=fields({"instrument_id": TEXT, "quantity": POSITIVE}),
            )
        },
        "/transfers/consumption-to-trading": {
            "post": operation(
                "transferToTrading",
                "Not available: units in consumption do not come back.",
                {},
                refusals={**refusals.of_trading(by_id=True), 404: refusals.ERROR},
                security=SIGNED_OR_BEARER,
            )
        },
        "/transfer-histories": {
            "get": operation(
                "listTransferHistories",
                "Transfers that are done.",
                {200: page_of(component("TransferHistory"))},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=[
                    in_query("market_id"),
                    in_query("instrument_id"),
                    *sorted_by("transferred_at"),
                    *paged(),
                ],
            )
        },
    },
)
