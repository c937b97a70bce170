import re
from decimal import Decimal

import httpx
import pytest


@pytest.fixture
def dashboard(admin):
    """What the dashboard shows of an account and a market."""

    def read(user_id="", market="text-prime"):
        answer = admin("GET", "/dashboard", params={"user_id": user_id, "market": market})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return read


@pytest.fixture
def ada(emulator):
    return emulator.create_account("ada@example.com", mode="advanced", units={"text-prime": 7})


def order(http, emulator, account, side, quantity, price):
    members = {
        "market_id": "market-00000000-0000-4000-8000-000000000002",
        "side": side,
        "type": "limit",
        "quantity": quantity,
        "price": price,
        "time_in_force": "gtc",
    }
    answer = http.post(
        f"{emulator.trading}/orders",
        json=members,
        headers={"authorization": f"Bearer {account.access_token}"},
    )
    assert answer.is_success, answer.text
    return answer.json()["data"]


def test_it_begins_with_the_first_account_and_offers_all(emulator, ada, dashboard):
    shown = dashboard()
    assert shown["account"]["user_id"] == emulator.account.user_id
    assert [it["email"] for it in shown["accounts"]] == [emulator.account.email, ada.email]


@pytest.mark.parametrize("stale", ["user_of_an_emulator_before", ""])
def test_an_account_or_market_that_there_is_not_gives_way_to_the_first(emulator, dashboard, stale):
    shown = dashboard(stale, stale)
    assert shown["account"]["user_id"] == emulator.account.user_id
    assert shown["market"]["symbol"] == "text-standard"


def test_keys_are_shown_by_state_and_without_their_secrets(
    emulator, ada, platform_of, signer, admin, dashboard
):
    platform = platform_of(ada.access_token)
    revoked = platform.create_key("revoked")
    platform("DELETE", f"/api-keys/{revoked['id']}")
    expires_at = emulator.now().replace(microsecond=0).isoformat().replace("+00:00", "Z")
    emulator.advance(-60)
    expiring = platform.create_key("expired", expires_at=expires_at)
    emulator.advance(61)
    working = platform.create_key("working")

    shown = dashboard(ada.user_id)

    states = {it["name"]: it["state"] for it in shown["consumption_keys"]}
    assert states == {"working": "active", "expired": "expired", "revoked": "revoked"}
    assert shown["consumption_keys"][0]["name"] == "working"
    assert shown["signing_keys"] == []
    assert [it["state"] for it in dashboard()["signing_keys"]] == ["active"]
    text = admin("GET", "/dashboard", params={"user_id": ada.user_id}).text
    for key in (revoked, expiring, working):
        assert key["key"] not in text
        assert key["key_prefix"] in text
    assert ada.access_token not in text


def test_balances_orders_and_book_follow_the_market(http, emulator, ada, dashboard):
    before = dashboard(ada.user_id)
    assert before["cash"] == {"total": "25", "available": "25", "locked": "0"}
    assert before["orders"] == []

    order(http, emulator, ada, "buy", 3, "0.98")
    order(http, emulator, ada, "sell", 2, "0.99")  # meets the house's best bid

    shown = dashboard(ada.user_id)
    assert [(it["side"], it["price"], it["quantity"]) for it in shown["orders"]] == [
        ("buy", "0.98", 3)
    ]
    cash = {name: Decimal(amount) for name, amount in shown["cash"].items()}
    assert cash == {
        "total": Decimal("26.98"),
        "available": Decimal("24.04"),
        "locked": Decimal("2.94"),
    }
    (holding,) = shown["holdings"]
    assert (holding["symbol"], holding["trading"]) == ("text-prime", 5)
    market = shown["market"]
    assert (market["last_price"], market["volume_24h"]) == ("0.9900", 2)
    assert [(it["price"], it["quantity"]) for it in market["buy"][:2]] == [
        ("0.9900", 498),
        ("0.9800", 503),
    ]
    assert market["sell"][-1]["share"] == 1


def test_lots_are_shown_until_they_expire(emulator, dashboard):
    lots = dashboard()["lots"]
    assert {it["units"] for it in lots} == {"10.000000"}
    assert {it["symbol"] for it in lots} >= {"text-prime", "glm-latest"}
    emulator.advance(4 * 3600)
    shown = dashboard()
    assert (shown["lots"], shown["holdings"]) == ([], [])


def test_the_latest_requests_come_first_and_looking_adds_none(platform, dashboard):
    platform("GET", "/api-keys")
    platform("POST", "/api-keys", json={})
    for _ in range(2):
        shown = [(it["method"], it["status"]) for it in dashboard()["requests"]]
        assert shown == [("POST", 422), ("GET", 200)]


def test_redirects_are_shown_to_their_account_with_what_became_of_them(
    emulator, ada, chat, dashboard
):
    assert dashboard()["redirects"] == []
    first = chat.ask(emulator.account.access_token)
    chat.follow(first)
    chat.ask(emulator.account.access_token)

    newest, oldest = dashboard()["redirects"]
    assert (newest["instrument"], newest["state"]) == ("text-prime", "waiting")
    assert oldest["state"] == "used"
    assert oldest["host"] == httpx.URL(first.headers["location"]).netloc.decode()
    assert dashboard(ada.user_id)["redirects"] == []
    emulator.advance(60)
    assert [it["state"] for it in dashboard()["redirects"]] == ["expired", "used"]


def test_it_tells_the_markets_time(emulator, dashboard):
    emulator.advance(3600)
    shown = dashboard()
    assert shown["clock_offset_seconds"] == 3600
    assert abs(float(shown["now"][17:19]) - emulator.now().second) % 59 <= 1


def test_the_front_door_leads_to_the_page_and_the_page_to_its_parts(http, emulator):
    answer = http.get(f"{emulator.platform}/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/dashboard")
    page = http.get(f"{emulator.platform}/dashboard")
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|style=", page.text)
    kinds = {
        http.get(f"{emulator.platform}{link}").headers["content-type"].partition(";")[0]
        for link in re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)
    }
    assert kinds == {"image/svg+xml", "text/css", "text/javascript"}


def test_every_list_of_the_page_is_in_the_document_and_says_what_to_do_when_it_is_empty(
    http, emulator, dashboard
):
    page = http.get(f"{emulator.platform}/dashboard").text
    lists = set(re.findall(r'data-list="([^"]+)"', page))
    document = dashboard()
    for path in lists:
        found = document
        for name in path.split("."):
            found = found[name]
        assert isinstance(found, list)
    assert lists - set(re.findall(r'data-empty="([^"]+)"', page)) == {"market.buy", "market.sell"}
