"""People use the pages: a real browser clicks, types and looks."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect
from tests.emulator.browser import (
    NAMES,
    NARROW_PHONE,
    PHONE,
    browsing,
    find_browser,
    overflow,
    tab,
)

from thegrid_emulator import Clock, serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason=f"none of {', '.join(NAMES)} is installed"),
]


@pytest.fixture(scope="module")
def browser():
    """One browser for this file; outside of it, an event loop may run in this thread again."""
    with browsing(find_browser()) as running:
        yield running


@pytest.fixture
def open_tab(browser):
    """Opens a page; at the end of a test the browser must have had nothing to complain about."""
    complaints = []
    tabs = []

    def open_page(url, **options):
        entered = tab(browser, complaints=complaints, **options)
        tabs.append(entered)
        page = entered.__enter__()
        page.goto(url)
        return page

    yield open_page
    for it in tabs:
        it.__exit__(None, None, None)
    assert complaints == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_reads_who_asks_for_what_approves_and_the_client_is_logged_in(
    emulator, device_login, platform_of, open_tab, script
):
    user = emulator.create_account("ada@example.com")
    started = device_login.begin(scope="account:read keys:manage")
    assert device_login.poll().json()["error"] == "authorization_pending"

    page = open_tab(started["verification_uri_complete"], java_script_enabled=script)
    expect(page.get_by_label("Code")).to_have_text(started["user_code"])
    expect(page.get_by_text("grid-cli-public")).to_be_visible()
    expect(page.get_by_role("listitem")).to_contain_text(
        ["Read profile, balances and settings", "List, create and revoke API keys"]
    )
    page.get_by_label("Approve as").select_option(label="ada@example.com · easy mode")
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_role("heading", name="Login approved")).to_be_visible()
    expect(page.get_by_text("Go back to your terminal")).to_be_visible()
    device_login.wait()
    tokens = device_login.poll().json()
    whoami = platform_of(tokens["access_token"])("GET", "/users/self").json()["data"]
    assert whoami["id"] == user.user_id
    page.reload()
    expect(page.get_by_role("heading", name="Login approved")).to_be_visible()
    if script:
        page.get_by_role("link", name="See this account on the dashboard").click()
        expect(page.get_by_label("Account")).to_have_value(user.user_id)


def test_a_person_refuses_and_the_client_learns_it(device_login, open_tab):
    page = open_tab(device_login.begin()["verification_uri_complete"])
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", name="Login refused")).to_be_visible()
    assert device_login.poll().json()["error"] == "access_denied"


def test_a_person_types_the_code_by_hand_and_works_with_the_keyboard_alone(
    emulator, device_login, open_tab
):
    started = device_login.begin()
    page = open_tab(started["verification_uri"])
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    page.keyboard.type(started["user_code"].replace("-", " ").lower())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_have_text(started["user_code"])
    for _ in range(10):
        if page.evaluate("document.activeElement.textContent") == "Approve":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Login approved")).to_be_visible()
    assert device_login.poll().status_code == 200


def test_a_form_on_another_web_site_cannot_approve(emulator, device_login, browser):
    """The other site is of another port, and so of another origin, as any site would be."""
    code = device_login.begin()["user_code"]
    form = (
        f'<form action="{emulator.platform}/device" method="post">'
        f'<input name="user_code" value="{code}"><input name="decision" value="approve">'
        f'<input name="user_id" value="{emulator.account.user_id}"><button>Win</button></form>'
    )
    with tab(browser, complaints=[]) as page:
        page.route(
            "http://localhost:9/**", lambda it: it.fulfill(body=form, content_type="text/html")
        )
        page.goto("http://localhost:9/")
        page.get_by_role("button", name="Win").click()
        expect(page.get_by_text("another web site may not do this")).to_be_visible()
    assert [it["user_code"] for it in emulator.pending_device_logins()] == [code]


def test_the_page_cannot_be_framed(emulator, device_login, browser):
    address = device_login.begin()["verification_uri_complete"]
    frame = """url => new Promise(done => {
        const frame = document.createElement("iframe");
        frame.onload = done;
        frame.src = url;
        document.body.append(frame);
    })"""
    with tab(browser, complaints=[]) as page:
        page.goto(f"{emulator.platform}/_emulator/clock")
        for url in (page.url, address):
            page.evaluate(f"url => ({frame})(url).then(() => null)", url)
        assert page.frames[1].get_by_text("offset_seconds").count() == 1
        assert page.frames[2].get_by_role("button", name="Approve").count() == 0
        assert page.frames[2].url.startswith("chrome-error:")


def test_the_dashboard_changes_when_a_key_is_made_and_when_it_is_revoked(
    emulator, platform, open_tab
):
    page = open_tab(f"{emulator.platform}/")
    keys = page.get_by_role("region", name="Consumption keys")
    expect(keys.get_by_text("No consumption keys yet.")).to_be_visible()

    key = platform.create_key("laptop")

    row = keys.get_by_role("listitem").filter(has_text="laptop")
    expect(row).to_contain_text("active")
    expect(keys.get_by_text("No consumption keys yet.")).to_be_hidden()
    assert key["key"] not in page.content()
    platform("DELETE", f"/api-keys/{key['id']}")
    expect(row).to_contain_text("revoked")
    expect(page.get_by_role("region", name="Latest requests")).to_contain_text("DELETE")


def test_the_dashboard_shows_the_account_market_and_time_that_are_chosen(emulator, http, open_tab):
    emulator.create_account("ada@example.com", usd=Decimal("1234.5"), units={"code-max": 3})
    page = open_tab(f"{emulator.platform}/dashboard")
    balances = page.get_by_role("region", name="Balances")
    expect(balances).to_contain_text("$25.00")

    page.get_by_label("Account").select_option(label="ada@example.com")
    expect(balances).to_contain_text("$1,234.50")
    expect(page.get_by_role("row", name="code-max 0 3")).to_be_visible()
    page.get_by_label("Market", exact=True).select_option(label="CODE-MAX/USD")
    expect(page.get_by_role("rowheader", name="$6.0000")).to_be_visible()
    page.reload()
    expect(balances).to_contain_text("$1,234.50")
    expect(page.get_by_role("rowheader", name="$6.0000")).to_be_visible()

    emulator.advance(2 * 3600)
    expect(page.get_by_text("2 h 0 min ahead")).to_be_visible()


def test_a_long_list_on_the_dashboard_is_opened_by_the_keyboard(emulator, open_tab):
    page = open_tab(f"{emulator.platform}/dashboard")
    lots = page.get_by_role("region", name="Lots")
    more = lots.get_by_role("button", name="Show 11 more")
    expect(lots.get_by_role("listitem")).to_have_count(6)
    more.focus()
    page.keyboard.press("Enter")
    expect(lots.get_by_role("listitem")).to_have_count(17)
    fewer = lots.get_by_role("button", name="Show fewer")
    expect(fewer).to_be_focused()
    expect(fewer).to_have_attribute("aria-expanded", "true")


def test_a_name_that_is_markup_stays_text_on_the_dashboard(emulator, platform, open_tab):
    hostile = "<img src=x onerror=\"document.title='taken'\">"
    platform.create_key(hostile)
    page = open_tab(f"{emulator.platform}/dashboard")
    expect(page.get_by_text(hostile)).to_be_visible()
    assert page.title() == "Dashboard · The Grid, emulated"


def test_the_dashboard_says_when_the_emulator_is_gone(browser):
    with tab(browser, complaints=[]) as page:
        with serve(clock=Clock()) as short_lived:
            page.goto(f"{short_lived.platform}/dashboard")
            expect(page.get_by_role("heading", name="Order book")).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text("The emulator cannot be asked")
        expect(page.get_by_role("heading", name="Order book")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, NARROW_PHONE], ids=["phone", "narrow phone"])
def test_nothing_is_wider_than_a_phone(emulator, device_login, platform, open_tab, viewport):
    emulator.create_account(f"{'somebody-with-a-long-name' * 4}@example.com")
    scopes = "account:read account:write trade:read trade:write keys:manage"
    started = device_login.begin(scope=scopes)
    page = open_tab(started["verification_uri_complete"], viewport=viewport)
    assert overflow(page) <= 0
    page.goto(started["verification_uri"])
    assert overflow(page) <= 0
    platform.create_key("a-key-with-a-name-that-has-no-place-to-break" * 3)
    page.goto(f"{emulator.platform}/dashboard")
    expect(page.get_by_text("a-key-with-a-name")).to_be_visible()
    assert overflow(page) <= 0
