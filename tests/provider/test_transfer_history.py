"""A history is read from its newest end, and to its end where the market gives another order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pulumi_thegrid._lifecycles.transfer_history import read_back
from thegrid.core.model import Transfer

START = datetime(2026, 3, 1, tzinfo=UTC)
MANY = 250
WANTED = 40


def rows(times):
    return [
        Transfer(f"t{number}", "consumption_account_1", None, "i", Decimal(1), time)
        for number, time in enumerate(times)
    ]


def older_than_wanted(newest, row):
    return row.transferred_at < newest.transferred_at - timedelta(seconds=WANTED)


FALLING = [START - timedelta(seconds=second) for second in range(MANY)]
HISTORIES = {
    "newest first, it stops after a page": (FALLING, 100),
    "oldest first, it reads all": (FALLING[::-1], MANY),
    "of one time only, it reads all": ([START] * MANY, MANY),
    "with one row out of order in the first page, it reads all": (
        [*FALLING[:50], FALLING[0], *FALLING[50:-1]],
        MANY,
    ),
    "with a row of unknown time in the first page, it reads all": (
        [*FALLING[:50], None, *FALLING[50:-1]],
        MANY,
    ),
    "shorter than a page, it reads all": (FALLING[:60], 60),
}


@pytest.mark.parametrize("sentence", HISTORIES)
def test_of_a_history(sentence):
    times, expected = HISTORIES[sentence]
    history = iter(rows(times))
    assert len(read_back(history, older_than_wanted)) == expected
    assert len(list(history)) == len(times) - expected
