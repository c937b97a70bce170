"""What happens when the units of an account run out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.emulation import generous

from thegrid_emulator import Clock, serve
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.settings import Settings
from thegrid_emulator.state.venue import NewAccount, Venue


def refused(answer):
    return answer.status_code, answer.json()["errors"]["detail"]


def test_an_account_that_buys_by_itself_is_told_to_try_again_and_then_served(emulator, chat):
    token = (account := emulator.create_account()).access_token
    assert refused(chat.ask(token)) == (503, "replenishment_in_progress")
    assert chat.ask(token).status_code == 307
    (lot,) = emulator.lots(account.user_id)
    assert lot["instrument_id"].endswith("2"), "text-prime"
    assert (lot["tokens"], lot["price"]) == (1_000_000, "1.0000")


def test_the_messages_host_says_so_in_its_own_envelope(emulator, http, platform_of):
    token = emulator.create_account().access_token
    secret = platform_of(token).create_key()["key"]
    body = {"model": "text-max", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    answer = http.post(f"{emulator.messages}/messages", json=body, headers={"x-api-key": secret})
    assert refused(answer) == (503, "replenishment_in_progress")
    assert answer.json()["type"] == "error"


LACKING = {
    "an account that buys nothing by itself": {"mode": "advanced"},
    "an account without USD": {"usd": Decimal(0)},
    "an account with too little USD": {"usd": Decimal("0.99")},
}


@pytest.mark.plain_words
@pytest.mark.parametrize("sentence", LACKING)
def test_it_has_to_pay_first(sentence, emulator, chat):
    token = emulator.create_account(**LACKING[sentence]).access_token
    assert refused(chat.ask(token)) == (402, "insufficient_balance")
    assert refused(chat.ask(token)) == (402, "insufficient_balance")


def test_nobody_is_served_where_nobody_sells(http, chat):
    with serve(clock=Clock(), rules=generous(house_account=False)) as emulator:
        answer = http.post(
            f"{emulator.consumption}/chat/completions",
            json={"model": "text-prime", "messages": [{"role": "user", "content": "hi"}]},
            headers={"authorization": f"Bearer {emulator.create_account().access_token}"},
        )
        assert refused(answer) == (402, "insufficient_balance")


def test_a_call_that_leaves_less_than_a_unit_makes_the_account_buy(emulator, chat):
    account = emulator.create_account(consumption_units={"text-prime": 1})
    chat.answer(account.access_token)
    lots = emulator.lots(account.user_id)
    assert [lot["free_tokens"] for lot in lots] == [999_996, 1_000_000]
    chat.answer(account.access_token)
    assert len(emulator.lots(account.user_id)) == 2, "more than a unit is left"


NOW = datetime(2026, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def venue():
    return Venue(Clock(), Rules())


@pytest.fixture
def cash(venue):
    return lambda user_id: venue.ledger.cash(user_id).total


def reloading(venue, **settings):
    """The id of an account without USD that reloads 10 if less than 5 are left."""
    account, _ = venue.open_account(NewAccount(usd=Decimal(0)))
    amounts = {
        "auto_reload_threshold_usd": Decimal(5),
        "auto_reload_amount_usd": Decimal(10),
        "auto_reload_monthly_limit_usd": Decimal(25),
    }
    account.settings = Settings(auto_reload_enabled=True, **(amounts | settings))
    return account.user_id


def test_usd_below_the_threshold_are_reloaded_once_at_a_time(venue, cash):
    user_id = reloading(venue)
    venue.catch_up(NOW)
    assert cash(user_id) == 10
    venue.catch_up(NOW)
    assert cash(user_id) == 10, "that is above the threshold"
    assert venue.ledger.totals().balanced


def test_a_month_has_its_limit(venue, cash):
    user_id = reloading(venue)
    charges = 0
    for _ in range(4):
        venue.catch_up(NOW)
        if cash(user_id):
            charges += 1
            venue.ledger.withdraw(user_id, cash(user_id), NOW)
    assert charges == 2, "a third would be 30 USD"
    venue.catch_up(NOW + timedelta(days=1))
    assert cash(user_id) == 0
    venue.catch_up(NOW + timedelta(days=2))
    assert cash(user_id) == 10, "it is February"


@pytest.mark.parametrize(
    "settings",
    [
        {"auto_reload_enabled": False},
        {"auto_reload_threshold_usd": None},
        {"auto_reload_amount_usd": None},
        {"auto_reload_amount_usd": Decimal(0)},
        {"auto_reload_threshold_usd": Decimal(0)},
        {"auto_reload_monthly_limit_usd": Decimal(9)},
    ],
    ids=str,
)
def test_nothing_is_charged_with(settings, venue, cash):
    user_id = reloading(venue)
    account = venue.accounts.get(user_id)
    account.settings = Settings(**(vars(account.settings) | settings))
    venue.catch_up(NOW)
    assert cash(user_id) == 0


def test_a_reload_lets_a_call_through_that_had_to_pay_first(emulator, chat, platform_of):
    token = emulator.create_account(usd=Decimal(0)).access_token
    assert chat.ask(token).status_code == 402
    change = {
        "auto_reload_enabled": True,
        "auto_reload_threshold_usd": "5",
        "auto_reload_amount_usd": "20",
    }
    platform_of(token)("PATCH", "/self/system-settings/auto_reload", json=change)
    assert [chat.ask(token).status_code for _ in range(2)] == [503, 307]
