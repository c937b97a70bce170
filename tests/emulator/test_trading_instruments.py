import pytest

pytestmark = pytest.mark.plain_words

UUID = "00000000-0000-4000-8000-000000000002"
USD = "instrument-00000000-0000-4000-8000-999999999999"
ENTRY = {
    "instrument_id",
    "symbol",
    "instrument_type",
    "description",
    "status",
    "created_at",
    "updated_at",
}


def test_every_instrument_is_listed_in_short(trader):
    entries = trader.read("/instruments")
    assert len(entries) == 18
    assert all(entry.keys() == ENTRY for entry in entries)
    assert [entry["symbol"] for entry in entries][:2] == ["text-standard", "text-prime"]
    assert entries[-1]["instrument_type"] == "currency"
    assert {entry["instrument_type"] for entry in entries[:-1]} == {"ai_commodity"}


def test_instruments_are_narrowed_and_sorted(trader):
    for filters, expected in (
        ({"symbol": "text-prime"}, ["text-prime"]),
        ({"symbol": "Text-Prime"}, []),
        ({"instrument_type": "currency"}, ["usd"]),
        ({"instrument_type": "token"}, []),
        ({"status": "inactive"}, []),
        ({"status": "active", "limit": 1}, ["text-standard"]),
        ({"order_by": "symbol", "order_direction": "desc", "limit": 1}, ["usd"]),
    ):
        found = [entry["symbol"] for entry in trader.read("/instruments", **filters)]
        assert found == expected, filters
    for query in ({"instrument_type": "stone"}, {"status": "lost"}, {"order_by": "luck"}):
        assert trader("GET", "/instruments", params=query).status_code == 422


def test_an_instrument_tells_what_it_promises_and_how_it_trades(trader):
    market_id = f"market-{UUID}"
    bought = trader.order(market_id=market_id, type="market", price=..., quantity=2)
    detail = trader.read("/instruments/by-symbol/Text-PRIME")
    assert detail.keys() > ENTRY
    assert detail["ai_specs"] == {
        "context_window": 196_608,
        "max_output_length": 131_072,
        "token_throughput": 40,
        "tokens_per_unit": 1_000_000,
        "unit_definition": "1,000,000 tokens, input and output counted alike",
        "qualifying_models": ["emulated-text-prime"],
    }
    assert detail["sla_requirements"] == {
        "availability_target": None,
        "max_latency_ms": 4620,
        "quality_score_min": 38,
    }
    assert detail["trading_params"] == {
        "min_quantity": 1,
        "max_quantity": 10_000,
        "quantity_increment": 1,
    }
    assert detail["basic_info"] == {"service_type": "text_generation"}
    assert (detail["name"], detail["is_active"], detail["precision"]) == ("Text Prime", True, 0)
    assert detail["last_trade_at"] == bought["closed_at"]
    assert (detail["volume_24h"], detail["total_volume"], detail["total_trades"]) == ("2", "2", 1)
    prices = [detail[name] for name in ("last_trade_price", "price_range_24h_high")]
    assert prices == [trader.read("/trades")[0]["price"]] * 2
    assert detail["total_quotes"] > 0


def test_what_is_not_published_is_left_open(trader):
    detail = trader.read("/instruments/by-symbol/kimi-latest")
    assert detail["sla_requirements"]["quality_score_min"] is None
    assert detail["ai_specs"]["context_window"] == 1_048_576
    assert detail["last_trade_price"] is None


def test_money_is_an_instrument_without_promises(trader):
    usd = trader.read(f"/instruments/{USD}")
    assert (usd["symbol"], usd["name"], usd["precision"]) == ("usd", "USD", 2)
    assert usd["basic_info"] == {"currency_code": "USD", "precision": 2}
    assert usd["ai_specs"] is usd["trading_params"] is usd["last_trade_price"] is None
    assert usd.keys() == trader.read("/instruments/by-symbol/text-prime").keys()


def test_an_instrument_is_found_by_each_form_of_its_id(trader):
    for form in (f"instrument-{UUID}", f"instrument_{UUID}", UUID):
        assert trader.read(f"/instruments/{form}")["symbol"] == "text-prime"
    for unknown in ("text-prime", f"market-{UUID}", UUID[:-1] + "z", "%00"):
        assert trader("GET", f"/instruments/{unknown}").status_code == 404
    assert trader("GET", "/instruments/by-symbol/gpt-5.2").status_code == 404


@pytest.mark.parametrize("prefix", ["/api/v1", "/v1"])
def test_the_platform_shows_the_catalogue_to_everybody(http, emulator, trader, prefix):
    base = f"{emulator.platform}{prefix}"
    listed = http.get(f"{base}/instruments", params={"limit": 100}).json()
    assert listed == trader("GET", "/instruments", params={"limit": 100}).json()
    shown = http.get(f"{base}/instruments/by-symbol/text-max").json()
    assert shown == trader("GET", "/instruments/by-symbol/text-max").json()
    assert http.get(f"{base}/instruments/by-symbol/nothing").status_code == 404
    assert http.get(f"{base}/instruments", params={"status": "lost"}).status_code == 422
