from decimal import Decimal

import pytest

pytestmark = pytest.mark.plain_words

INSTRUMENT = "instrument-00000000-0000-4000-8000-000000000001"
OTHER_INSTRUMENT = "instrument-00000000-0000-4000-8000-000000000002"
USD = "instrument-00000000-0000-4000-8000-999999999999"
TIMES = {"last_deposit_at", "last_withdrawal_at", "created_at", "updated_at"}
BALANCES = {"total_balance", "available_balance", "locked_balance"}


def test_a_new_account_holds_its_credit_and_nothing_else(trader):
    (usd,) = trader.read("/trading-accounts")
    assert (usd["currency"], usd["instrument_id"], usd["status"]) == ("USD", USD, "active")
    assert {name: Decimal(usd[name]) for name in BALANCES} == {
        "total_balance": 25,
        "available_balance": 25,
        "locked_balance": 0,
    }
    assert usd["account_id"].startswith("currency_trading_account_")
    assert usd.keys() >= TIMES | {"market_id", "instrument_name", "last_trade_price"}
    assert trader.read("/consumption-accounts") == []


def test_cash_is_the_same_in_both_lists(trader):
    trader.order(price="0.3")
    usd = trader.read("/trading-accounts")[0]
    (cash,) = trader.read("/currency-trading-accounts")
    assert cash["currency"] == "usd"
    assert cash.keys() & {"instrument_id", "instrument_symbol", "market_id"} == set()
    same = TIMES | BALANCES | {"account_id", "user_id", "status"}
    assert {name: cash[name] for name in same} == {name: usd[name] for name in same}
    assert Decimal(cash["locked_balance"]) == Decimal("0.3")
    account_id = cash["account_id"]
    assert trader.read(f"/currency-trading-accounts/{account_id}") == cash
    assert trader.read(f"/trading-accounts/{account_id}") == usd


def test_units_are_owned_locked_and_available(trader_of):
    trader = trader_of(units={"text-standard": 5})
    trader.order(side="sell", quantity=2, price="9")
    _, units = trader.read("/trading-accounts")
    assert (
        units.items()
        >= {
            "user_id": trader.user_id,
            "instrument_id": INSTRUMENT,
            "instrument_name": "Text Standard",
            "instrument_symbol": "text-standard",
            "market_id": INSTRUMENT.replace("instrument", "market"),
            "market_name": "TEXT-STANDARD/USD",
            "total_balance": "5",
            "available_balance": "3",
            "locked_balance": "2",
            "status": "active",
            "last_trade_price": None,
        }.items()
    )
    assert units["account_id"].startswith("trading_account_")
    assert trader.read(f"/trading-accounts/{units['account_id']}") == units
    trader.order(side="sell", type="market", price=..., quantity=1)
    sold = trader.read(f"/trading-accounts/{units['account_id']}")
    assert (sold["total_balance"], Decimal(sold["last_trade_price"])) == ("4", Decimal("0.396"))
    assert sold["last_trading_activity_at"] is not None


def test_trading_accounts_are_narrowed_and_sorted(trader_of):
    trader = trader_of(units={"text-standard": 5, "text-prime": 6})
    usd, first, second = trader.read("/trading-accounts")
    for filters, expected in (
        ({"account_id": first["account_id"]}, [first]),
        ({"instrument_id": OTHER_INSTRUMENT.replace("instrument-", "")}, [second]),
        ({"instrument_id": USD}, [usd]),
        ({"status": "closed"}, []),
        ({"order_by": "instrument_id", "order_direction": "desc"}, [usd, second, first]),
        ({"limit": 2}, [usd, first]),
    ):
        assert trader.read("/trading-accounts", **filters) == expected, filters
    assert trader("GET", "/trading-accounts", params={"order_by": "luck"}).status_code == 422


def test_consumption_balances_are_numbers_of_units(trader_of):
    trader = trader_of(consumption_units={"text-prime": 3, "text-standard": 1})
    standard, prime = trader.read("/consumption-accounts", order_by="instrument_id")
    numbers = {
        "uncommitted_balance": 3,
        "committed_balance": 0,
        "total_balance": 3,
        "total_deposits": 3,
        "total_withdrawals": 0,
        "total_commitments": 0,
        "total_transfers_in": 3,
        "total_transfers_out": 0,
    }
    assert {name: prime[name] for name in numbers} == numbers
    assert (prime["instrument_id"], prime["user_id"]) == (OTHER_INSTRUMENT, trader.user_id)
    assert prime["status"] == "active"
    assert prime.keys() >= TIMES | {"last_commitment_at", "last_transfer_at"}
    assert prime["account_id"].startswith("consumption_account_")
    assert trader.read(f"/consumption-accounts/{prime['account_id']}") == prime
    assert trader.read("/consumption-accounts", instrument_id=INSTRUMENT) == [standard]
    assert trader.read("/consumption-accounts", account_id=prime["account_id"]) == [prime]


def test_units_in_consumption_are_lost_after_four_hours(trader_of, emulator):
    trader = trader_of(consumption_units={"text-prime": 3})
    emulator.advance(4 * 3600 - 60)
    assert trader.read("/consumption-accounts")[0]["uncommitted_balance"] == 3
    emulator.advance(60)
    (account,) = trader.read("/consumption-accounts")
    assert (account["total_balance"], account["total_withdrawals"]) == (0, 3)


def test_nobody_reaches_the_accounts_of_another(trader_of):
    trader = trader_of(units={"text-standard": 1}, consumption_units={"text-prime": 1})
    stranger = trader_of()
    for path in ("/trading-accounts", "/currency-trading-accounts", "/consumption-accounts"):
        for account in trader.read(path):
            account_id = account["account_id"]
            assert stranger("GET", f"{path}/{account_id}").status_code == 404
            assert stranger.read(path, account_id=account_id) == []
        assert trader("GET", f"{path}/unknown").status_code == 404
