"""How the Platform API may also word its answers."""

from dataclasses import replace

from thegrid_emulator.answers import Answer
from thegrid_emulator.dialect.changes import (
    JSONObject,
    emptied,
    if_code,
    in_body,
    named,
    rows,
    with_status,
    without,
    without_null,
)
from thegrid_emulator.dialect.rule import Rule

_SETTINGS = (
    "platform GET /self/system-settings",
    "platform PATCH /self/system-settings/auto-buy",
    "platform PATCH /self/system-settings/auto_reload",
)
_API_KEYS = ("platform GET /api-keys", "platform GET /api-keys/{id}", "platform POST /api-keys")
_SIGNING_KEYS = ("platform GET /signing-keys", "platform POST /signing-keys")


def _strings(answer: Answer) -> Answer:
    body = answer.body
    assert isinstance(body, dict)  # noqa: S101 -- the route's only success
    return replace(answer, body={"data": [row["scope"] for row in body["data"]]})


def _forbidden(answer: Answer, code: str) -> Answer:
    return replace(answer, status=403, body={"error": code})


def _older_settings(row: JSONObject) -> JSONObject:
    return {name: value for name, value in row.items() if not name.startswith("auto_buy_")}


PLATFORM = (
    Rule(
        "scopes are bare strings",
        "Programmatic onboarding",
        ("platform GET /oauth/scopes",),
        _strings,
    ),
    Rule(
        "a device login leaves its complete address to be built",
        "Programmatic onboarding",
        ("platform POST /oauth/device/code",),
        rows(without("verification_uri_complete")),
    ),
    Rule(
        "an OAuth refusal has a code alone",
        "Programmatic onboarding",
        ("platform",),
        in_body(without("error_description")),
        to="refusals",
    ),
    Rule(
        "a token that is not accepted is forbidden rather than unauthorized",
        "Integrations: agent launcher",
        ("platform",),
        if_code({"invalid_token": "invalid_token"}, _forbidden),
        to="refusals",
    ),
    Rule(
        "an API key has none of its optional members",
        "API keys",
        _API_KEYS,
        rows(without("last_used_at", "created_at", "updated_at"), without_null("key")),
    ),
    Rule(
        "a key is made with 200",
        "API keys",
        ("platform POST /api-keys", "platform POST /signing-keys"),
        with_status(200),
    ),
    Rule(
        "a signing key is called by key_id",
        "SDK",
        _SIGNING_KEYS,
        rows(named({"id": "key_id"}), without("created_at", "last_used_at")),
    ),
    Rule(
        "a new signing key has its whole fingerprint alone",
        "SDK",
        ("platform POST /signing-keys",),
        rows(without("fingerprint_prefix", "is_active")),
    ),
    Rule(
        "a signing key is deleted without a word",
        "Manual: mock server",
        ("platform DELETE /signing-keys/{id}",),
        emptied,
    ),
    Rule(
        "settings know auto-buy by its older name",
        "Agent quickstart",
        _SETTINGS,
        rows(_older_settings, without("mode_managed_fields")),
    ),
)
