"""The public catalogue of instruments, for everybody."""

from thegrid_emulator.openapi import instruments, refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import in_path, operation
from thegrid_emulator.openapi.schema import enveloped, page_of

SUBJECT = Subject(
    components=instruments.COMPONENTS,
    paths={
        "/instruments": {
            "get": operation(
                "listInstruments",
                "What can be bought.",
                {200: page_of(instruments.ENTRY)},
                refusals={
                    **refusals.of_everybody(),
                    **dict.fromkeys((400, 422), refusals.ERROR),
                },
                parameters=instruments.LIST_PARAMETERS,
            )
        },
        "/instruments/by-symbol/{symbol}": {
            "get": operation(
                "readInstrumentBySymbol",
                "One instrument by its symbol, in any case.",
                {200: enveloped(instruments.DETAIL)},
                refusals={**refusals.of_everybody(), 404: refusals.ERROR},
                parameters=[in_path("symbol")],
            )
        },
    },
)
