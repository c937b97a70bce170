"""Which transfers came before a watermark was taken."""

from datetime import timedelta
from decimal import Decimal

import pytest

from thegrid.core.model import Transfer
from thegrid.core.watermark import MARGIN, Watermark

SECOND = timedelta(seconds=1)


@pytest.fixture
def row(now):
    def row(name, after=timedelta(0), **fields):
        time = {"transferred_at": now + after} | fields
        return Transfer(name, "consumption_account_1", None, "instrument-1", Decimal(1), **time)

    return row


def test_with_nothing_seen_everything_came_after(row):
    assert not Watermark.of(()).is_before(row("any"))


def test_what_was_seen_came_before(row):
    mark = Watermark.of([row("old", -2 * MARGIN), row("a"), row("b", SECOND)])
    assert all(mark.is_before(row(name)) for name in "ab")
    assert not mark.is_before(row("c"))


def test_what_was_not_seen_came_before_only_if_it_is_older_than_the_margin(row):
    mark = Watermark.of([row("newest")])
    assert mark.is_before(row("shown late", -MARGIN - SECOND))
    assert not mark.is_before(row("shown late", -MARGIN))


def test_only_ids_within_the_margin_are_kept(row):
    mark = Watermark.of([row("ancient", -MARGIN - SECOND), row("edge", -MARGIN), row("newest")])
    assert mark.seen == {"edge", "newest"}
    assert mark.is_before(row("ancient", -MARGIN - SECOND))


def test_a_transfer_without_a_time_is_told_by_when_it_was_recorded(row, now):
    mark = Watermark.of([row("newest")])
    early = now - MARGIN - SECOND
    assert mark.is_before(row("x", transferred_at=None, recorded_at=early))
    assert not mark.is_before(row("x", transferred_at=None, recorded_at=now))


def test_a_transfer_without_any_time_came_before_only_if_it_was_seen(row):
    untimed = row("x", transferred_at=None)
    assert Watermark.of([untimed]) == Watermark(None, frozenset({"x"}))
    assert Watermark.of([untimed]).is_before(untimed)
    assert not Watermark.of([row("newest")]).is_before(untimed)
