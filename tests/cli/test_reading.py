"""What commands that only read show: whoami, balances, markets."""

from decimal import Decimal

import pytest

from thegrid.client import SigningKey


def test_whoami_tells_account_place_and_time_left(thegrid, saved, emulator, store):
    saved()
    shown = thegrid("whoami").out
    assert emulator.account.email in shown
    assert f"{store.path}: profile 'default'" in shown
    assert "then renewed by itself" in shown


def test_whoami_for_scripts_has_this_shape(thegrid, saved, emulator):
    saved()
    document = thegrid("whoami", "--json").document
    assert document.keys() == {
        *("user_id", "email", "environment", "endpoints", "source", "opened_by", "scopes"),
        "expires_at",
    }
    assert document["user_id"] == emulator.account.user_id
    assert document["opened_by"] == "login"


def test_whoami_works_with_a_trading_key_alone(thegrid, market, emulator):
    key = SigningKey.generate()
    market.create_trading_key("laptop", key.public_key)
    variables = {"SIGNING_KEY": key.private_key.reveal(), "API_URL": emulator.trading}
    document = thegrid("whoami", "--json", **variables).document
    assert (document["user_id"], document["opened_by"]) == (
        emulator.account.user_id,
        "signing_key",
    )


def test_a_trading_key_alone_does_not_open_the_platform_and_says_what_does(thegrid):
    key = SigningKey.generate().private_key.reveal()
    ran = thegrid("keys", "list", SIGNING_KEY=key)
    assert ran.code == 2
    assert "holds a trading key only, and this needs an OAuth login: thegrid login" in ran.err


def test_balances_show_cash_and_what_can_be_sold_and_spent(thegrid, saved):
    saved()
    lines = thegrid("balances").out.splitlines()
    assert lines[0].split() == ["cash", "25", "USD,", "0", "in", "open", "orders"]
    (row,) = [line.split() for line in lines if line.startswith("text-prime ")]
    assert row == ["text-prime", "0", "0", "10", "0"]


def test_balances_for_scripts_are_exact(thegrid, saved, market):
    saved()
    document = thegrid("balances", "--json").document
    assert document["cash"] == {
        "currency": "USD",
        "total": "25",
        "available": "25",
        "locked": "0",
    }
    (row,) = [it for it in document["units"] if it["symbol"] == "text-prime"]
    assert row.keys() == {"symbol", "instrument_id", "trading", "consumption"}
    assert Decimal(row["consumption"]["uncommitted"]) == 10
    assert row["trading"].keys() == {"total", "available", "locked"}


def test_markets_are_listed_with_their_best_prices(thegrid, saved, market):
    saved()
    found = market.market_of("text-prime")
    ticker = market.ticker(found.id)
    (row,) = [
        it
        for it in thegrid("markets", "--json").document["markets"]
        if it["symbol"] == "text-prime"
    ]
    assert (Decimal(row["bid"]), Decimal(row["ask"])) == (ticker.highest_bid, ticker.lowest_ask)
    assert row["market_id"] == found.id
    assert "text-prime" in thegrid("markets").out


def test_a_market_shows_its_book_to_the_depth_asked_for(thegrid, saved, market):
    saved()
    document = thegrid("market", "TEXT-prime", "--depth", "2", "--json").document
    book = market.order_book(market.market_of("text-prime").id, 2)
    assert [Decimal(level["price"]) for level in document["asks"]] == [it.price for it in book.asks]
    assert len(document["bids"]) == len(document["asks"]) == 2
    lines = thegrid("market", "text-prime", "--depth", "2").out.splitlines()
    assert lines[-3].split() == ["TOTAL", "UNITS", "BID", "ASK", "UNITS", "TOTAL"]
    assert lines[-2].split()[2:4] == [f"{book.bids[0].price:f}", f"{book.asks[0].price:f}"]


def test_an_instrument_that_is_not_there_is_told(thegrid, saved):
    saved()
    ran = thegrid("market", "nothing")
    assert ran.code == 2
    assert "no instrument is called 'nothing': thegrid markets lists them" in ran.err


@pytest.mark.parametrize("depth", ["0", "101", "many"])
def test_a_depth_that_cannot_be_is_refused(thegrid, saved, depth):
    ran = thegrid("market", "text-prime", "--depth", depth)
    assert ran.code == 2
    assert "--depth" in ran.err


def test_a_scope_that_is_missing_says_to_log_in_again(thegrid, saved, emulator):
    saved(account=emulator.create_account(scopes=["account:read"]))
    ran = thegrid("market", "text-prime", "--json")
    assert ran.code == 1
    assert (ran.error["status"], ran.error["code"]) == (403, "insufficient_scope")
    assert "log in again with the scope" in ran.error["message"]


def test_a_login_that_may_not_read_the_catalogue_still_sees_balances(thegrid, saved, emulator):
    saved(account=emulator.create_account(scopes=["account:read"]))
    assert thegrid("balances").code == 0
