import pytest
from tests.emulation import PLAIN_WORDS, emulated, generous, settle

pytestmark = pytest.mark.plain_words

UUID = "00000000-0000-4000-8000-000000000001"
INSTRUMENT = f"instrument-{UUID}"
MARKET = f"market-{UUID}"
USD = "instrument-00000000-0000-4000-8000-999999999999"
TO_CONSUMPTION = "/transfers/trading-to-consumption"
TO_TRADING = "/transfers/consumption-to-trading"


@pytest.fixture
def owner(trader_of):
    return trader_of(units={"text-standard": 9, "text-prime": 1})


def test_units_go_from_trading_to_consumption(owner):
    answer = owner("POST", TO_CONSUMPTION, json={"instrument_id": INSTRUMENT, "quantity": 2})
    assert answer.status_code == 202
    assert answer.json().keys() == {"status", "transfer_id"}
    assert answer.json()["status"] == "success"
    (units,) = owner.read("/trading-accounts", instrument_id=INSTRUMENT)
    (consumption,) = owner.read("/consumption-accounts")
    assert (units["total_balance"], consumption["uncommitted_balance"]) == ("7", 2)
    (entry,) = owner.read("/transfer-histories")
    assert (
        entry.items()
        >= {
            "transfer_id": answer.json()["transfer_id"],
            "account_id": consumption["account_id"],
            "sender_account_id": units["account_id"],
            "instrument_id": INSTRUMENT,
            "instrument_name": "Text Standard",
            "market_id": MARKET,
            "quantity": 2,
        }.items()
    )
    assert entry["transfer_id"].startswith("transfer_")
    assert entry["id"] != entry["transfer_id"]
    assert entry["transferred_at"] == entry["inserted_at"] == entry["updated_at"]
    assert "status" not in entry


def test_an_instrument_is_known_by_each_form_of_its_id(owner):
    for form in (UUID, f"instrument_{UUID}", INSTRUMENT):
        body = {"instrument_id": form, "quantity": 1}
        assert owner("POST", TO_CONSUMPTION, json=body).status_code == 202
    assert owner.read("/consumption-accounts")[0]["uncommitted_balance"] == 3


def test_a_transfer_that_cannot_be_moves_nothing(owner):
    owner.order(side="sell", quantity=4, price="9")
    before = owner.read("/trading-accounts")
    for body, status in (
        ({}, 422),
        ({"instrument_id": INSTRUMENT}, 422),
        ({"quantity": 1}, 422),
        ({"instrument_id": None, "quantity": 1}, 422),
        ({"instrument_id": "", "quantity": 1}, 422),
        ({"instrument_id": 1, "quantity": 1}, 400),
        ({"instrument_id": "nothing", "quantity": 1}, 404),
        ({"instrument_id": INSTRUMENT[:-1] + "9" * 3, "quantity": 1}, 404),
        ({"instrument_id": USD, "quantity": 1}, 404),
        ({"instrument_id": INSTRUMENT, "quantity": 0}, 422),
        ({"instrument_id": INSTRUMENT, "quantity": -1}, 422),
        ({"instrument_id": INSTRUMENT, "quantity": None}, 422),
        ({"instrument_id": INSTRUMENT, "quantity": "1"}, 400),
        ({"instrument_id": INSTRUMENT, "quantity": 1.5}, 400),
        ({"instrument_id": INSTRUMENT, "quantity": True}, 400),
        ({"instrument_id": INSTRUMENT, "quantity": 6}, 422),
        ({"instrument_id": INSTRUMENT, "quantity": 10**300}, 422),
        ([], 400),
    ):
        assert owner("POST", TO_CONSUMPTION, json=body).status_code == status, body
    assert owner.read("/trading-accounts") == before
    assert owner.read("/transfer-histories") == []
    body = {"instrument_id": INSTRUMENT, "quantity": 6}
    errors = owner("POST", TO_CONSUMPTION, json=body).json()["errors"]
    assert errors["detail"] == "insufficient_balance"


def test_there_is_no_way_back(owner):
    body = {"instrument_id": INSTRUMENT, "quantity": 1}
    assert owner("POST", TO_CONSUMPTION, json=body).status_code == 202
    assert owner("POST", TO_TRADING, json=body).status_code == 404
    assert owner.read("/consumption-accounts")[0]["uncommitted_balance"] == 1


def test_the_older_way_back_is_a_rule(http):
    with emulated(rules=generous(two_way_transfers=True), **PLAIN_WORDS) as emulator:
        account = emulator.create_account(consumption_units={"text-standard": 3})
        headers = {"authorization": f"Bearer {account.access_token}"}
        body = {"instrument_id": INSTRUMENT, "quantity": 2}
        url = f"{emulator.trading}{TO_TRADING}"
        assert http.post(url, headers=headers, json=body).status_code == 202
        assert http.post(url, headers=headers, json=body).status_code == 422
        settle(emulator)
        history = http.get(f"{emulator.trading}/transfer-histories", headers=headers).json()
        entry = history["data"][-1]
        assert entry["account_id"].startswith("trading_account_")
        assert entry["sender_account_id"].startswith("consumption_account_")


def test_the_history_has_purchases_that_moved_on_their_own_too(trader_of):
    trader = trader_of()
    trader.order(type="market", price=..., quantity=3, auto_transfer=True)
    (entry,) = trader.read("/transfer-histories")
    assert entry["quantity"] == 3


def test_the_history_is_ones_own_and_narrowed(owner, trader_of, emulator):
    for number, quantity in ((1, 2), (2, 1)):
        instrument_id = INSTRUMENT[:-1] + str(number)
        body = {"instrument_id": instrument_id, "quantity": quantity}
        assert owner("POST", TO_CONSUMPTION, json=body).status_code == 202
        emulator.advance(60)
    first, second = owner.read("/transfer-histories")
    for filters, expected in (
        ({"market_id": MARKET}, [first]),
        ({"instrument_id": f"instrument_{UUID}"}, [first]),
        ({"account_id": second["account_id"]}, [second]),
        ({"sender_account_id": second["sender_account_id"]}, [second]),
        ({"transferred_at": first["transferred_at"]}, [first]),
        ({"order_by": "quantity"}, [second, first]),
        ({"order_direction": "desc", "limit": 1}, [second]),
    ):
        assert owner.read("/transfer-histories", **filters) == expected, filters
    assert trader_of().read("/transfer-histories") == []
    assert owner("GET", "/transfer-histories", params={"transferred_at": "x"}).status_code == 400
