"""What the market called otherwise once, or calls otherwise elsewhere, reads the same."""

import pytest

from thegrid.client import Misuse, Truncated

UUID = "00000000-0000-4000-8000-000000000001"
MARKET, INSTRUMENT = f"market-{UUID}", f"instrument-{UUID}"
OLD_MARKET, OLD_INSTRUMENT = f"market_{UUID}", f"instrument_{UUID}"
TIME = "2026-01-01T00:00:00Z"

ORDER = {"order_id": "order-1", "market_id": MARKET, "side": "buy", "type": "limit"}
ORDER |= {"status": "active", "quantity": 2, "filled_quantity": 0, "submitted_at": TIME}
OLD_ORDER = {"id": "order-1", "market_id": OLD_MARKET, "side": "buy", "type": "limit"}
OLD_ORDER |= {"status": "open", "size": "2", "filled_quantity": "0", "created_at": TIME}
SIZES = {"tick_size": "0.0001", "lot_size": "1", "min_order_size": "1", "max_order_size": "10000"}
A_MARKET = {"market_id": MARKET, "name": "Text Prime", "status": "active"}
SUMMARY = {"instrument_id": INSTRUMENT, "instrument_type": "ai_commodity", "symbol": "text-prime"}
A_MARKET |= {"associated_instruments": [INSTRUMENT], "instruments": [SUMMARY]}
LEVELS = [{"price": "0.95", "quantity": 10}]
BALANCE = {"account_id": "a", "instrument_id": INSTRUMENT, "total_balance": "3"}
BALANCE |= {"available_balance": "2"}
MOVED = {"status": "success", "transfer_id": "transfer_1"}
SETTINGS = {"account_mode": "easy", "auto_transfer_enabled": True, "auto_reload_enabled": False}


def data(*parts, **fields):
    whole = {}
    for part in (*parts, fields):
        whole |= part
    return {"data": whole}


def rows(*parts):
    return {"data": [data(*parts)["data"]], "paging": {"next_cursor": None, "has_more": False}}


SPELLINGS = {
    "an order": (lambda it: it.order("order-1"), data(ORDER), data(OLD_ORDER)),
    "an order's average price": (
        lambda it: it.order("order-1"),
        data(ORDER, average_price="0.9"),
        data(ORDER, average_fill_price="0.9"),
    ),
    "numbers as texts and texts as numbers": (
        lambda it: it.order("order-1"),
        data(ORDER, quantity="2", price=1.5),
        data(ORDER, quantity=2, price="1.5"),
    ),
    "a market's identifiers": (
        lambda it: it.market(MARKET),
        data(A_MARKET),
        data(
            A_MARKET,
            market_id=OLD_MARKET,
            associated_instruments=[OLD_INSTRUMENT],
            instruments=[SUMMARY | {"instrument_id": OLD_INSTRUMENT}],
        ),
    ),
    "bare identifiers": (
        lambda it: it.market(MARKET),
        data(A_MARKET),
        data(A_MARKET, market_id=UUID, associated_instruments=[UUID.upper()]),
    ),
    "a market under id": (
        lambda it: it.market(MARKET),
        data(A_MARKET),
        data({name: value for name, value in A_MARKET.items() if name != "market_id"}, id=MARKET),
    ),
    "a market's instruments": (
        lambda it: it.market(MARKET).instrument_ids,
        data(A_MARKET),
        data(A_MARKET, associated_instruments=None, allowed_instruments=[INSTRUMENT]),
    ),
    "a market's steps in controls": (
        lambda it: it.market(MARKET),
        data(A_MARKET, order_controls=SIZES),
        data(A_MARKET, controls=SIZES),
    ),
    "a market's steps beside its name": (
        lambda it: it.market(MARKET),
        data(A_MARKET, order_controls=SIZES),
        data(A_MARKET, SIZES),
    ),
    "a market's steps by their first names": (
        lambda it: it.market(MARKET),
        data(A_MARKET, tick_size="0.01", lot_size="1"),
        data(A_MARKET, price_increment=0.01, size_increment=1),
    ),
    "a ticker": (
        lambda it: it.ticker(MARKET),
        data(market_id=MARKET, highest_bid="1", lowest_ask="2", last_trade_quantity=3),
        data(bid=1, ask=2, last_trade_size="3"),
    ),
    "an order book": (
        lambda it: it.order_book(MARKET),
        data(buy=LEVELS, sell=[]),
        data(bids=LEVELS, asks=[]),
    ),
    "a public trade": (
        lambda it: it.market_trades(MARKET),
        rows({"trade_id": "t", "price": "1", "quantity": 2, "execution_timestamp": TIME}),
        rows({"trade_id": "t", "price": 1, "quantity": "2", "timestamp": TIME}),
    ),
    "a market's day": (
        lambda it: it.market_statistics(MARKET),
        data(current_price="1", high_24h="3", low_24h="1", volume_24h=9),
        data(close="1", high="3", low="1", volume="9", open="2", num_trades=4),
    ),
    "locked units": (
        lambda it: it.trading_balances().all(),
        rows(BALANCE, {"locked_balance": "1"}),
        rows(BALANCE, {"reserved_balance": 1}),
    ),
    "units that can be spent": (
        lambda it: it.consumption_balances().all(),
        rows({"account_id": "c", "instrument_id": INSTRUMENT, "uncommitted_balance": 1.5}),
        rows({"account_id": "c", "instrument_id": INSTRUMENT, "available_balance": "1.5"}),
    ),
    "a currency's case": (
        lambda it: it.cash_balance(),
        rows(BALANCE, {"currency": "usd", "locked_balance": "1"}),
        rows(BALANCE, {"currency": "USD", "locked_balance": "1"}),
    ),
    "a started transfer": (
        lambda it: it.transfer_to_consumption(INSTRUMENT, 1),
        MOVED,
        data(MOVED),
    ),
    "a placed order with and without an envelope": (
        lambda it: it.cancel_orders(),
        data(cancelled=3),
        {"cancelled": "3"},
    ),
    "auto-buy": (
        lambda it: it.settings(),
        data(
            SETTINGS,
            auto_buy_enabled=True,
            auto_buy_quantity=2,
            auto_buy_trigger_threshold=1,
        ),
        data(
            SETTINGS,
            auto_top_up_enabled=True,
            auto_top_up_quantity="2",
            auto_top_up_trigger_threshold=1,
        ),
    ),
    "a trading key": (
        lambda it: it.list_trading_keys(),
        rows({"id": "k", "label": "l", "fingerprint_prefix": "Vkdap1Rj"}),
        rows({"key_id": "k", "label": "l", "fingerprint": "Vkdap1RjR0wChd9d"}),
    ),
    "the address of an account": (
        lambda it: it.trading_account(),
        data(user_id="u", email="a@b.invalid", account_mode="easy"),
        data(user_id="u", user={"email": "a@b.invalid"}, account_mode="easy"),
    ),
    "a listing without paging": (
        lambda it: it.orders().all(),
        rows(ORDER),
        {"data": [ORDER]},
    ),
    "a listing in the envelope that counts pages": (
        lambda it: it.orders().all(),
        rows(ORDER),
        {"data": [ORDER], "meta": {"current_page": 1, "total_pages": 1, "total_count": 1}},
    ),
}


@pytest.mark.parametrize("sentence", SPELLINGS)
def test_older_spelling_of(sentence, market_answering):
    ask, current, older = SPELLINGS[sentence]
    value = ask(market_answering(current))
    assert value
    assert ask(market_answering(older)) == value


def test_the_current_spelling_wins_over_the_older_one(market_answering):
    market = market_answering(data(ORDER, quantity=2, size=7, average_fill_price="9"))
    order = market.order("order-1")
    assert (order.quantity, order.average_price) == (2, 9)


def test_statuses_that_nobody_has_heard_of_are_not_terminal(market_answering):
    order = market_answering(data(ORDER, status="frozen_by_moonlight")).order("order-1")
    assert order.status == "frozen_by_moonlight"
    assert not order.is_terminal


def by_path(**answers):
    return lambda request: answers[request.url.path.rsplit("/", 1)[-1]]


def test_a_market_is_found_by_the_symbol_of_its_instrument_in_any_case(market_answering):
    client = market_answering(by_path(markets=rows(A_MARKET)))
    assert client.market_of("Text-PRIME").id == MARKET


def test_a_market_that_names_no_symbols_is_found_by_the_instruments_identifier(market_answering):
    """So older answers do, whose markets list identifiers alone."""
    bare = A_MARKET | {"instruments": None, "associated_instruments": [OLD_INSTRUMENT]}
    detail = {"text-prime": data(SUMMARY)}
    client = market_answering(by_path(markets=rows(bare), **detail))
    assert client.market_of("text-prime").id == MARKET


def test_the_currency_of_all_markets_has_none_of_its_own(market_answering):
    usd = {"instrument_id": "instrument-usd", "symbol": "usd", "instrument_type": "currency"}
    shared = A_MARKET | {"associated_instruments": [INSTRUMENT, "instrument-usd"]}
    client = market_answering(by_path(markets=rows(shared), usd=data(usd)))
    with pytest.raises(Misuse, match=r"^symbol: 'usd' has no market$"):
        client.market_of("usd")


def test_a_truncated_listing_of_markets_does_not_say_that_there_is_none(market_answering):
    cut = rows(A_MARKET) | {"paging": {"next_cursor": None, "has_more": True}}
    other = {"other": data(SUMMARY, symbol="other", instrument_id="instrument-9")}
    client = market_answering(by_path(markets=cut, **other))
    with pytest.raises(Truncated):
        client.market_of("other")
