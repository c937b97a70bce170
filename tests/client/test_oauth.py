"""Logging in by a device code, and staying logged in."""

import json
from datetime import timedelta

import httpx
import pytest

from thegrid.client import InDoubt, OAuth, Refused
from thegrid.client.oauth import Waiting
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

SCOPES = ("account:read", "keys:manage")
SECOND = timedelta(seconds=1)


@pytest.fixture
def login(oauth):
    return oauth.start_device_login(SCOPES)


def test_a_device_login_tells_where_to_enter_which_code(login, emulator):
    assert login.user_code in login.verification_uri_complete
    assert login.verification_uri_complete.startswith(login.verification_uri)
    assert login.interval_seconds == 5
    assert abs(login.expires_at - emulator.now() - timedelta(minutes=15)) < 5 * SECOND


def test_until_a_person_decides_the_login_waits(oauth, login):
    assert oauth.poll_device_login(login) is Waiting.PENDING


def test_polling_sooner_than_the_interval_slows_down(oauth, login):
    oauth.poll_device_login(login)
    assert oauth.poll_device_login(login) is Waiting.SLOW_DOWN


def test_after_the_interval_the_login_may_be_polled_again(oauth, login, emulator):
    oauth.poll_device_login(login)
    emulator.advance(login.interval_seconds)
    assert oauth.poll_device_login(login) is Waiting.PENDING


def test_an_approved_login_gives_tokens_for_the_scopes_asked(oauth, login, emulator, client_of):
    emulator.approve_device(login.user_code, emulator.account.user_id)
    pair = oauth.poll_device_login(login)
    assert isinstance(pair, TokenPair)
    assert pair.scopes == SCOPES
    assert abs(pair.expires_at - emulator.now() - timedelta(hours=1)) < 5 * SECOND
    assert client_of(pair.access).account().user_id == emulator.account.user_id


def test_a_denied_login_is_refused(oauth, login, emulator):
    emulator.deny_device(login.user_code)
    with pytest.raises(Refused) as caught:
        oauth.poll_device_login(login)
    assert caught.value.code == "access_denied"


def test_a_login_that_nobody_decided_on_in_time_is_refused(oauth, login, emulator):
    emulator.advance(15 * 60)
    with pytest.raises(Refused) as caught:
        oauth.poll_device_login(login)
    assert caught.value.code == "expired_token"


def test_waiting_for_a_login_polls_at_its_interval_until_a_person_approves(oauth, login, emulator):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        emulator.advance(seconds)
        if len(waits) == 3:
            emulator.approve_device(login.user_code, emulator.account.user_id)

    assert oauth.wait_for_device_login(login, wait).scopes == SCOPES
    assert waits == [5, 5, 5]


def test_waiting_gets_slower_for_good_where_the_market_asks_for_it(oauth, login, emulator):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        emulator.advance(seconds if len(waits) != 2 else 1)
        if len(waits) == 4:
            emulator.approve_device(login.user_code, emulator.account.user_id)

    oauth.wait_for_device_login(login, wait)
    assert waits == [5, 5, 10, 10]


def test_waiting_goes_on_through_passing_trouble(oauth, login, emulator):
    emulator.order_fault("POST", "/oauth/token", drop="before")
    emulator.approve_device(login.user_code, emulator.account.user_id)
    assert oauth.wait_for_device_login(login, emulator.advance).scopes == SCOPES


def test_waiting_ends_when_the_code_dies(oauth, login, emulator):
    with pytest.raises(Refused) as caught:
        oauth.wait_for_device_login(login, lambda _: emulator.advance(15 * 60))
    assert caught.value.code == "expired_token"


def test_waiting_ends_in_time_even_if_no_answer_comes_any_more(endpoints, emulator, opened):
    """The trouble lasts until the code has died."""
    patient = opened(OAuth(endpoints, clock=emulator.clock))
    login = patient.start_device_login(SCOPES)
    emulator.order_fault("POST", "/oauth/token", drop="before", times=4)
    waits = []

    def wait(seconds):
        waits.append(seconds)
        emulator.advance(300)

    with pytest.raises(InDoubt):
        patient.wait_for_device_login(login, wait)
    assert len(waits) == 3


def test_an_unknown_client_is_refused(endpoints, opened):
    with pytest.raises(Refused) as caught:
        opened(OAuth(endpoints, client_id="nobody")).start_device_login(SCOPES)
    assert caught.value.code == "invalid_client"


def test_an_unknown_scope_is_refused(oauth):
    with pytest.raises(Refused) as caught:
        oauth.start_device_login(["everything"])
    assert caught.value.code == "invalid_scope"


def test_a_refresh_gives_a_new_pair_that_works(oauth, emulator, client_of):
    old = Secret(emulator.account.refresh_token)
    pair = oauth.refresh(old)
    assert pair.refresh != old
    assert client_of(pair.access).account().user_id == emulator.account.user_id
    assert oauth.refresh(pair.refresh).access != pair.access


def test_a_spent_refresh_token_is_refused_with_what_to_do(oauth, emulator):
    spent = Secret(emulator.account.refresh_token)
    oauth.refresh(spent)
    with pytest.raises(Refused, match="used up or revoked: log in again") as caught:
        oauth.refresh(spent)
    assert caught.value.code == "invalid_grant"
    assert spent.reveal() not in str(caught.value)


def test_a_refresh_whose_answer_is_lost_is_in_doubt_and_not_repeated(oauth, emulator, asked):
    emulator.order_fault("POST", "/oauth/token", drop="after")
    with pytest.raises(InDoubt, match="whether the refresh token still works"):
        oauth.refresh(Secret(emulator.account.refresh_token))
    assert asked() == ["POST /api/v1/oauth/token"]


def test_a_revoked_token_is_no_longer_accepted(oauth, emulator):
    token = Secret(emulator.account.refresh_token)
    oauth.revoke(token)
    with pytest.raises(Refused):
        oauth.refresh(token)


def test_a_revocation_that_fails_is_ignored(oauth, emulator):
    emulator.order_fault("POST", "/oauth/revoke", status=400)
    oauth.revoke(Secret(emulator.account.refresh_token))


def answering(endpoints, opened, body):
    """An OAuth server of answers that the emulator never gives."""
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    return opened(OAuth(endpoints, transport=transport))


def test_where_the_server_gives_no_new_refresh_token_the_old_one_is_kept(endpoints, opened):
    server = answering(endpoints, opened, json.dumps({"access_token": "new", "expires_in": 60}))
    pair = server.refresh(Secret("old"))
    assert (pair.access.reveal(), pair.refresh.reveal()) == ("new", "old")


def test_where_the_server_tells_no_lifetime_it_is_an_hour(endpoints, opened, emulator):
    body = json.dumps({"access_token": "new", "expires_in": None})
    pair = answering(endpoints, opened, body).refresh(Secret("old"))
    assert abs(pair.expires_at - emulator.now() - timedelta(hours=1)) < 5 * SECOND


NO_TOKENS = [
    '{"expires_in": 60}',
    '{"access_token": null}',
    '{"access_token": ""}',
    '{"access_token": "new", "expires_in": 1e400}',
    '{"access_token": "new", "expires_in": 100000000000000000000}',
    '{"access_token": "new", "expires_in": "soon"}',
    "[]",
    "<html>",
    "",
    "\xff",
]


@pytest.mark.parametrize("body", NO_TOKENS)
def test_an_answer_without_a_usable_token_leaves_the_refresh_in_doubt(body, endpoints, opened):
    with pytest.raises(InDoubt):
        answering(endpoints, opened, body).refresh(Secret("old"))


def test_a_device_answer_may_leave_out_what_is_optional(endpoints, opened):
    body = json.dumps(
        {
            "device_code": "secret",
            "user_code": "ABCD-EFGH",
            "verification_uri": "https://app.thegrid.ai/device",
            "expires_in": 900,
        }
    )
    login = answering(endpoints, opened, body).start_device_login(SCOPES)
    assert login.verification_uri_complete == "https://app.thegrid.ai/device?user_code=ABCD-EFGH"
    assert login.interval_seconds == 5


def test_an_interval_of_nothing_still_waits_a_second(endpoints, opened):
    body = json.dumps(
        {"device_code": "a", "user_code": "b", "verification_uri": "c", "expires_in": 9}
        | {"interval": 0}
    )
    assert answering(endpoints, opened, body).start_device_login(SCOPES).interval_seconds == 1
