"""Buying, selling and moving units at the emulator, as a program does it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.emulation import emulated, generous

from thegrid.client import (
    Client,
    Endpoints,
    InDoubt,
    Misuse,
    NotFound,
    Refused,
    SigningKey,
    Truncated,
)
from thegrid.core.model import NewOrder
from thegrid.core.secret import Secret
from thegrid_emulator import Clock as MarketClock

FAR_BELOW = Decimal("0.01")


@pytest.fixture
def trader(emulator, client_of):
    """A client of an account in mode advanced, with money and nothing else."""
    return client_of(emulator.create_account(mode="advanced").access_token)


@pytest.fixture
def market(trader):
    return trader.market_of("text-prime")


@pytest.fixture
def resting(market):
    """Makes orders that nobody will meet."""

    def make(name=None, quantity=1):
        return NewOrder(market.id, "buy", quantity, FAR_BELOW, client_order_id=name)

    return make


@pytest.fixture
def bought(trader, market, later):
    """Two units of text-prime."""
    best = trader.order_book(market.id).asks[0].price
    placed = trader.place_order(NewOrder(market.id, "buy", 2, best))
    later()
    return trader.order(placed.id)


def test_the_market_of_a_symbol_and_what_it_trades(trader, market):
    assert market.status == "active"
    assert [it.symbol for it in market.instruments] == ["text-prime"]
    assert trader.market(market.id).tick_size == Decimal("0.0001")
    assert trader.market(market.id.replace("-", "_", 1)).id == market.id
    instrument = trader.instrument(market.instruments[0].id)
    assert instrument == trader.instrument_by_symbol("TEXT-PRIME")
    assert instrument.tokens_per_unit == 1_000_000
    assert instrument.symbol in {it.symbol for it in trader.instruments()}


def test_what_has_no_market_says_so(trader):
    with pytest.raises(Misuse, match=r"^symbol: 'usd' has no market$"):
        trader.market_of("usd")
    with pytest.raises(NotFound):
        trader.market_of("no-such-thing")


def test_a_book_has_its_best_prices_first_and_only_so_many(trader, market):
    book = trader.order_book(market.id, depth=2)
    assert [level.price for level in book.asks] == sorted(level.price for level in book.asks)
    assert len(book.asks) == 2
    assert book.bids[0].price < book.asks[0].price
    ticker = trader.ticker(market.id)
    assert (ticker.highest_bid, ticker.lowest_ask) == (book.bids[0].price, book.asks[0].price)


def test_an_order_that_is_met_becomes_units_and_costs_money(trader, market, bought):
    assert (bought.status, bought.filled_quantity, bought.is_terminal) == ("filled", 2, True)
    price = bought.average_price
    (balance,) = trader.trading_balances()
    assert (balance.total, balance.available, balance.locked) == (2, 2, 0)
    assert balance.instrument_id == market.instruments[0].id
    assert trader.trading_balance(balance.account_id) == balance
    cash = trader.cash_balance()
    assert (cash.total, cash.available) == (25 - 2 * price, 25 - 2 * price)
    assert trader.currency_balance(cash.account_id) == cash
    trades = trader.trades(order_id=bought.id).all()
    assert sum(trade.quantity for trade in trades) == 2
    assert {trade.side for trade in trades} == {"buy"}
    assert trader.trade(trades[0].id) == trades[0]
    assert [(it.quantity, it.total_cost) for it in trader.positions()] == [(2, 2 * price)]


def test_everybody_sees_a_trade(trader, market, bought):
    assert trader.market_trades(market.id, limit=1)[0].price == bought.average_price
    assert trader.ticker(market.id).last_price == bought.average_price
    assert trader.market_statistics(market.id).volume_24h == 2


def test_an_order_rests_is_changed_and_cancelled_and_that_twice(trader, market, resting, later):
    placed = trader.place_order(resting("mine", quantity=2))
    assert placed.client_order_id == "mine"
    later()
    assert trader.order(placed.id).status == "active"
    assert trader.find_order("mine").id == placed.id
    assert trader.cash_balance().locked == 2 * FAR_BELOW
    assert trader.order_count().by_market == {market.id: 1}

    trader.change_order(placed.id, price=2 * FAR_BELOW, quantity=3)
    later()
    changed = trader.order(placed.id)
    assert (changed.price, changed.quantity) == (2 * FAR_BELOW, 3)

    assert trader.cancel_order(placed.id)
    later()
    assert trader.cancel_order(placed.id)
    assert trader.order(placed.id).status == "cancelled"
    assert trader.cash_balance().locked == 0


def test_an_order_that_was_filled_cannot_be_cancelled_or_changed(trader, bought):
    with pytest.raises(Refused, match="it has ended already"):
        trader.cancel_order(bought.id)
    with pytest.raises(Refused):
        trader.change_order(bought.id, quantity=9)


def test_an_order_that_never_was_cannot_be_found(trader):
    assert trader.find_order("nobody's") is None
    assert not trader.cancel_order("order-nobody")
    with pytest.raises(NotFound):
        trader.order("order-nobody")


def test_all_orders_are_cancelled_at_once(trader, market, resting, later):
    other = trader.market_of("text-max")
    for order in (resting(), resting(), NewOrder(other.id, "buy", 1, FAR_BELOW)):
        trader.place_order(order)
    later()
    assert trader.cancel_orders(other.id) == 1
    later()
    assert trader.cancel_orders() == 2
    later()
    assert trader.order_count().count == 0
    assert {it.status for it in trader.orders()} == {"cancelled"}


def test_listings_are_read_through_all_their_pages_by_filter(trader, market, resting, later):
    names = {f"mine-{number}" for number in range(5)}
    for name in sorted(names):
        trader.place_order(resting(name))
    trader.cancel_order(trader.place_order(resting("gone")).id)
    later()
    listing = trader.orders(market_id=market.id, status="active", page_size=2)
    assert {order.client_order_id for order in listing} == names
    assert listing.truncated is False
    assert trader.orders(side="sell").complete() == ()


def test_orders_are_found_by_when_they_were_placed(trader, emulator, resting, later):
    start = emulator.now()
    trader.place_order(resting("early"))
    emulator.advance(60)
    trader.place_order(resting("late"))
    later()
    second = start + timedelta(seconds=50)
    assert [it.client_order_id for it in trader.orders(submitted_from=second)] == ["late"]
    assert [it.client_order_id for it in trader.orders(submitted_to=second)] == ["early"]


def test_a_market_that_loses_its_cursor_is_not_believed(opened):
    with emulated(rules=generous(listings_lose_their_cursor=True), clock=MarketClock()) as losing:
        endpoints = Endpoints(losing.platform, losing.trading, losing.consumption, losing.messages)
        token = Secret(losing.create_account(mode="advanced").access_token)
        trader = opened(Client(endpoints, token))
        market_id = trader.market_of("text-prime").id
        for number in range(3):
            order = NewOrder(market_id, "buy", 1, FAR_BELOW, client_order_id=f"mine-{number}")
            trader.place_order(order)
        losing.advance(30)
        listing = trader.orders(page_size=2)
        assert len(listing.all()) == 2
        assert listing.truncated is True
        with pytest.raises(Truncated):
            listing.complete()


def test_mode_easy_refuses_orders_and_says_what_to_do(client, market):
    with pytest.raises(Refused, match="set the account's mode to advanced"):
        client.place_order(NewOrder(market.id, "buy", 1, FAR_BELOW))


def test_what_the_account_cannot_pay_is_refused_and_says_what_to_do(trader, market):
    with pytest.raises(Refused, match="deposit or sell first"):
        trader.place_order(NewOrder(market.id, "buy", 9999, Decimal("0.90")))
    with pytest.raises(Refused, match="deposit or sell first"):
        trader.place_order(NewOrder(market.id, "sell", 1, type="market"))


def test_a_name_is_given_to_one_order_alone(trader, resting):
    trader.place_order(resting("mine"))
    with pytest.raises(Refused, match="an order of this name exists"):
        trader.place_order(resting("mine"))


@pytest.mark.parametrize(("moment", "placed"), [("before", False), ("after", True)])
def test_a_doubt_about_an_order_is_settled_by_its_name(
    moment, placed, trader, emulator, resting, later
):
    emulator.order_fault("POST", "/orders", drop=moment)
    with pytest.raises(InDoubt, match="look for an order with the client_order_id 'mine' first"):
        trader.place_order(resting("mine"))
    later()
    assert (trader.find_order("mine") is not None) is placed
    assert len(trader.orders().complete()) == placed


@pytest.mark.parametrize(("moment", "moved"), [("before", 0), ("after", 1)])
def test_a_doubt_about_a_transfer_is_settled_by_the_history(
    moment, moved, trader, emulator, bought, market, later
):
    emulator.order_fault("POST", "/transfers/trading-to-consumption", drop=moment)
    with pytest.raises(InDoubt, match="look for a transfer of 1 units of instrument-"):
        trader.transfer_to_consumption(market.instruments[0].id, 1)
    later()
    assert len(trader.transfers().complete()) == moved


def test_units_are_moved_and_can_be_spent(trader, bought, market, later):
    instrument_id = market.instruments[0].id
    started = trader.transfer_to_consumption(instrument_id, 1)
    later()
    (transfer,) = trader.transfers(instrument_id=instrument_id)
    assert (transfer.id, transfer.quantity, transfer.is_to_consumption) == (started.id, 1, True)
    (balance,) = trader.consumption_balances(instrument_id=instrument_id)
    assert (balance.uncommitted, balance.total) == (1, 1)
    assert trader.consumption_balance(balance.account_id).uncommitted == 1
    assert [it.total for it in trader.trading_balances()] == [1]


def test_more_units_than_there_are_do_not_move(trader, bought, market):
    with pytest.raises(Refused, match="deposit or sell first"):
        trader.transfer_to_consumption(market.instruments[0].id, 3)
    with pytest.raises(NotFound):
        trader.transfer_to_consumption("instrument-ffffffff-0000-4000-8000-ffffffffffff", 1)


def test_a_trading_key_does_all_of_it(emulator, trader, client_of, market, resting, later):
    key = SigningKey.generate()
    trader.create_trading_key("robot", key.public_key)
    later()
    signing = client_of(key, clock=emulator.clock)
    placed = signing.place_order(resting("mine"))
    assert signing.order(placed.id) == trader.order(placed.id)
    assert signing.change_order(placed.id, quantity=2).id == placed.id
    later()
    assert [it.id for it in signing.orders(market_id=market.id)] == [placed.id]
    assert signing.cancel_order(placed.id)


def test_what_the_account_may_send_and_how_the_hosts_are(trader, market):
    limits = trader.order_limits(market.id)
    assert (limits.market_id, limits.scope) == (market.id, "user_market")
    assert trader.health().status == "ok"
    assert {trader.diagnostics(host).status for host in ("platform", "trading")} == {"ok"}
    profile = trader.profile()
    assert (profile.user_id, profile.verification_status) == (
        trader.account().user_id,
        "verified",
    )
