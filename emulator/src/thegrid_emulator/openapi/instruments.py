"""Instruments, as the trading host shows them to its callers and the platform to everybody."""

from collections.abc import Sequence

from thegrid_emulator.openapi.operation import Parameter, in_query, paged, sorted_by
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    FLAG,
    MOMENT,
    NUMBER,
    POSITIVE,
    TEXT,
    WHOLE,
    Schema,
    array,
    component,
    one_of,
    or_null,
    record,
)

_ENTRY: dict[str, Schema] = {
    "instrument_id": TEXT,
    "symbol": TEXT,
    "instrument_type": one_of("ai_commodity", "currency"),
    "description": or_null(TEXT),
    "status": one_of("active", "inactive", "deprecated"),
    "created_at": MOMENT,
    "updated_at": MOMENT,
}

_SPECS = record(
    {
        "context_window": POSITIVE,
        "max_output_length": POSITIVE,
        "token_throughput": or_null(NUMBER),
        "tokens_per_unit": {"const": 1_000_000},
        "unit_definition": TEXT,
        "qualifying_models": array(TEXT),
    }
)

_DETAIL: dict[str, Schema] = {
    **_ENTRY,
    "name": TEXT,
    "basic_info": record({}, {"service_type": TEXT, "currency_code": TEXT, "precision": WHOLE}),
    "ai_specs": or_null(_SPECS),
    "sla_requirements": or_null(
        record(
            {},
            dict.fromkeys(
                ("availability_target", "max_latency_ms", "quality_score_min"), or_null(NUMBER)
            ),
        )
    ),
    "trading_params": or_null(
        record(dict.fromkeys(("min_quantity", "max_quantity", "quantity_increment"), POSITIVE))
    ),
    "last_trade_price": or_null(DECIMAL),
    "price_range_24h_high": or_null(DECIMAL),
    "price_range_24h_low": or_null(DECIMAL),
    "volume_24h": DECIMAL,
    "total_volume": DECIMAL,
    "total_trades": WHOLE,
    "total_quotes": WHOLE,
    "last_trade_at": or_null(MOMENT),
    "last_quote_at": or_null(MOMENT),
    "precision": WHOLE,
    "is_active": FLAG,
}

COMPONENTS: dict[str, Schema] = {
    "InstrumentEntry": record(_ENTRY),
    "Instrument": record(_DETAIL),
}
"""Schemas of instruments: short in a list, long when one is asked for."""

ENTRY = component("InstrumentEntry")
DETAIL = component("Instrument")

LIST_PARAMETERS: Sequence[Parameter] = (
    in_query("symbol"),
    in_query("instrument_type"),
    in_query("status"),
    *sorted_by("symbol", "created_at", "updated_at"),
    *paged(),
)
"""How a list of them is filtered, sorted and walked."""
