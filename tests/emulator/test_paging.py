import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thegrid_emulator import Rules
from thegrid_emulator.errors import MarketError
from thegrid_emulator.filters import Filter, flop_filters, moment, one_of
from thegrid_emulator.paging import Listing, read_page

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    number: int
    colour: str = "red"
    weight: int | None = None

    @property
    def row_id(self):
        return f"row-{self.number}"

    @property
    def made_at(self):
        return NOON + timedelta(seconds=self.number)


LISTING = Listing(
    identify=lambda row: row.row_id,
    order_by={"made_at": lambda row: row.made_at, "weight": lambda row: row.weight},
    filters={
        "colour": Filter(lambda row: row.colour, one_of("red", "blue")),
        "start": Filter(lambda row: row.made_at, moment, ">="),
        "end": Filter(lambda row: row.made_at, moment, "<="),
    },
    largest_page=7,
)
FLOP = Listing(
    identify=LISTING.identify, order_by=LISTING.order_by, filters=LISTING.filters, flop=True
)
ROWS = [Row(number) for number in range(10)]


def page(rows=ROWS, listing=LISTING, now=NOON, rules=None, **parameters):
    texts = {name.rstrip("_"): str(value) for name, value in parameters.items()}
    return read_page(listing, rows, texts, now=now, rules=rules or Rules())


def numbers(found):
    return [row.number for row in found.rows]


def refusal(**options):
    with pytest.raises(MarketError) as caught:
        page(**options)
    return int(caught.value.status), caught.value.detail


def problem(**options):
    with pytest.raises(MarketError) as caught:
        page(**options)
    return int(caught.value.status), caught.value.message


def test_a_listing_that_fits_is_one_page_without_cursors():
    found = page(ROWS[:3])
    assert numbers(found) == [0, 1, 2]
    assert found.envelope(lambda row: row.number) == {
        "data": [0, 1, 2],
        "paging": {"next_cursor": None, "prev_cursor": None, "has_more": False},
    }


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 25),
    limit=st.integers(1, 7),
    direction=st.sampled_from(["asc", "desc"]),
    order=st.sampled_from(["made_at", "weight"]),
    colour=st.sampled_from(["", "red", "blue"]),
    data=st.data(),
)
def test_pages_in_either_direction_show_each_row_once_and_in_order(
    count, limit, direction, order, colour, data
):
    weights = data.draw(st.lists(st.none() | st.integers(0, 3), min_size=count, max_size=count))
    rows = [Row(i, ["red", "blue"][i % 2], weight) for i, weight in enumerate(weights)]
    asked = {"limit": limit, "order_by": order, "order_direction": direction, "colour": colour}
    found = page(rows, **asked)
    forward, backward = [], []
    assert found.prev_cursor is None
    while True:
        forward.append(numbers(found))
        if not found.has_more:
            break
        assert len(forward) <= count, "it goes in circles"
        found = page(rows, **asked, next=found.next_cursor)
    assert found.next_cursor is None
    while found.prev_cursor is not None:
        found = page(rows, **asked, prev=found.prev_cursor)
        backward.insert(0, numbers(found))
        assert len(backward) <= count, "it goes in circles"

    def place(row):
        value = row.made_at if order == "made_at" else row.weight
        return value is not None, value, row.number

    everything = sorted(
        (row for row in rows if colour in {"", row.colour}),
        key=place,
        reverse=direction == "desc",
    )
    assert [number for part in forward for number in part] == [row.number for row in everything]
    assert [number for part in backward for number in part] == [
        number for part in forward[:-1] for number in part
    ]


def test_more_in_the_direction_of_travel_is_told_in_both_directions():
    second = page(limit=3, next=page(limit=3).next_cursor)
    assert second.has_more
    first = page(limit=3, prev=second.prev_cursor)
    assert (numbers(first), first.has_more, first.prev_cursor) == ([0, 1, 2], False, None)
    assert numbers(page(limit=3, next=first.next_cursor)) == [3, 4, 5]


def test_rows_that_come_or_leave_between_two_pages_neither_repeat_nor_hide_others():
    cursor = page(limit=3, colour="red").next_cursor
    changed = [Row(0), Row(1, "blue"), Row(2, "blue"), *ROWS[3:], Row(10)]
    assert numbers(page(changed, limit=9, colour="red", next=cursor)) == [3, 4, 5, 6, 7, 8, 9]


def test_a_wish_for_too_many_is_cut_down():
    for limit in (8, 100, 10**30):
        assert len(page(limit=limit).rows) == 7


@pytest.mark.parametrize("limit", ["", None])
def test_fifty_rows_are_a_page_unless_said_otherwise(limit):
    wide = Listing(identify=LISTING.identify, order_by=LISTING.order_by, filters={})
    asked = {} if limit is None else {"limit": limit}
    assert len(page([Row(number) for number in range(60)], wide, **asked).rows) == 50


@pytest.mark.parametrize("limit", ["many", "1.5", "1e2", " 1", "+1", "٣", "NaN", "0x10"])
def test_a_size_is_plain_decimal(limit):
    assert refusal(limit=limit) == (400, "invalid_parameter")


@pytest.mark.parametrize("limit", ["0", "-1", "-" + "9" * 5000, "00"])
def test_a_page_has_at_least_one_row(limit):
    assert problem(limit=limit) == (422, "limit: must be at least 1")


def test_a_numeric_page_is_refused():
    assert refusal(page_=2)[0] == 422


def test_next_excludes_prev():
    cursor = page(limit=3).next_cursor
    assert refusal(next=cursor, prev=cursor)[0] == 400


def test_a_cursor_may_come_with_its_plus_signs_unencoded():
    odd = Listing(
        identify=lambda row: "~>" * (row.number + 1), order_by=LISTING.order_by, filters={}
    )
    cursors = [page(ROWS, odd, limit=size).next_cursor for size in range(1, 10)]
    with_plus = {size: it for size, it in enumerate(cursors, start=1) if "+" in it}
    assert with_plus
    for size, cursor in with_plus.items():
        assert numbers(page(ROWS, odd, limit=1, next=cursor.replace("+", " "))) == [size]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "é",
        "eyJ",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b'{"id": 1}').decode(),
        base64.b64encode(json.dumps({"id": "row-1"}).encode()).decode(),
    ],
)
def test_a_cursor_that_is_none_is_refused(cursor):
    assert refusal(next=cursor) == (400, "invalid_cursor")
    assert refusal(prev=cursor) == (400, "invalid_cursor")


def test_a_cursor_belongs_to_its_listing_filters_and_order():
    cursor = page(limit=2, colour="red").next_cursor
    assert numbers(page(limit=1, colour="red", next=cursor)) == [2]
    assert refusal(limit=2, next=cursor) == (400, "invalid_cursor")
    assert refusal(limit=2, colour="red", order_by="weight", next=cursor)[0] == 400
    assert refusal(limit=2, colour="red", rows=ROWS[5:], next=cursor)[0] == 400


def test_a_cursor_is_short_lived():
    rules = Rules(cursor_seconds=60)
    cursor = page(limit=2).next_cursor
    assert page(next=cursor, rules=rules, now=NOON + timedelta(seconds=60)).rows
    late = {"next": cursor, "rules": rules, "now": NOON + timedelta(seconds=61)}
    assert refusal(**late) == (400, "expired_cursor")


def test_a_listing_that_loses_its_cursor_still_says_that_there_is_more():
    found = page(limit=2, rules=Rules(listings_lose_their_cursor=True))
    assert (found.has_more, found.next_cursor, found.prev_cursor) == (True, None, None)


def test_times_filter_inclusively_in_both_notations():
    for start, end in (
        ("2026-01-01T12:00:03Z", "2026-01-01T13:00:05+01:00"),
        (int(NOON.timestamp()) + 3, int(NOON.timestamp()) + 5),
    ):
        assert numbers(page(start=start, end=end)) == [3, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-01-01T12:00:00",
        "0001-01-01T00:00:00+23:00",
        "999999999999",
        "9" * 400,
        "-1",
        "١٢",
        "NaN",
    ],
)
def test_a_time_that_is_none_is_refused(text):
    assert refusal(start=text) == (400, "invalid_parameter")


def test_a_word_that_is_not_allowed_is_named_with_those_that_are():
    assert problem(colour="green") == (422, "colour: must be one of red, blue")
    assert problem(order_by="size") == (422, "order_by: must be one of made_at, weight")
    assert problem(order_direction="up") == (422, "order_direction: must be one of asc, desc")


def test_an_empty_or_unknown_filter_narrows_nothing():
    assert len(page(colour="", flavour="sweet", start="").rows) == 7


def flop(*filters, listing=FLOP, **parameters):
    texts = {
        f"filters[{number}][{part}]": text
        for number, parts in enumerate(filters)
        for part, text in parts.items()
    }
    return read_page(listing, ROWS, texts | parameters, now=NOON, rules=Rules())


def test_flop_filters_combine_and_compare():
    late = {"field": "start", "op": ">", "value": "2026-01-01T12:00:06Z"}
    not_last = {"field": "end", "op": "!=", "value": "2026-01-01T12:00:09Z"}
    assert numbers(flop(late, not_last, {"field": "colour", "value": "red"})) == [7, 8]
    sort = {"order_by[]": "made_at", "order_directions[]": "desc"}
    assert numbers(flop(late, **sort)) == [9, 8, 7]


def test_flop_filters_are_not_heard_where_they_are_not_declared():
    wanted = {"field": "colour", "value": "blue"}
    assert len(flop(wanted, listing=LISTING).rows) == 7
    nested = {"flop[filters][0][field]": "colour", "flop[filters][0][value]": "blue"}
    assert len(flop(**nested).rows) == 10


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"op": "=="}, 400),
        ({"field": "colour", "op": "=~", "value": "red"}, 400),
        ({"field": "size", "value": "1"}, 422),
        ({"field": "colour", "value": "green"}, 422),
        ({"field": "start", "value": "NaN"}, 400),
    ],
)
def test_a_wrong_flop_filter_is_refused(wanted, status):
    with pytest.raises(MarketError) as caught:
        flop(wanted)
    assert caught.value.status == status


def test_flop_filters_come_in_the_order_of_their_numbers():
    query = [("filters[10][field]", "b"), ("filters[2][field]", "a"), ("filters[x][field]", "c")]
    assert [(it.field, it.operator, it.value) for it in flop_filters(query)] == [
        ("a", "==", ""),
        ("b", "==", ""),
    ]
