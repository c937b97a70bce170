"""The vendor's profile file: read with tolerance, changed without losing what others put there."""

import json
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from thegrid.client import Endpoints, Misuse, SigningKey, Unreachable
from thegrid.client.endpoints import ENVIRONMENTS
from thegrid.client.profile_file import Chosen, ProfileFile
from thegrid.client.profile_store import ProfileStore
from thegrid.client.profiles import NO_LOGIN, Profile, login_fields, token_fields
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

PLANTED = "planted-4f9c2a"
PATH = Path("/somewhere/credentials.json")
KEY = SigningKey.generate()
DOCUMENTED = {
    "version": 1,
    "current_profile": "default",
    "profiles": {
        "default": {
            "description": "optional",
            "auth_type": "oauth",
            "api_url": "https://trading.api.thegrid.ai/v1",
            "ws_url": "wss://trading.api.thegrid.ai/v1/",
            "consumption_api_url": "https://api.thegrid.ai/v1",
            "access_token": "grid_at_1",
            "refresh_token": "grid_rt_1",
            "token_expires_at": "2026-04-07T12:00:00.000Z",
            "oauth_scopes": ["account:read", "keys:manage"],
            "oauth_client_id": "grid-cli-dev-public-client",
            "oauth_base_url": "https://platform.api.thegrid.ai",
            "signing_key": KEY.private_key.reveal(),
            "signing_key_fingerprint": KEY.fingerprint,
            "api_key": "consumption-key",
            "consumption": {"default_spec": "text-prime", "auto_fund_amount": 1000},
        }
    },
}
PAIR = TokenPair(
    Secret("grid_at_2"),
    Secret("grid_rt_2"),
    datetime(2026, 5, 1, 8, 30, 0, 123456, UTC),
    ("keys:manage",),
)


def profile(**fields):
    return Profile(PATH, "team", fields)


def test_the_documented_profile_is_read_whole():
    found = ProfileFile.parse(PATH, json.dumps(DOCUMENTED)).profile("default")
    assert found.login.access.reveal() == "grid_at_1"
    assert found.login.refresh.reveal() == "grid_rt_1"
    assert found.login.expires_at == datetime(2026, 4, 7, 12, tzinfo=UTC)
    assert found.login.scopes == ("account:read", "keys:manage")
    assert found.login.client_id == "grid-cli-dev-public-client"
    assert found.signing_key == KEY
    assert found.api_key.reveal() == "consumption-key"
    assert found.endpoints == Endpoints()
    assert not found.prefers_signing


def test_every_field_is_optional():
    empty = profile()
    assert (empty.login, empty.signing_key, empty.api_key) == (None, None, None)
    assert empty.endpoints == Endpoints()
    assert empty.prefers_signing


def test_null_and_blank_fields_count_as_unset():
    blank = profile(access_token=None, refresh_token="  ", api_url="", oauth_scopes=None)
    assert blank.login is None
    assert blank.endpoints == Endpoints()


def test_older_names_of_the_signing_key_are_read():
    old = profile(private_key=KEY.private_key.reveal(), api_key_fingerprint=KEY.fingerprint)
    assert old.signing_key == KEY


def test_scopes_in_one_text_are_taken_apart():
    assert profile(access_token="a", oauth_scopes="x y").login.scopes == ("x", "y")


@pytest.mark.parametrize("time", ["soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+01:00"])
def test_a_time_that_cannot_be_read_is_unknown(time):
    assert profile(access_token="a", token_expires_at=time).login.expires_at is None


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_trading_address_alone_tells_the_environment(name):
    market = ENVIRONMENTS[name]
    assert profile(api_url=market.trading + "/").endpoints == market


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_platform_address_alone_tells_the_environment(name):
    market = ENVIRONMENTS[name]
    assert profile(oauth_base_url=market.platform).endpoints == market


def test_the_older_default_of_the_platform_address_is_corrected():
    old = profile(
        api_url="https://trading.api.dev.thegrid.ai/v1",
        oauth_base_url="https://trading.api.dev.thegrid.ai",
    )
    assert old.endpoints == ENVIRONMENTS["dev"]


def test_an_unknown_market_never_borrows_addresses_of_production():
    assert profile(api_url="https://example.internal/v1").endpoints == Endpoints(
        platform="https://example.internal",
        trading="https://example.internal/v1",
        consumption="https://example.internal/v1",
        messages="https://example.internal/v1",
    )


WRONG_FIELDS = [
    ({"access_token": [PLANTED]}, "login", "access_token"),
    ({"access_token": "a", "oauth_scopes": {"a": PLANTED}}, "login", "oauth_scopes"),
    ({"signing_key": PLANTED}, "signing_key", "signing_key"),
    ({"signing_key": 5}, "signing_key", "signing_key"),
    (
        {"signing_key": KEY.private_key.reveal(), "signing_key_fingerprint": PLANTED},
        "signing_key",
        "signing_key_fingerprint",
    ),
    ({"api_key": {}}, "api_key", "api_key"),
    ({"auth_type": PLANTED}, "prefers_signing", "auth_type"),
    ({"api_url": f"http://{PLANTED}.example"}, "endpoints", "api_url"),
    ({"oauth_base_url": f"https://u:{PLANTED}@x"}, "endpoints", "oauth_base_url"),
    ({"consumption_api_url": PLANTED}, "endpoints", "consumption_api_url"),
]


@pytest.mark.parametrize(("fields", "part", "name"), WRONG_FIELDS)
def test_a_wrong_field_is_named_with_its_file_and_profile_but_not_shown(fields, part, name):
    with pytest.raises(Misuse) as caught:
        getattr(profile(**fields), part)
    assert str(caught.value).startswith(f"{PATH}: profile 'team': {name}: ")
    assert PLANTED not in str(caught.value)
    assert PLANTED not in repr(profile(**fields))


WRONG_FILES = ["{", "[]", '"text"', '{"profiles": []}', '{"a": NaN}', '{"a": 1e999}', "[" * 99999]


@pytest.mark.parametrize("text", WRONG_FILES)
def test_a_file_that_is_no_profile_file_is_refused_by_its_name(text):
    with pytest.raises(Misuse, match=r"^/somewhere/credentials.json: "):
        ProfileFile.parse(PATH, text)


def test_a_profile_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(Misuse, match=r"there is no profile 'x' \(there are: default\)$"):
        ProfileFile.parse(PATH, json.dumps(DOCUMENTED)).profile("x")


CHOICES = [
    ("a", "b", {"current_profile": "c"}, ("a", Chosen.ARGUMENT)),
    (None, "b", {"current_profile": "c"}, ("b", Chosen.VARIABLE)),
    (None, "", {"current_profile": "c", "default_profile": "d"}, ("c", Chosen.CURRENT)),
    (None, None, {"default_profile": "d"}, ("d", Chosen.DEFAULT)),
    (None, None, {"profiles": {"default": {}}}, ("default", Chosen.NAME)),
    (None, None, {"profiles": {"other": {}}}, None),
]


@pytest.mark.parametrize(("argument", "variable", "document", "expected"), CHOICES)
def test_the_first_place_that_names_a_profile_wins(argument, variable, document, expected):
    assert ProfileFile(PATH, document).choose(argument, variable) == expected


def test_a_change_keeps_unknown_fields_other_profiles_and_their_order():
    document = {
        "notes": ["ours", 1.5, None],
        "profiles": {
            "team": {"zeta": {"a": None}, "access_token": "old", "alpha": None, "refresh_token": 1},
            "other": {"access_token": "other"},
        },
        "version": 2,
    }
    text = ProfileFile(PATH, document).changed("team", token_fields(PAIR)).text()
    assert text == json.dumps(json.loads(text), indent=2) + "\n"
    after = json.loads(text)
    assert list(after) == ["notes", "profiles", "version"]
    assert after["notes"] == document["notes"]
    assert after["profiles"]["other"] == {"access_token": "other"}
    assert list(after["profiles"]["team"].items()) == [
        ("zeta", {"a": None}),
        ("access_token", "grid_at_2"),
        ("alpha", None),
        ("refresh_token", "grid_rt_2"),
        ("token_expires_at", "2026-05-01T08:30:00.123Z"),
        ("oauth_scopes", ["keys:manage"]),
    ]


def test_the_first_profile_of_a_file_becomes_the_current_one_and_a_later_one_does_not():
    first = ProfileFile(PATH, {}).changed("team", {"api_key": "k"})
    assert first.document == {
        "version": 1,
        "current_profile": "team",
        "profiles": {"team": {"api_key": "k"}},
    }
    assert first.changed("other", {}).document["current_profile"] == "team"


def test_taking_a_login_out_leaves_the_rest():
    left = ProfileFile(PATH, DOCUMENTED).changed("default", NO_LOGIN).profile("default")
    assert left.login is None
    assert left.signing_key == KEY
    assert left.fields["consumption"] == DOCUMENTED["profiles"]["default"]["consumption"]


def test_letters_of_any_language_stay_readable_and_half_characters_do_no_harm():
    assert "Büro 🗝" in ProfileFile(PATH, {"description": "Büro 🗝"}).text()
    half = ProfileFile.parse(PATH, r'{"description": "\ud800"}')
    assert json.loads(half.text().encode()) == half.document


MARKETS = [
    *ENVIRONMENTS.values(),
    Endpoints("https://a.test", "https://b.test/v1", "https://c.test/v1", "https://d.test/v1"),
    Endpoints("https://a.test", "https://b.test/v1", "https://c.test/v1", "https://d.test", "/v1"),
]


@pytest.mark.parametrize("market", MARKETS)
def test_a_login_that_was_written_is_read_back_with_its_market(market):
    fields = login_fields(market, PAIR, "grid-cli-public")
    found = ProfileFile.parse(PATH, ProfileFile(PATH, {}).changed("new", fields).text())
    assert found.profile("new").endpoints == market
    assert found.profile("new").login.refresh == PAIR.refresh
    assert not found.profile("new").prefers_signing


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_for_a_known_market_only_the_vendors_own_fields_are_written(name):
    fields = login_fields(ENVIRONMENTS[name], PAIR, "grid-cli-public")
    written = {key for key, value in fields.items() if value is not None}
    assert written < DOCUMENTED["profiles"]["default"].keys()


@pytest.fixture
def store(tmp_path):
    return ProfileStore(tmp_path / "grid" / "credentials.json")


def put(store, document=DOCUMENTED):
    with store.locked():
        store.write(ProfileFile(store.path, document))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_file_has_no_profiles(store):
    assert store.read().names == ()


def test_what_is_written_is_private_and_read_back(store):
    put(store)
    assert store.read().document == DOCUMENTED
    assert mode(store.path) == 0o600
    assert mode(store.path.parent) == 0o700
    assert {mode(path) for path in store.path.parent.iterdir()} == {0o600}


def test_a_file_that_others_could_read_is_private_after_a_change(store):
    put(store)
    store.path.chmod(0o644)
    put(store)
    assert mode(store.path) == 0o600


def test_a_directory_that_is_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    put(ProfileStore(tmp_path / "file.json"))
    assert mode(tmp_path) == 0o755


def test_no_temporary_file_is_left(store):
    put(store)
    assert {path.name for path in store.path.parent.iterdir()} <= {
        "credentials.json",
        "credentials.json.lock",
    }


def test_a_symbolic_link_stays_one(store, tmp_path):
    link = tmp_path / "link.json"
    put(store)
    link.symlink_to(store.path)
    put(ProfileStore(link), {"version": 3})
    assert link.is_symlink()
    assert store.read().document == {"version": 3}


def test_the_lock_is_waited_for_and_a_stuck_one_is_told(store):
    held, over = threading.Event(), threading.Event()

    def hold():
        with store.locked():
            held.set()
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    try:
        with (
            pytest.raises(Unreachable, match=r"credentials\.json\.lock: another program"),
            ProfileStore(store.path, longest_wait=0.05).locked(),
        ):
            raise AssertionError
    finally:
        over.set()
        holder.join()


def test_a_file_that_is_a_directory_is_told(tmp_path):
    with pytest.raises(Misuse, match="cannot be read"):
        ProfileStore(tmp_path).read()


def test_the_file_is_where_the_vendors_client_has_it(tmp_path):
    home = {"HOME": str(tmp_path)}
    assert ProfileStore.of_environment(home).path == tmp_path / ".grid-cli" / "credentials.json"
    named = {**home, "GRID_CREDENTIALS_FILE": "/elsewhere/file.json"}
    assert ProfileStore.of_environment(named).path == Path("/elsewhere/file.json")
