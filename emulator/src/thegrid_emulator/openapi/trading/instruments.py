"""Instruments, scope `trade:read`."""

from thegrid_emulator.openapi import instruments, refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import in_path, operation
from thegrid_emulator.openapi.schema import enveloped, page_of
from thegrid_emulator.openapi.trading.access import SIGNED_OR_BEARER

SUBJECT = Subject(
    components=instruments.COMPONENTS,
    paths={
        "/instruments": {
            "get": operation(
                "listInstruments",
                "What can be traded, and the currency it is traded for.",
                {200: page_of(instruments.ENTRY)},
                refusals=refusals.of_trading(query=True),
                security=SIGNED_OR_BEARER,
                parameters=instruments.LIST_PARAMETERS,
            )
        },
        "/instruments/{instrument_id}": {
            "get": operation(
                "readInstrument",
                "One instrument in full.",
                {200: enveloped(instruments.DETAIL)},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("instrument_id")],
            )
        },
        "/instruments/by-symbol/{symbol}": {
            "get": operation(
                "readInstrumentBySymbol",
                "One instrument by its symbol, in any case.",
                {200: enveloped(instruments.DETAIL)},
                refusals=refusals.of_trading(by_id=True),
                security=SIGNED_OR_BEARER,
                parameters=[in_path("symbol")],
            )
        },
    },
)
