"""A login in a profile: one refresh for all who share it, and what is said when it goes wrong."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from thegrid.client import Client, InDoubt, LoginRejected, Misuse, OAuth, Refused, Unreachable
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import SavedLogin, login_fields
from thegrid.client.stored_login import StoredLogin, usable_token
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

NOW = datetime(2026, 4, 7, 12, tzinfo=UTC)
REFRESHES = "POST /api/v1/oauth/token"
ASK_WHO_I_AM = """
import os
from thegrid.client import Client
from thegrid.client.access import find_access
access = find_access(os.environ)
with Client(access.endpoints, access.trading_login) as client:
    print(client.trading_account().user_id)
"""


@pytest.fixture
def store(tmp_path):
    return ProfileStore(tmp_path / "credentials.json")


@pytest.fixture
def saved(store, endpoints, emulator):
    """Writes the seeded account's login into the profile `team`, with so many seconds left."""

    def save(seconds, **changes):
        access, refresh = emulator.account.access_token, emulator.account.refresh_token
        ends = emulator.now() + timedelta(seconds=seconds)
        pair = TokenPair(Secret(access), Secret(refresh), ends, ("account:read",))
        fields = login_fields(endpoints, pair, "grid-cli-public") | {"note": "kept"} | changes
        with store.locked():
            store.write(store.read().changed("team", fields))

    return save


@pytest.fixture
def login(store):
    return StoredLogin(store, "team")


def on_file(store):
    return store.read().profile("team")


FRESH, NEARLY_OVER = NOW + timedelta(seconds=60), NOW + timedelta(seconds=59)
DECISIONS = [
    ("token with a minute left is used", FRESH, True, None, True),
    ("token with less than a minute left is refreshed", NEARLY_OVER, True, None, False),
    ("token that was rejected is refreshed", FRESH, True, "access", False),
    ("token after the rejected one is used", FRESH, True, "older", True),
    ("token of unknown age is refreshed", None, True, None, False),
    ("token without a refresh token is used to its end", NEARLY_OVER, False, None, True),
    ("token of unknown age without a refresh token is tried", None, False, None, True),
    ("token that is over is not used", NOW, False, None, False),
]


@pytest.mark.parametrize(
    ("ends", "refreshable", "rejected", "used"),
    [case[1:] for case in DECISIONS],
    ids=[case[0] for case in DECISIONS],
)
def test_whether_a_token_is_used(ends, refreshable, rejected, used):
    refresh = Secret("refresh") if refreshable else None
    saved = SavedLogin(Secret("access"), refresh, ends, (), "client")
    token = usable_token(saved, rejected=Secret(rejected) if rejected else None, now=NOW)
    assert token == (Secret("access") if used else None)


def test_a_login_with_time_left_is_used_as_it_is(saved, login, emulator, asked):
    saved(3600)
    assert login.token().reveal() == emulator.account.access_token
    assert asked() == []


def test_a_login_that_nearly_ended_is_refreshed_and_stored_before_it_is_used(
    saved, login, store, client_of, emulator
):
    saved(30)
    spent = on_file(store).login
    assert client_of(login).trading_account().user_id == emulator.account.user_id
    stored = on_file(store)
    assert stored.login.access == login.token()
    assert stored.login.refresh != spent.refresh
    assert stored.login.expires_at - emulator.now() > timedelta(minutes=59)
    assert stored.fields["note"] == "kept"
    assert not store.note_path.exists()


def test_a_login_is_refreshed_again_when_its_time_comes(saved, login, emulator, asked):
    saved(3600)
    login.token()
    emulator.advance(3541)
    moved = StoredLogin(login._store, "team", clock=emulator.clock)
    first = moved.token()
    emulator.advance(3541)
    assert moved.token() != first
    assert asked() == [REFRESHES] * 2


def test_a_rejected_token_is_renewed_once_and_the_call_succeeds(saved, login, client_of, emulator):
    saved(3600, access_token="rejected")
    assert client_of(login).account().user_id == emulator.account.user_id


def test_a_login_without_a_refresh_token_is_used_to_its_end(saved, login, client_of, emulator):
    saved(30, refresh_token=None)
    assert client_of(login).account().user_id == emulator.account.user_id


def test_a_rejected_login_without_a_refresh_token_stays_rejected(saved, login, client_of):
    saved(3600, access_token="rejected", refresh_token=None)
    with pytest.raises(LoginRejected, match="GET /users/self"):
        client_of(login).account()


def test_a_login_that_ended_without_a_refresh_token_says_how_to_log_in(saved, login):
    saved(-1, refresh_token=None)
    with pytest.raises(Misuse, match="no refresh token; log in again: thegrid login"):
        login.token()


def test_a_profile_without_a_login_says_how_to_log_in(saved, login):
    saved(0, access_token=None, refresh_token=None)
    with pytest.raises(Misuse, match="holds no login; log in again: thegrid login --profile team"):
        login.token()


def all_tokens(logins):
    """Ask all of them at once."""
    tokens = []
    threads = [threading.Thread(target=lambda it=it: tokens.append(it.token())) for it in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tokens


def test_many_threads_share_one_refresh(saved, login, store, asked):
    saved(30)
    tokens = all_tokens([login] * 8)
    assert tokens == [on_file(store).login.access] * 8
    assert asked() == [REFRESHES]


def test_programs_that_know_nothing_of_each_other_share_one_refresh(saved, store, asked, emulator):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", hold_seconds=1)
    tokens = all_tokens([StoredLogin(store, "team") for _ in range(4)])
    assert tokens == [on_file(store).login.access] * 4
    assert asked() == [REFRESHES]


@pytest.mark.slow
def test_many_processes_share_one_refresh(saved, store, emulator, asked):
    """The first answer is held back, so that all of them come to want a refresh."""
    saved(30)
    emulator.order_fault("POST", "/oauth/token", hold_seconds=1)
    environ = dict(os.environ) | {
        "GRID_CREDENTIALS_FILE": str(store.path),
        "GRID_PROFILE": "team",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-W", "error", "-c", ASK_WHO_I_AM]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, env=environ, text=True, **pipes) for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert answers == [(f"{emulator.account.user_id}\n", "")] * 4
    assert asked().count(REFRESHES) == 1
    assert asked().count("GET /v1/me") == 4


def test_a_refresh_whose_answer_is_lost_says_what_to_look_at(saved, login, emulator):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", drop="after")
    with pytest.raises(InDoubt) as caught:
        login.token()
    assert "profile 'team': the connection broke" in str(caught.value)
    assert "thegrid whoami --profile team; if it does not, thegrid login" in str(caught.value)
    assert emulator.account.refresh_token not in str(caught.value)


def test_after_a_lost_answer_the_next_one_says_that_the_login_is_lost_and_why(
    saved, login, store, emulator
):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", drop="after")
    with pytest.raises(InDoubt):
        login.token()
    for _ in range(2):
        with pytest.raises(LoginRejected, match=r"a refresh at .* was cut short before its answer"):
            StoredLogin(store, "team").token()


def test_a_request_that_never_arrived_costs_nothing(saved, login, emulator, store):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", drop="before")
    with pytest.raises(InDoubt):
        login.token()
    assert login.token() == on_file(store).login.access


def test_a_login_that_somebody_else_used_up_is_told_so(saved, login, endpoints, opened, store):
    saved(30)
    opened(OAuth(endpoints)).refresh(on_file(store).login.refresh)
    with pytest.raises(LoginRejected, match="a program that does not share this file has used it"):
        login.token()
    assert not store.note_path.exists()


def test_a_refresh_by_a_program_that_takes_no_lock_is_seen(
    saved, store, endpoints, opened, emulator
):
    """The vendor's client refreshes between our look at the file and our request."""
    saved(30)

    class LateTransport(httpx.HTTPTransport):
        def handle_request(self, request):
            pair = opened(OAuth(endpoints)).refresh(Secret(emulator.account.refresh_token))
            fields = login_fields(endpoints, pair, "grid-cli-public")
            store.write(store.read().changed("team", fields))
            return super().handle_request(request)

    login = StoredLogin(store, "team", transport=opened(LateTransport()))
    assert login.token() == on_file(store).login.access
    assert not store.note_path.exists()


def test_a_market_that_cannot_be_reached_leaves_the_login_as_it_was(saved, store, login):
    saved(30, oauth_base_url="http://127.0.0.1:1")
    before = store.path.read_text()
    with pytest.raises(Unreachable):
        login.token()
    assert store.path.read_text() == before
    assert not store.note_path.exists()


def test_a_refusal_that_spends_nothing_leaves_the_login_as_it_was(saved, store, login, emulator):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", status=429, retry_after=3600)
    with pytest.raises(Refused):
        login.token()
    assert not store.note_path.exists()
    assert login.token() == on_file(store).login.access


def test_where_the_answer_could_not_be_stored_nothing_is_asked(saved, login, store, asked):
    saved(30)
    store.note_path.mkdir()
    with pytest.raises(Misuse, match=r"\.refreshing: cannot be written"):
        login.token()
    assert asked() == []


def test_nothing_that_is_left_beside_the_file_holds_a_token(saved, login, store, emulator):
    saved(30)
    emulator.order_fault("POST", "/oauth/token", drop="before")
    with pytest.raises(InDoubt):
        login.token()
    note = store.note_path.read_text()
    assert json.loads(note).keys() == {"token_digest", "began_at"}
    assert emulator.account.refresh_token not in note


def test_a_client_takes_a_stored_login_for_both_hosts(saved, login, endpoints, emulator):
    saved(30)
    with Client(endpoints, login) as client:
        assert client.account().user_id == client.trading_account().user_id
