"""The duration grammar."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.duration import format_duration, parse_duration

TEN_YEARS = 3650 * 86400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("15m", 900), ("6h", 21600), ("7d", 604800), ("3650d", TEN_YEARS)],
)
def test_reads(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (90, "90s"), (3600, "1h"), (129600, "36h"), (604800, "7d")]
)
def test_writes_in_the_largest_unit_that_is_exact(seconds, text):
    assert format_duration(timedelta(seconds=seconds)) == text


def test_drops_fractions_of_a_second():
    assert format_duration(timedelta(seconds=61, milliseconds=999)) == "61s"


@given(st.integers(0, TEN_YEARS))
def test_every_whole_number_of_seconds_comes_back(seconds):
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


REFUSED = [
    "",
    "7",
    "d",
    "7 d",
    "7d ",
    " 7d",
    "7d\n",
    "7D",
    "1.5h",
    "-7d",
    "1h30m",
    "7w",
    "\N{ARABIC-INDIC DIGIT SEVEN}d",
]


@pytest.mark.parametrize("text", [*REFUSED, "1234567890s", None, 90])
def test_refuses_in_one_line_what_is_no_duration(text):
    with pytest.raises(ValueError, match=r"write a whole number and s, m, h or d$"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["3651d", "999999999h"])
def test_refuses_more_than_ten_years(text):
    with pytest.raises(ValueError, match="at most 3650d"):
        parse_duration(text)
