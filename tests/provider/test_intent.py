"""An intent: recorded once, with what the history showed, and never drawn anew without a reason."""

import pytest
from tests.emulation import settle

from pulumi_thegrid import Intent
from thegrid.client import Client, Endpoints
from thegrid.core.secret import Secret


def program(request=("once",), instrument="text-prime"):
    def declare():
        Intent("intent", request=list(request), instrument=instrument)

    return declare


@pytest.fixture
def client(market, account):
    endpoints = Endpoints(market.platform, market.trading, market.consumption, market.messages)
    with Client(endpoints, Secret(account.access_token)) as client:
        yield client


@pytest.fixture
def instrument_id(client):
    return client.instrument_by_symbol("text-prime").id


def test_it_is_recorded_with_the_transfers_that_the_history_showed(
    engine, market, account, client, instrument_id
):
    market.give_units(account.user_id, "text-prime", 3)
    moved = [client.transfer_to_consumption(instrument_id, 1).id for _ in range(2)]
    settle(market)
    engine.up(program())
    outputs = engine.outputs("intent")
    assert len(bytes.fromhex(outputs["nonce"])) == 16
    assert engine.recorded("intent").id == outputs["nonce"]
    assert outputs["account_id"] == account.user_id
    assert outputs["instrument_id"] == instrument_id
    assert set(moved) <= set(outputs["watermark"]["seen"])
    assert outputs["watermark"]["since"] < outputs["recorded_at"]


def test_an_empty_history_leaves_nothing_before_it(engine):
    engine.up(program(instrument="code-prime"))
    assert engine.outputs("intent")["watermark"] == {"since": None, "seen": []}


def test_without_an_instrument_the_market_is_not_asked(engine, market):
    before = len(market.journal())
    engine.up(program(instrument=None))
    assert "watermark" not in engine.outputs("intent")
    assert len(market.journal()) == before


def test_it_stays_as_it_was_recorded(engine, market, account, client, instrument_id):
    engine.up(program())
    recorded = engine.outputs("intent")
    market.give_units(account.user_id, "text-prime", 1)
    client.transfer_to_consumption(instrument_id, 1)
    for spelling in (
        "text-prime",
        " Text-Prime",
        instrument_id,
        instrument_id.replace("-", "_", 1),
    ):
        engine.end_servers()
        assert engine.up(program(instrument=spelling)).steps["intent"] in ("same", "update")
        assert engine.refresh().steps["intent"] == "same"
        assert engine.outputs("intent") == recorded | {
            "instrument": engine.outputs("intent")["instrument"]
        }


@pytest.mark.parametrize("change", [{"request": ["twice"]}, {"instrument": "code-prime"}])
def test_another_request_or_instrument_is_another_intent(engine, change):
    engine.up(program())
    first = engine.outputs("intent")["nonce"]
    assert engine.up(program(**change)).steps["intent"] == "replace"
    assert engine.outputs("intent")["nonce"] != first


@pytest.mark.parametrize("instrument", ["", "  ", 3])
def test_what_names_no_instrument_is_refused_at_preview(engine, instrument):
    with pytest.raises(RuntimeError, match="property instrument has a problem: must be a symbol"):
        engine.preview(program(instrument=instrument))


def test_an_instrument_that_the_market_does_not_know_is_refused(engine):
    with pytest.raises(
        RuntimeError, match=r"Intent: GET /instruments/by-symbol/.* was refused: 404"
    ):
        engine.up(program(instrument="text-grand"))
    assert engine.state == {}
