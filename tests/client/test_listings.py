"""Listings in pages: where they end, and whether that was the end."""

from urllib.parse import parse_qs

import httpx
import pytest

from thegrid.client import InDoubt, Misuse, Truncated, Unreachable

MARKET = "market-00000000-0000-4000-8000-000000000001"


def order(number, **fields):
    row = {"order_id": f"order-{number}", "market_id": MARKET, "side": "buy", "type": "limit"}
    return row | {"status": "active", "quantity": 1, "client_order_id": f"mine-{number}"} | fields


def page(*numbers, cursor=None, has_more=False):
    paging = {"next_cursor": cursor, "prev_cursor": None, "has_more": has_more}
    return {"data": [order(number) for number in numbers], "paging": paging}


@pytest.fixture
def paged(market_answering):
    """Makes a client of a market that gives these pages by cursor, and the list of what it asks."""

    def make(**pages):
        asked = []

        def answer(request):
            asked.append(parse_qs(request.url.query.decode()))
            (cursor,) = asked[-1].get("next", ["first"])
            return pages[cursor]

        return market_answering(answer), asked

    return make


def numbers(listing):
    return [int(row.id.removeprefix("order-")) for row in listing]


ENDS = {
    "the market says so": (
        {"first": page(1, 2, cursor="b", has_more=True), "b": page(3)},
        [1, 2, 3],
        False,
    ),
    "a cursor stands there, but no more is to come": ({"first": page(1, cursor="b")}, [1], False),
    "nothing is there": ({"first": page()}, [], False),
    "more is to come, but no cursor leads there": ({"first": page(1, has_more=True)}, [1], True),
    "a cursor leads back to itself": (
        {
            "first": page(1, cursor="b", has_more=True),
            "b": page(2, cursor="b", has_more=True),
        },
        [1, 2],
        True,
    ),
    "cursors lead in a circle": (
        {
            "first": page(1, cursor="b", has_more=True),
            "b": page(2, cursor="c", has_more=True),
            "c": page(3, cursor="b", has_more=True),
        },
        [1, 2, 3],
        True,
    ),
    "a page is empty though more is to come": (
        {"first": page(1, cursor="b", has_more=True), "b": page(cursor="c", has_more=True)},
        [1],
        True,
    ),
    "the older envelope counts more pages": (
        {"first": {"data": [order(1)], "meta": {"current_page": 1, "total_pages": 2}}},
        [1],
        True,
    ),
    "the older envelope counts more rows": (
        {"first": {"data": [order(1)], "meta": {"current_offset": 0, "total_count": 2}}},
        [1],
        True,
    ),
    "the oldest envelope counts more rows": (
        {"first": {"data": [order(1)], "meta": {"pagination": {"offset": 0, "total": 2}}}},
        [1],
        True,
    ),
    "the older envelope counts what it shows": (
        {"first": {"data": [order(1)], "meta": {"current_offset": 4, "total_count": 5}}},
        [1],
        False,
    ),
}


@pytest.mark.parametrize("sentence", ENDS)
def test_a_listing_ends_where(sentence, paged):
    pages, expected, truncated = ENDS[sentence]
    client, _ = paged(**pages)
    listing = client.orders()
    assert listing.truncated is None
    assert numbers(listing) == expected
    assert listing.truncated is truncated


def test_rows_that_two_pages_show_appear_once(paged):
    client, _ = paged(first=page(1, 2, cursor="b", has_more=True), b=page(2, 3))
    assert numbers(client.orders()) == [1, 2, 3]


def test_filters_stay_the_same_on_every_page(paged):
    client, asked = paged(first=page(1, cursor="b/+=", has_more=True), **{"b/+=": page(2)})
    client.orders(market_id=MARKET.replace("-", "_", 1), side="buy", page_size=2).all()
    first, second = asked
    assert first == {"market_id": [MARKET], "side": ["buy"], "limit": ["2"]}
    assert second == first | {"next": ["b/+="]}


def test_pages_are_read_only_as_far_as_they_are_looked_at_and_only_once(paged):
    client, asked = paged(first=page(1, 2, cursor="b", has_more=True), b=page(3))
    listing = client.orders()
    assert asked == []
    assert next(iter(listing)).id == "order-1"
    assert len(asked) == 1
    assert numbers(listing) == numbers(listing) == [1, 2, 3]
    assert len(asked) == 2


def test_a_page_that_failed_can_be_asked_for_again(market_answering):
    answers = [
        page(1, cursor="b", has_more=True),
        httpx.Response(500, json={}),
        page(2, cursor=None),
    ]
    listing = market_answering(lambda _: answers.pop(0)).orders()
    with pytest.raises(Exception, match="500"):
        listing.all()
    assert numbers(listing) == [1, 2]
    assert listing.truncated is False


def test_a_status_is_checked_again_where_the_market_ignores_it(market_answering):
    answer = {"data": [order(1, status="filled"), order(2)]}
    assert numbers(market_answering(answer).orders(status="active")) == [2]


def test_an_order_is_found_by_its_own_name_on_any_page(paged):
    client, asked = paged(first=page(1, cursor="b", has_more=True), b=page(2, has_more=True))
    assert client.find_order("mine-1").id == "order-1"
    assert len(asked) == 1
    assert client.find_order("mine-2").id == "order-2"


def test_an_order_that_a_complete_listing_lacks_is_absent(paged):
    client, _ = paged(first=page(1))
    assert client.find_order("mine-9") is None


def test_an_order_that_a_truncated_listing_lacks_is_not_called_absent(paged):
    client, _ = paged(first=page(1, has_more=True))
    with pytest.raises(Truncated, match="GET /orders: the listing broke off") as caught:
        client.find_order("mine-9")
    assert isinstance(caught.value, Unreachable)
    assert not isinstance(caught.value, InDoubt)


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_page_has_a_size_that_the_market_allows(size, paged):
    client, asked = paged(first=page(1))
    with pytest.raises(Misuse, match=rf"^page_size: {size} is not from 1 to 500$"):
        client.orders(page_size=size)
    assert asked == []


BROKEN = {
    "no rows at all": {},
    "null for rows": {"data": None},
    "an object for rows": {"data": {}},
    "a row without an identifier": {"data": [{"status": "active"}]},
    "a page with a cursor that is none": {"data": [], "paging": {"next_cursor": 7}},
    "a page that has more of something else": {"data": [], "paging": {"has_more": "yes"}},
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_page_that_cannot_be_read_is_no_page(sentence, market_answering):
    with pytest.raises(Unreachable, match="GET /orders: the answer"):
        market_answering(BROKEN[sentence]).orders().all()
