"""What `thegrid doctor` finds, and what it says to do."""

from datetime import timedelta

import pytest

from thegrid.cli.checks import judge_clock, judge_scopes, judge_trading_key
from thegrid.client import SigningKey
from thegrid.core.model import TradingKey

CHECKS = [
    "file",
    "credentials",
    "environment",
    "host platform",
    "host trading",
    "host consumption",
    "host messages",
    "clock",
    "login",
    "scopes",
    "account",
]


def found(ran):
    return {check["check"]: check for check in ran.document["checks"]}


def test_where_all_is_well_everything_was_looked_at(thegrid, saved):
    saved()
    ran = thegrid("doctor", "--json")
    assert ran.code == 0
    assert ran.document["ok"]
    assert [check["check"] for check in ran.document["checks"]] == CHECKS
    assert {check["state"] for check in ran.document["checks"]} == {"ok"}
    assert ran.document["checks"][0].keys() == {"check", "state", "said", "advice"}


def test_a_person_sees_a_line_for_each_check_and_what_to_do(thegrid, saved, store):
    saved()
    store.path.chmod(0o644)
    ran = thegrid("doctor")
    assert ran.code == 1
    assert f"-> chmod 600 {store.path}" in ran.out
    assert [line.split()[0] for line in ran.out.splitlines()][:3] == ["failed", "->", "ok"]


def test_without_a_login_it_is_said_how_to_get_one(thegrid):
    ran = thegrid("doctor", "--json")
    assert ran.code == 1
    assert found(ran)["credentials"]["advice"] == "thegrid login"


def test_a_file_that_cannot_be_read_is_told(thegrid, store):
    store.path.parent.mkdir()
    store.path.write_text("{")
    ran = thegrid("doctor", "--json")
    assert ran.code == 1
    assert "not JSON" in found(ran)["credentials"]["said"]


def test_a_login_that_was_revoked_is_told(thegrid, saved, market):
    saved(access_token="spent", refresh_token="spent")
    ran = thegrid("doctor", "--json")
    assert ran.code == 1
    assert found(ran)["login"]["state"] == "failed"
    assert "spent" not in ran.out.replace("used it up", "")


def test_a_host_that_is_away_is_told_and_the_rest_is_looked_at(thegrid, saved):
    saved(messages_api_url="http://127.0.0.1:1/v1")
    checks = found(thegrid("doctor", "--json"))
    assert checks["host messages"]["state"] == "failed"
    assert checks["host trading"]["state"] == "ok"
    assert checks["login"]["state"] == "ok"


def test_variables_that_win_over_the_file_are_named(thegrid, saved, emulator, market_variables):
    saved()
    variables = market_variables | {"THEGRID_ACCESS_TOKEN": emulator.account.access_token}
    checks = found(thegrid("doctor", "--json", **variables))
    assert checks["environment"]["state"] == "warning"
    assert "THEGRID_ACCESS_TOKEN" in checks["environment"]["said"]
    assert checks["login"]["state"] == "ok"


def test_a_trading_key_is_looked_up_and_tried(thegrid, saved, market):
    key = SigningKey.generate()
    saved(signing_key=key.private_key.reveal())
    checks = found(thegrid("doctor", "--json"))
    assert checks["trading key"]["state"] == checks["signing"]["state"] == "failed"
    registered = market.create_trading_key("laptop", key.public_key)
    checks = found(thegrid("doctor", "--json"))
    assert checks["trading key"]["state"] == checks["signing"]["state"] == "ok"
    market.revoke_trading_key(registered.id)
    assert "was revoked" in found(thegrid("doctor", "--json"))["trading key"]["said"]


def test_a_consumption_key_is_tried_where_the_market_tells(thegrid, saved, market):
    made = market.create_consumption_key("laptop")
    saved(api_key=made.secret.reveal())
    assert found(thegrid("doctor", "--json"))["consumption key"]["state"] in {"ok", "skipped"}


def test_nothing_that_is_told_holds_a_secret(thegrid, saved, market, emulator):
    key, minted = SigningKey.generate(), market.create_consumption_key("laptop")
    saved(signing_key=key.private_key.reveal(), api_key=minted.secret.reveal())
    told = thegrid("doctor").out + thegrid("doctor", "--json").out
    secrets = [key.private_key.reveal(), minted.secret.reveal(), emulator.account.access_token]
    assert not any(secret in told for secret in secrets)


SKEWS = [(0, "ok"), (1.9, "ok"), (-4, "ok"), (6, "warning"), (-29, "warning"), (30, "failed")]


@pytest.mark.parametrize(("seconds", "state"), SKEWS)
def test_a_clock_is_judged_by_what_signatures_allow(seconds, state):
    assert judge_clock(timedelta(seconds=seconds)).state == state


def test_missing_scopes_are_told_with_the_commands_that_need_them():
    finding = judge_scopes(("keys:manage",))
    assert finding.state == "warning"
    assert "trade:read for markets, market" in finding.said
    assert finding.advice.endswith("--scope keys:manage --scope account:read --scope trade:read")


def trading_key(*, is_active):
    return TradingKey("id", "laptop", "abcdefgh", is_active)


def test_a_trading_key_that_was_registered_again_is_known():
    print_ = "abcdefgh" + "x" * 35
    known = [trading_key(is_active=False), trading_key(is_active=True)]
    assert judge_trading_key(print_, known).state == "ok"
    assert judge_trading_key(print_, known[:1]).state == "failed"
    assert judge_trading_key(print_, []).state == "failed"
