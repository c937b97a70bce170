"""Which settings are possible, and which writes bring them about."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thegrid.core.model import AccountSettings
from thegrid.core.settings import (
    SetAutoBuy,
    SetAutoReload,
    SetMode,
    WantedSettings,
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
