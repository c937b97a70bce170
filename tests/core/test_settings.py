"""Which settings are possible, and which writes bring them about."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.model import AccountSettings, Order
from thegrid.core.settings import (
    SetAutoBuy,
    SetAutoReload,
    SetMode,
    WantedSettings,
    gives_up_trading,
    orders_in_the_way,
    plan_settings,
    problems_with,
)

EASY = AccountSettings("easy", True, True, False)  # noqa: FBT003 - a row of the market's settings
ADVANCED = AccountSettings("advanced", False, False, False)  # noqa: FBT003 - likewise
LIMIT, AMOUNT = "auto_reload_monthly_limit_usd", "auto_reload_amount_usd"
THRESHOLD = "auto_reload_threshold_usd"

PROBLEMS = {
    "nothing asked": ({}, []),
    "easy with auto-buy": ({"mode": "easy", "auto_buy_enabled": True}, []),
    "easy without auto-buy": ({"mode": "easy", "auto_buy_enabled": False}, ["auto_buy_enabled"]),
    "advanced without auto-buy": ({"mode": "advanced", "auto_buy_enabled": False}, []),
    "advanced with auto-buy": (
        {"mode": "advanced", "auto_buy_enabled": True},
        ["auto_buy_enabled"],
    ),
    "auto-buy where the mode is left alone": ({"auto_buy_enabled": False}, []),
    "an amount of nothing": ({AMOUNT: Decimal(0)}, [AMOUNT]),
    "a negative threshold": ({THRESHOLD: Decimal("-0.01")}, [THRESHOLD]),
    "an endless limit": ({LIMIT: Decimal("Infinity")}, [LIMIT]),
    "a limit that is no number": ({LIMIT: Decimal("NaN")}, [LIMIT]),
    "a limit of exactly one reload": ({AMOUNT: Decimal(20), LIMIT: Decimal("20.00")}, []),
    "a limit below one reload": ({AMOUNT: Decimal(20), LIMIT: Decimal("19.99")}, [LIMIT]),
    "several at once, in the order of the fields": (
        {"mode": "easy", "auto_buy_enabled": False, THRESHOLD: Decimal(0), LIMIT: Decimal(0)},
        ["auto_buy_enabled", THRESHOLD, LIMIT],
    ),
}


@pytest.mark.parametrize("sentence", PROBLEMS)
def test_problems_with(sentence):
    fields, expected = PROBLEMS[sentence]
    problems = problems_with(WantedSettings(**fields))
    assert [problem.field for problem in problems] == expected
    assert all(problem.message and "\n" not in problem.message for problem in problems)


def reload(enabled=None, threshold=None, amount=None, limit=None):
    return SetAutoReload(enabled, threshold, amount, limit)


WRITES = {
    "nothing, where nothing is asked": ({}, EASY, ()),
    "nothing, where all is as asked": ({"mode": "easy", "auto_buy_enabled": True}, EASY, ()),
    "the mode alone, which brings its own auto-buy": (
        {"mode": "advanced", "auto_buy_enabled": False},
        EASY,
        (SetMode("advanced"),),
    ),
    "auto-buy, where the mode stays": (
        {"mode": "advanced", "auto_buy_enabled": False},
        replace(ADVANCED, auto_buy_enabled=True),
        (SetAutoBuy(enabled=False),),
    ),
    "the reload limits before the mode that spends": (
        {"mode": "easy", "auto_reload_enabled": True, LIMIT: Decimal(100)},
        ADVANCED,
        (reload(enabled=True, limit=Decimal(100)), SetMode("easy")),
    ),
    "the reload limits before auto-buy": (
        {"auto_buy_enabled": True, LIMIT: Decimal(100)},
        ADVANCED,
        (reload(limit=Decimal(100)), SetAutoBuy(enabled=True)),
    ),
    "only those reload settings that differ": (
        {"auto_reload_enabled": True, AMOUNT: Decimal(20), LIMIT: Decimal(60)},
        replace(EASY, auto_reload_enabled=True, auto_reload_amount_usd=Decimal("20.00")),
        (reload(limit=Decimal(60)),),
    ),
    "that reloading is off": (
        {"auto_reload_enabled": False},
        replace(EASY, auto_reload_enabled=True),
        (reload(enabled=False),),
    ),
}


@pytest.mark.parametrize("sentence", WRITES)
def test_writes(sentence):
    fields, seen, expected = WRITES[sentence]
    assert plan_settings(WantedSettings(**fields), seen).actions == expected


flags = st.none() | st.booleans()
amounts = st.none() | st.decimals("0.01", "1000", places=2)
modes = st.sampled_from(["easy", "advanced"])
accounts = st.builds(
    AccountSettings, modes, flags.map(bool), flags.map(bool), flags.map(bool), *[amounts] * 3
)
wishes = st.builds(WantedSettings, st.none() | modes, flags, flags, *[amounts] * 3)


def written(settings, actions):
    """Return an account's settings after the market has obeyed."""
    for action in actions:
        match action:
            case SetMode(mode):
                settings = replace(
                    settings,
                    mode=mode,
                    auto_buy_enabled=mode == "easy",
                    auto_transfer_enabled=mode == "easy",
                )
            case SetAutoBuy(enabled):
                settings = replace(settings, auto_buy_enabled=enabled)
            case SetAutoReload(enabled, threshold, amount, limit):
                change = {"auto_reload_enabled": enabled, THRESHOLD: threshold}
                change |= {AMOUNT: amount, LIMIT: limit}
                settings = replace(settings, **{k: v for k, v in change.items() if v is not None})
    return settings


@given(wishes.filter(lambda wanted: not problems_with(wanted)), accounts)
def test_after_its_writes_nothing_differs(wanted, seen):
    after = written(seen, plan_settings(wanted, seen).actions)
    assert plan_settings(wanted, after).actions == ()


MOVES = {
    "from advanced to easy": ({"mode": "easy"}, ADVANCED, True),
    "from easy to easy": ({"mode": "easy"}, EASY, False),
    "from easy to advanced": ({"mode": "advanced"}, EASY, False),
    "where the mode is left alone": ({"auto_buy_enabled": True}, ADVANCED, False),
}


@pytest.mark.parametrize("sentence", MOVES)
def test_trading_is_given_up(sentence):
    fields, seen, expected = MOVES[sentence]
    assert gives_up_trading(WantedSettings(**fields), seen) is expected


def order(number, status, name=None):
    terms = "market-1", "buy", "limit", status, Decimal(2), Decimal(0)
    return Order(f"order-{number}", *terms, client_order_id=name)


STRANDED = {
    "no orders at all": ([], None),
    "only orders that have ended": (
        [order(1, "filled"), order(2, "cancelled"), order(3, "rejected"), order(4, "expired")],
        None,
    ),
    "an order that is being cancelled": ([order(1, "cancellation_pending")], None),
    "an order on the book": ([order(1, "active"), order(2, "filled")], "order-1"),
    "one that is partly filled and one that is not on the book yet": (
        [order(1, "partially_filled"), order(2, "pending", "nightly")],
        "order-1, order-2 (nightly)",
    ),
    "an order in a status that nobody knows": ([order(1, "dreaming")], "order-1"),
    "more orders than a line can hold": (
        [order(number, "active") for number in range(23)],
        ", ".join(f"order-{number}" for number in range(20)) + ", and 3 more",
    ),
}


@pytest.mark.parametrize("sentence", STRANDED)
def test_a_change_to_easy_would_strand(sentence):
    orders, named = STRANDED[sentence]
    problem = orders_in_the_way(orders)
    if named is None:
        assert problem is None
    else:
        assert problem.field == "mode"
        assert problem.message.endswith(f"cancel them first: {named}")
