"""Account settings: read with `account:read`, written with `account:write`."""

from thegrid_emulator.openapi import refusals
from thegrid_emulator.openapi.document import Subject
from thegrid_emulator.openapi.operation import BEARER, Answers, operation
from thegrid_emulator.openapi.schema import (
    DECIMAL,
    FLAG,
    POSITIVE,
    TEXT,
    Schema,
    array,
    changing_one_of,
    component,
    either,
    enveloped,
    fields,
    one_of,
    or_null,
    record,
)

_MODE = one_of("easy", "advanced")
_AMOUNTS = (
    "auto_reload_threshold_usd",
    "auto_reload_amount_usd",
    "auto_reload_monthly_limit_usd",
)
_AMOUNT: Schema = or_null(
    either(
        {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,2})?$"},
        {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    )
)

_SETTINGS = record(
    {
        "account_mode": _MODE,
        "auto_transfer_enabled": FLAG,
        "auto_buy_enabled": FLAG,
        "auto_buy_quantity": or_null(POSITIVE),
        "auto_buy_trigger_threshold": or_null(POSITIVE),
        "auto_reload_enabled": FLAG,
        **dict.fromkeys(_AMOUNTS, or_null(DECIMAL)),
        "mode_managed_fields": array(TEXT),
        "auto_top_up_enabled": FLAG,
        "auto_top_up_quantity": or_null(POSITIVE),
        "auto_top_up_trigger_threshold": or_null(POSITIVE),
    }
)

_RELOAD: dict[str, Schema] = {"auto_reload_enabled": FLAG, **dict.fromkeys(_AMOUNTS, _AMOUNT)}

_WRITE_REFUSALS: Answers = {
    **refusals.of_platform(body=True),
    403: either(refusals.OAUTH_ERROR, refusals.ERROR),
}

SUBJECT = Subject(
    components={"Settings": _SETTINGS},
    paths={
        "/self/system-settings": {
            "get": operation(
                "readSettings",
                "The account's settings, and which of them its mode dictates.",
                {200: enveloped(component("Settings"))},
                refusals=refusals.of_platform(),
                security=[BEARER],
            )
        },
        "/self/system-settings/account-mode": {
            "post": operation(
                "switchMode",
                "Let the platform buy on demand, or trade by hand.",
                {204: None},
                refusals=_WRITE_REFUSALS,
                security=[BEARER],
                body=fields({"mode": _MODE}),
            )
        },
        "/self/system-settings/auto-buy": {
            "patch": operation(
                "setAutoBuy",
                "Confirm what the mode dictates; anything else is refused.",
                {200: enveloped(component("Settings"))},
                refusals=_WRITE_REFUSALS,
                security=[BEARER],
                body=fields({"auto_buy_enabled": FLAG}),
            )
        },
        "/self/system-settings/auto_reload": {
            "patch": operation(
                "setAutoReload",
                "Change when, by how much and how far USD are reloaded.",
                {200: enveloped(component("Settings"))},
                refusals={
                    **_WRITE_REFUSALS,
                    422: either(refusals.FIELD_ERRORS, refusals.ERROR),
                },
                security=[BEARER],
                body={**fields({}, _RELOAD), "anyOf": changing_one_of(list(_RELOAD))},
            )
        },
    },
)
