"""Placing, changing, cancelling, moving: what is sent, and what is made of odd answers."""

import json
from decimal import Decimal

import pytest

from thegrid.client import Client, InDoubt, Misuse, Refused
from thegrid.core.model import NewOrder
from thegrid.core.secret import Secret

UUID = "00000000-0000-4000-8000-000000000001"
MARKET, INSTRUMENT = f"market-{UUID}", f"instrument-{UUID}"
BUY = NewOrder(MARKET, "buy", 2, Decimal("0.95"), client_order_id="mine-1")
ORDER = {"order_id": "order-1", "market_id": MARKET, "side": "buy", "type": "limit"}
ORDER |= {"status": "active", "quantity": "2", "filled_quantity": 0, "price": "0.95"}
GATEWAY_FAILURES = [408, 500, 502, 503, 504]


def body_of(answer):
    return json.dumps(answer).encode()


@pytest.fixture
def market(scripted, scripted_endpoints, opened):
    """A client of the scripted server."""
    return opened(Client(scripted_endpoints, Secret("token")))


def test_an_order_is_sent_as_the_market_wants_it(market, scripted):
    scripted.will_answer(201, body_of({"data": {"order_id": "order-1"}}))
    placed = market.place_order(
        NewOrder(
            f"market_{UUID}", "buy", 2, Decimal("9E-1"), client_order_id="mine-1", post_only=False
        )
    )
    assert (placed.id, placed.client_order_id) == ("order-1", "mine-1")
    assert json.loads(scripted.seen[0].body) == {
        "market_id": MARKET,
        "side": "buy",
        "type": "limit",
        "quantity": "2",
        "price": "0.9",
        "client_order_id": "mine-1",
        "post_only": False,
    }


def test_an_order_without_a_name_gets_one_of_its_own(market, scripted):
    for number in (1, 2):
        scripted.will_answer(202, body_of({"order_id": f"order-{number}"}))
    order = NewOrder(MARKET, "sell", 1, type="market")
    names = {market.place_order(order).client_order_id for _ in range(2)}
    assert {json.loads(seen.body)["client_order_id"] for seen in scripted.seen} == names
    assert len(names) == 2


@pytest.mark.parametrize("status", GATEWAY_FAILURES)
def test_an_order_that_may_have_been_placed_is_in_doubt_and_sent_once(status, market, scripted):
    scripted.will_answer(status, b"")
    with pytest.raises(InDoubt, match="look for an order with the client_order_id 'mine-1' first"):
        market.place_order(BUY)
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": {}}', b'{"data": {"order_id": 7}}'])
def test_an_order_whose_answer_cannot_be_read_is_in_doubt(body, market, scripted):
    scripted.will_answer(201, body)
    with pytest.raises(InDoubt, match="mine-1"):
        market.place_order(BUY)
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_an_order_that_was_refused_is_not_in_doubt(status, market, scripted):
    scripted.will_answer(status, b"{}")
    with pytest.raises(Refused):
        market.place_order(BUY)
    assert len(scripted.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, body_of({"data": ORDER | {"price": "0.9"}})),
        (202, body_of({"message": "Order update accepted", "order_id": "order-1"})),
        (202, body_of({"data": ORDER})),
        (202, b""),
        (200, body_of({"data": {"order_id": "order-1"}})),
        (204, b""),
    ],
    ids=["the order", "a message", "an order to come", "nothing", "an identifier", "no content"],
)
def test_a_changed_order_is_read_anew_unless_it_is_in_the_answer(answer, market, scripted):
    scripted.will_answer(*answer)
    scripted.will_answer(200, body_of({"data": ORDER | {"price": "0.9"}}))
    assert market.change_order("order-1", price=Decimal("0.9")).price == Decimal("0.9")
    assert json.loads(scripted.seen[0].body) == {"price": "0.9"}
    assert len(scripted.seen) == (1 if answer[0] == 200 and b"price" in answer[1] else 2)


NO_CHANGES = {
    "nothing": {},
    "no units": {"quantity": 0},
    "half a unit": {"quantity": Decimal("0.5")},
    "a truth value": {"quantity": True},
    "a price of zero": {"price": Decimal(0)},
    "a price without end": {"price": Decimal("Infinity")},
    "a binary price": {"price": 0.9},
}


@pytest.mark.parametrize("sentence", NO_CHANGES)
def test_an_order_is_not_changed_by(sentence, market, scripted):
    with pytest.raises(Misuse, match=r"^(price|quantity)"):
        market.change_order("order-1", **NO_CHANGES[sentence])
    assert scripted.seen == []


ALREADY = b'{"errors": {"detail": "order_already_cancelled"}}'
CANCELLATIONS = {
    "cancelled without a word": (204, b"", True),
    "cancelled with the order": (200, body_of({"data": ORDER}), True),
    "a cancellation that was accepted": (202, b"", True),
    "a cancelled one, as the exchange says it": (500, ALREADY, True),
    "a cancelled one, as an older one said it": (
        400,
        b'{"error": {"code": "ORDER_ALREADY_CANCELLED", "message": "it is"}}',
        True,
    ),
    "an unknown one": (404, b"{}", False),
}


@pytest.mark.parametrize("sentence", CANCELLATIONS)
def test_cancelling_is_done_after(sentence, market, scripted):
    status, body, known = CANCELLATIONS[sentence]
    scripted.will_answer(status, body)
    assert market.cancel_order("order-1") is known
    assert [seen.method for seen in scripted.seen] == ["DELETE"]


def test_a_cancellation_that_lost_its_answer_is_sent_again(market, scripted):
    scripted.will_answer(503, b"")
    scripted.will_answer(500, ALREADY)
    assert market.cancel_order("order-1")


REFUSED = {
    "an order that has ended": (422, b'{"errors": {"detail": "order_not_cancellable"}}'),
    "mode easy": (403, b'{"errors": {"detail": "auto_mode_trading_restricted"}}'),
    "another failure of the server": (500, b"{}"),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_cancelling_is_refused_for(sentence, market, scripted):
    scripted.will_answer(*REFUSED[sentence])
    with pytest.raises(Refused):
        market.cancel_order("order-1")
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("status", GATEWAY_FAILURES)
def test_units_that_may_have_moved_are_in_doubt_and_sent_once(status, market, scripted):
    scripted.will_answer(status, b"")
    with pytest.raises(InDoubt, match=f"look for a transfer of 2 units of {INSTRUMENT} after 20"):
        market.transfer_to_consumption(UUID, 2)
    assert json.loads(scripted.seen[0].body) == {"instrument_id": INSTRUMENT, "quantity": 2}
    assert len(scripted.seen) == 1


@pytest.mark.parametrize("status", [409, 422, 500])
def test_units_that_lost_the_race_for_their_account_are_moved_again(status, market, scripted):
    scripted.will_answer(status, b'{"errors": {"detail": "account_already_exists"}}')
    scripted.will_answer(202, b'{"status": "success", "transfer_id": "transfer_1"}')
    assert market.transfer_to_consumption(INSTRUMENT, 2).id == "transfer_1"
    assert len(scripted.seen) == 2


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "2"])
def test_only_whole_units_are_moved(quantity, market, scripted):
    with pytest.raises(Misuse, match=r"^quantity: "):
        market.transfer_to_consumption(INSTRUMENT, quantity)
    assert scripted.seen == []


@pytest.mark.parametrize("identifier", ["", ".", ".."])
@pytest.mark.parametrize(
    "ask",
    [
        lambda market, it: market.order(it),
        lambda market, it: market.cancel_order(it),
        lambda market, it: market.change_order(it, quantity=1),
        lambda market, it: market.cancel_orders(it),
        lambda market, it: market.market(it),
        lambda market, it: market.instrument_by_symbol(it),
        lambda market, it: market.trade(it),
        lambda market, it: market.trading_balance(it),
        lambda market, it: market.consumption_key(it),
    ],
)
def test_an_identifier_that_would_name_another_path_is_refused(identifier, ask, market, scripted):
    with pytest.raises(Misuse, match="is not an identifier"):
        ask(market, identifier)
    assert scripted.seen == []


def test_the_health_of_a_host_is_asked_without_the_login(market, scripted):
    scripted.will_answer(200, b'{"data": {"status": "ok", "service": "trading"}}')
    assert market.health().status == "ok"
    assert "authorization" not in scripted.seen[0].headers


def test_a_key_is_read_from_the_listing_where_it_has_no_route(market, scripted):
    rows = {"data": [{"id": "k", "name": "web"}]}
    for status in (405, 404):
        scripted.will_answer(status, b"")
        scripted.will_answer(200, body_of(rows))
        assert market.consumption_key("k").name == "web"


def test_a_key_is_revoked_where_it_cannot_be_deactivated(market, scripted):
    scripted.will_answer(405, b"")
    scripted.will_answer(200, body_of({"data": [{"id": "k", "name": "web"}]}))
    scripted.will_answer(204, b"")
    market.change_consumption_key("k", is_active=False)
    assert [seen.method for seen in scripted.seen] == ["PUT", "GET", "DELETE"]
    assert json.loads(scripted.seen[0].body) == {"api_key": {"is_active": False}}


@pytest.mark.parametrize("change", [{"name": "new"}, {"is_active": True}])
def test_a_key_is_not_replaced_where_it_cannot_be_changed(change, market, scripted):
    scripted.will_answer(405, b"")
    scripted.will_answer(200, body_of({"data": [{"id": "k", "name": "web"}]}))
    with pytest.raises(Refused):
        market.change_consumption_key("k", **change)
    assert [seen.method for seen in scripted.seen] == ["PUT", "GET"]
