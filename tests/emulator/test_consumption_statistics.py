"""Daily statistics of consumption at the platform."""

from datetime import UTC, datetime, timedelta

import pytest

NOON = datetime(2030, 3, 10, 12, 1, tzinfo=UTC)
DAY, TOMORROW = "2030-03-10", "2030-03-11"


@pytest.fixture
def account(emulator):
    emulator.clock.move_to(NOON)
    units = {"text-prime": 2, "text-max": 2}
    return emulator.create_account(consumption_units=units, access_token_seconds=864_000)


@pytest.fixture
def owner(platform_of, account):
    return platform_of(account.access_token)


@pytest.fixture
def statistics(owner):
    def statistics(begin=DAY, end=TOMORROW, *more, **parameters):
        filters = [("date", ">=", begin), ("date", "<", end), *more]
        query = {
            f"filters[{number}][{part}]": text
            for number, wanted in enumerate(filters)
            for part, text in zip(("field", "op", "value"), wanted, strict=True)
        }
        return owner("GET", "/consumption/stats", params=query | parameters)

    return statistics


def series(answer):
    assert answer.status_code == 200, answer.text
    return [
        (it["date"], it["instrument_id"][-1], it["request_count"], it["tokens_used"])
        for it in answer.json()["data"]["time_series"]
    ]


def test_they_are_made_up_every_quarter_of_an_hour(statistics, chat, account, emulator):
    chat.answer(account.access_token, max_tokens=10)
    assert series(statistics()) == []
    emulator.clock.move_to(NOON.replace(minute=15))
    answer = statistics()
    assert series(answer) == [(DAY, "2", 1, 4)]
    content = answer.json()["data"]
    assert content["time_series"][0]["tokens_allocated"] == 11
    assert (content["resolution"], content["period_start"], content["period_end"]) == (
        "daily",
        DAY,
        TOMORROW,
    )
    assert content["summary"] == {
        "total_requests": 1,
        "total_tokens_allocated": 11,
        "total_tokens_used": 4,
    }


def test_they_can_be_narrowed_and_sorted(statistics, chat, owner, account, emulator):
    key = owner.create_key()
    chat.answer(key["key"])
    chat.answer(account.access_token, model="text-max")
    emulator.advance(900)
    assert series(statistics()) == [(DAY, "2", 1, 4), (DAY, "3", 1, 4)]
    by_key = statistics(DAY, TOMORROW, ("api_key_id", "==", key["id"]))
    assert series(by_key) == [(DAY, "2", 1, 4)]
    assert by_key.json()["data"]["time_series"][0]["api_key_id"] == key["id"]
    bare = "00000000-0000-4000-8000-000000000003"
    assert series(statistics(DAY, TOMORROW, ("instrument_id", "==", bare))) == [(DAY, "3", 1, 4)]
    newest = {"order_by[]": "date", "order_directions[]": "desc"}
    emulator.clock.move_to(NOON + timedelta(hours=13))
    chat.ask(account.access_token)
    chat.answer(account.access_token)
    emulator.advance(900)
    days = [day for day, *_ in series(statistics(DAY, "2030-03-12", **newest))]
    assert days == [TOMORROW, DAY, DAY]
    assert len(series(statistics(DAY, "2030-03-12", page=2, page_size=2))) == 1


def test_a_day_begins_where_it_is_asked_for(statistics, chat, account, emulator):
    chat.answer(account.access_token)
    emulator.advance(86_400)
    assert series(statistics(TOMORROW, "2030-03-12")) == []
    assert len(series(statistics("2030-01-01", TOMORROW))) == 1


WRONG = {
    "an end after tomorrow": (DAY, "2030-03-12"),
    "an end that is the beginning": (DAY, DAY),
    "no beginning": ("", TOMORROW),
    "no end": (DAY, ""),
    "a day that there is not": ("2030-02-30", TOMORROW),
    "another way to write a day": ("20300310", TOMORROW),
    "another operator": (DAY, TOMORROW, ("date", "!=", DAY)),
    "an unknown field": (DAY, TOMORROW, ("colour", "==", "red")),
}


@pytest.mark.parametrize("sentence", WRONG)
def test_it_is_unprocessable_to_ask_for(sentence, statistics):
    assert statistics(*WRONG[sentence]).status_code == 422


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"order_by[]": "tokens"}, 422),
        ({"order_directions[]": "up"}, 422),
        ({"page": "0"}, 400),
        ({"page_size": "x"}, 400),
    ],
    ids=str,
)
def test_it_refuses(parameters, status, statistics):
    assert statistics(**parameters).status_code == status


def test_they_need_a_scope(emulator, platform_of):
    stranger = emulator.create_account(scopes=["keys:manage"])
    answer = platform_of(stranger.access_token)("GET", "/consumption/stats")
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
