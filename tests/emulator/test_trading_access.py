"""Who may call what: every route of the Trading API, without a credential and by scope."""

import pytest

ACCOUNT, READ, WRITE = "account:read", "trade:read", "trade:write"
ROUTES = [
    ("GET", "/me", ACCOUNT),
    ("GET", "/diagnostics", ACCOUNT),
    ("GET", "/account/limits", ACCOUNT),
    ("GET", "/trading-accounts", ACCOUNT),
    ("GET", "/trading-accounts/a", ACCOUNT),
    ("GET", "/currency-trading-accounts", ACCOUNT),
    ("GET", "/currency-trading-accounts/a", ACCOUNT),
    ("GET", "/consumption-accounts", ACCOUNT),
    ("GET", "/consumption-accounts/a", ACCOUNT),
    ("GET", "/transfer-histories", ACCOUNT),
    ("GET", "/positions", ACCOUNT),
    ("GET", "/instruments", READ),
    ("GET", "/instruments/i", READ),
    ("GET", "/instruments/by-symbol/s", READ),
    ("GET", "/markets", READ),
    ("GET", "/markets/m", READ),
    ("GET", "/markets/m/ticker", READ),
    ("GET", "/markets/m/orderbook", READ),
    ("GET", "/markets/m/trades", READ),
    ("GET", "/markets/m/stats", READ),
    ("GET", "/orders", READ),
    ("GET", "/orders/count", READ),
    ("GET", "/orders/o", READ),
    ("GET", "/trades", READ),
    ("GET", "/trades/t", READ),
    ("POST", "/orders", WRITE),
    ("PUT", "/orders/o", WRITE),
    ("DELETE", "/orders/o", WRITE),
    ("DELETE", "/orders", WRITE),
    ("DELETE", "/markets/m/orders", WRITE),
    ("POST", "/transfers/trading-to-consumption", WRITE),
    ("POST", "/transfers/consumption-to-trading", WRITE),
]
SUPPLIER_ROUTES = [
    ("GET", "/issuance-accounts", "supply:read"),
    ("POST", "/issuance-accounts/transfer", "supply:write"),
    ("GET", "/supply-issuances", "supply:read"),
    ("POST", "/supply-issuances", "supply:write"),
    ("GET", "/supply-issuances/summary", "supply:read"),
    ("GET", "/supplier-liability", "supply:read"),
    ("GET", "/supplier-liability/i", "supply:read"),
]
SCOPES = sorted({scope for _, _, scope in ROUTES + SUPPLIER_ROUTES} | {"account:write"})


def test_this_list_has_every_route(emulator, http):
    document = http.get(f"{emulator.trading.removesuffix('/v1')}/_emulator/openapi.json").json()
    documented = sum(len(operations) for operations in document["paths"].values())
    assert len(ROUTES + SUPPLIER_ROUTES) + 1 == documented  # health is open to everybody


@pytest.mark.plain_words
def test_nothing_but_health_is_open_to_everybody(emulator, http):
    for method, path, _ in ROUTES + SUPPLIER_ROUTES:
        answer = http.request(method, f"{emulator.trading}{path}")
        assert answer.status_code == 401, path
        assert answer.json() == {"errors": {"detail": "missing_authentication_headers"}}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_bearer_opens_the_routes_of_its_scope_and_no_others(trader_of, scope):
    trader = trader_of(scopes=[scope])
    for method, path, needed in ROUTES + SUPPLIER_ROUTES:
        answer = trader(method, path)
        refused = "insufficient_scope" in answer.text
        assert refused == (needed != scope), (method, path)
        assert not refused or answer.status_code == 403


def test_suppliers_routes_are_closed_to_buyers(trader):
    for method, path, _ in SUPPLIER_ROUTES:
        answer = trader(method, path)
        assert answer.status_code == 403
        assert answer.json()["errors"]["detail"] == "supplier_account_required"


def test_a_signature_opens_every_route(emulator, http, signer):
    now = int(emulator.now().timestamp())
    for method, path, _ in ROUTES:
        headers = signer.headers(now, method, f"/v1{path}")
        answer = http.request(method, f"{emulator.trading}{path}", headers=headers)
        assert answer.status_code not in {401, 405, 500}, path
        assert "insufficient_scope" not in answer.text
