import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from thegrid_emulator import Clock, Rules, serve


@pytest.fixture
def page(emulator, http):
    """Opens the device page, or posts to it as its own form would."""

    class Page:
        address = f"{emulator.platform}/device"

        def open(self, user_code=None, **headers):
            query = {} if user_code is None else {"user_code": user_code}
            return http.get(self.address, params=query, headers=headers)

        def post(self, fields, **headers):
            own = {"origin": emulator.platform, "sec-fetch-site": "same-origin"}
            return http.post(self.address, data=fields, headers=own | headers)

        def decide(self, decision, user_code, user_id="", **headers):
            fields = {"decision": decision, "user_code": user_code, "user_id": user_id}
            return self.post(fields, **headers)

    return Page()


def test_it_shows_code_client_scopes_in_words_and_accounts(emulator, device_login, page):
    other = emulator.create_account("ada@example.com", mode="advanced")
    started = device_login.begin(scope="account:read keys:manage")

    answer = page.open(started["user_code"])

    assert answer.status_code == 200
    for shown in (
        started["user_code"],
        "grid-cli-public",
        "Read profile, balances and settings",
        "List, create and revoke API keys and signing keys",
        "15 more minutes",
        f'<option value="{emulator.account.user_id}">{emulator.account.email} · easy mode',
        f'<option value="{other.user_id}">ada@example.com · advanced mode',
        "An emulator has no browser login",
    ):
        assert shown in answer.text
    assert "Place, update and cancel orders" not in answer.text
    assert started["device_code"] not in answer.text


def test_approving_gives_the_client_tokens_of_the_chosen_account(
    emulator, device_login, page, platform_of, http
):
    user = emulator.create_account("ada@example.com")
    started = device_login.begin(scope="account:read")

    answer = page.decide("approve", started["user_code"], user.user_id)
    after = http.get(f"{emulator.platform}{answer.headers['location']}")

    assert answer.status_code == 303
    assert "Login approved" in after.text
    assert "ada@example.com" in after.text
    assert "Go back to your terminal" in after.text
    tokens = device_login.poll().json()
    whoami = platform_of(tokens["access_token"])("GET", "/users/self").json()["data"]
    assert whoami["id"] == user.user_id


def test_refusing_tells_the_client_and_the_person(device_login, page):
    started = device_login.begin()
    assert page.decide("deny", started["user_code"]).status_code == 303
    assert "Login refused" in page.open(started["user_code"]).text
    assert device_login.poll().json()["error"] == "access_denied"


def test_a_decision_stands_even_after_the_client_has_its_tokens(emulator, device_login, page):
    code = device_login.begin()["user_code"]
    page.decide("approve", code, emulator.account.user_id)
    assert device_login.poll().status_code == 200
    assert page.decide("deny", code).status_code == 303
    assert "Login approved" in page.open(code).text


def test_a_reload_after_the_decision_decides_nothing(device_login, page):
    code = device_login.begin()["user_code"]
    answer = page.decide("deny", code)
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"user_code": [code]}


@pytest.mark.parametrize(
    "typed", ["bcdf-ghjk", " BCDF GHJK ", "bcdfghjk", "BCDF\N{EN DASH}GHJK", "b c d f - g h j k"]
)
def test_case_dash_and_blanks_of_a_typed_code_do_not_matter(device_login, page, typed):
    code = device_login.begin()["user_code"]
    as_typed = typed.translate(
        dict(zip(map(ord, "bcdfghjk"), code.replace("-", "").lower(), strict=True))
    )
    as_typed = as_typed.translate(
        dict(zip(map(ord, "BCDFGHJK"), code.replace("-", ""), strict=True))
    )
    assert f'<p class="code" aria-label="Code">{code}</p>' in page.open(as_typed).text


def test_without_a_code_it_asks_for_one(page):
    for answer in (page.open(), page.open(""), page.open("  ")):
        assert answer.status_code == 200
        assert '<form action="/device" method="get">' in answer.text
        assert 'role="alert"' not in answer.text


def test_an_unknown_code_is_named_and_can_be_typed_again(page):
    answer = page.open("ZZZZ-ZZZZ")
    assert answer.status_code == 404
    assert "No login has the code ZZZZ-ZZZZ" in answer.text
    assert 'name="user_code" value="ZZZZ-ZZZZ"' in answer.text


def test_an_expired_code_says_to_start_again_and_cannot_be_approved(emulator, device_login, page):
    started = device_login.begin()
    device_login.wait(started["expires_in"])
    page.decide("approve", started["user_code"], emulator.account.user_id)
    answer = page.open(started["user_code"])
    assert answer.status_code == 410
    assert "has expired. Start again in your terminal" in answer.text
    assert device_login.poll().json()["error"] == "expired_token"


def test_the_last_minute_is_one_minute(device_login, page):
    started = device_login.begin()
    device_login.wait(started["expires_in"] - 30)
    assert "1 more minute<" in page.open(started["user_code"]).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"decision": "approve", "user_id": "user_nobody"}, "Choose the account that approves."),
        ({"decision": "approve"}, "Choose the account that approves."),
        ({"decision": "perhaps"}, "Choose to approve or to refuse."),
        ({}, "Choose to approve or to refuse."),
    ],
)
def test_half_a_decision_is_none(emulator, device_login, page, fields, said):
    code = device_login.begin()["user_code"]
    answer = page.post({"user_code": code} | fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert [it["user_code"] for it in emulator.pending_device_logins()] == [code]


def test_a_decision_about_no_login_shows_that_there_is_none(emulator, http, page):
    answer = page.decide("approve", "ZZZZ-ZZZZ", emulator.account.user_id)
    assert http.get(f"{emulator.platform}{answer.headers['location']}").status_code == 404


def test_markup_in_a_code_or_an_address_stays_text(emulator, device_login, page):
    hostile = "\"'><script>alert(1)</script>"
    emulator.create_account(f"{hostile}@example.com")
    shown = page.open(hostile).text + page.open(device_login.begin()["user_code"]).text
    assert "<script" not in shown
    assert shown.count(html.escape(hostile)) == 3  # the sentence, the input field, the choice


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"host": "[::1"},
    ],
)
def test_another_web_site_cannot_decide(emulator, device_login, page, headers):
    code = device_login.begin()["user_code"]
    answer = page.decide("approve", code, emulator.account.user_id, **headers)
    assert answer.status_code == 403
    assert answer.json()["errors"]["detail"] == "foreign_site"
    assert [it["user_code"] for it in emulator.pending_device_logins()] == [code]


def test_another_web_site_cannot_use_the_side_door_either(emulator, http):
    clock = f"{emulator.platform}/_emulator/clock"
    answer = http.post(
        clock, json={"advance_seconds": 9}, headers={"origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert http.get(clock, headers={"host": "evil.example"}).status_code == 403
    assert emulator.clock.offset_seconds == 0


def test_a_program_that_names_no_origin_can_decide(emulator, device_login, http):
    fields = {
        "user_code": device_login.begin()["user_code"],
        "user_id": emulator.account.user_id,
        "decision": "approve",
    }
    assert http.post(f"{emulator.platform}/device", data=fields).status_code == 303
    assert device_login.poll().status_code == 200


def test_a_page_loads_from_here_alone_and_is_neither_framed_nor_stored(device_login, page):
    code = device_login.begin()["user_code"]
    for answer in (page.open(), page.open("ZZZZ-ZZZZ"), page.open(code)):
        policy = dict(
            directive.partition(" ")[::2]
            for directive in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["form-action"] == policy["style-src"] == policy["script-src"] == "'self'"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script|<style|\son\w+=|style=", answer.text)


def test_pages_are_no_part_of_the_market(http, device_login):
    with serve(clock=Clock(), rules=Rules(platform_requests_per_minute=1)) as strict:
        answers = [http.get(f"{strict.platform}/device") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert strict.journal() == []


def test_what_a_page_links_to_is_there_and_is_sent_again_only_when_it_changes(emulator, http, page):
    links = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.open().text))
    assert len(links) == 2
    for link in links:
        first = http.get(f"{emulator.platform}{link}")
        assert first.status_code == 200
        assert first.headers["cache-control"] == "no-cache"
        again = http.get(
            f"{emulator.platform}{link}", headers={"if-none-match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
