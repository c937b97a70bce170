"""`thegrid keys`: listing, creating, revoking, and where a secret may appear."""

import stat
import subprocess
import uuid
from datetime import timedelta

import pytest
from tests.emulation import settle

from thegrid.client import Inference
from thegrid.core.secret import Secret


@pytest.fixture(autouse=True)
def logged_in(saved):
    saved()


def accepts(endpoints, secret):
    with Inference(endpoints, Secret(secret)) as inference:
        return inference.accepts_key()


@pytest.fixture
def live(market, emulator):
    """Tells the names of the keys that live, once that shows."""

    def names():
        settle(emulator)
        listing = market.list_consumption_keys()
        return [key.name for key in listing.keys if key.is_live(listing.as_of)]

    return names


def test_a_listing_shows_live_keys_and_all_of_them_on_request(thegrid, market):
    market.create_consumption_key("laptop")
    dead = market.create_consumption_key("old laptop")
    market.revoke_consumption_key(dead.key.id)
    shown = thegrid("keys", "list").out
    assert "laptop" in shown
    assert "old laptop" not in shown
    lines = thegrid("keys", "list", "--all").out.splitlines()
    assert lines[0].split() == ["NAME", "PREFIX", "STATE", "EXPIRES", "LAST", "USED", "ID"]
    assert any("old laptop" in line and "revoked" in line for line in lines)


def test_a_listing_for_scripts_has_this_shape(thegrid, market, emulator):
    made = market.create_consumption_key("laptop", emulator.now() + timedelta(days=1))
    (key,) = thegrid("keys", "list", "--json").document["keys"]
    assert key.keys() == {
        *("id", "name", "prefix", "state", "created_at", "expires_at", "last_used_at")
    }
    assert (key["id"], key["name"], key["state"]) == (made.key.id, "laptop", "live")


def test_what_the_market_says_does_not_steer_the_terminal(thegrid, market):
    market.create_consumption_key("a\x1b[2Jb [red]c[/red]")
    shown = thegrid("keys", "list").out
    assert "\x1b" not in shown
    assert "[red]c[/red]" in shown


def test_a_key_is_not_created_where_nobody_would_get_its_secret(thegrid, market, live):
    ran = thegrid("keys", "create", "laptop")
    assert ran.code == 2
    assert "--output-file FILE, --env or --show-secret" in ran.err
    assert live() == []


def test_a_secret_is_shown_on_request_alone_on_stdout(thegrid, endpoints):
    ran = thegrid("keys", "create", "laptop", "--show-secret")
    assert ran.code == 0
    secret = ran.out.strip()
    assert accepts(endpoints, secret)
    assert secret not in ran.err
    assert "only time" in ran.err


def test_a_secret_for_scripts_is_a_field(thegrid, endpoints):
    document = thegrid("keys", "create", "ci", "--show-secret", "--json").document
    assert accepts(endpoints, document["secret"])
    assert document["key"]["name"] == "ci"


def test_a_file_takes_the_secret_and_stdout_does_not(thegrid, tmp_path, endpoints):
    file = tmp_path / "key"
    ran = thegrid("keys", "create", "laptop", "--output-file", str(file), "--json")
    secret = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert accepts(endpoints, secret)
    assert secret not in ran.out + ran.err
    assert ran.document["file"] == str(file)


def test_a_shell_reads_the_variables(thegrid, endpoints):
    ran = thegrid("keys", "create", "shell", "--env", "--expires-in", "8h")
    script = ran.out + 'printf "%s\\n" "$OPENAI_API_KEY" "$ANTHROPIC_BASE_URL"'
    told = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, text=True)
    secret, messages = told.stdout.splitlines()
    assert accepts(endpoints, secret)
    assert f"{messages}/v1" == endpoints.messages


def test_a_file_that_is_there_is_left_alone_and_no_key_is_made(thegrid, tmp_path, market, live):
    file = tmp_path / "key"
    file.write_text("precious")
    ran = thegrid("keys", "create", "laptop", "--output-file", str(file))
    assert ran.code == 2
    assert "exists already" in ran.err
    assert file.read_text() == "precious"
    assert live() == []


def test_a_key_that_was_refused_leaves_no_file(thegrid, tmp_path, emulator):
    emulator.order_fault("POST", "/api-keys", status=403)
    ran = thegrid("keys", "create", "laptop", "--output-file", str(tmp_path / "key"))
    assert ran.code == 1
    assert not (tmp_path / "key").exists()


def test_a_key_in_doubt_says_what_to_look_for(thegrid, emulator, tmp_path):
    emulator.order_fault("POST", "/api-keys", drop="after")
    ran = thegrid("keys", "create", "laptop", "--show-secret", "--json")
    assert ran.code == 3
    assert ran.error["kind"] == "in_doubt"
    assert ran.error["look_for"] == "a consumption key named 'laptop'"


def test_a_duration_that_cannot_be_read_is_named(thegrid, market, live):
    ran = thegrid("keys", "create", "laptop", "--show-secret", "--expires-in", "soon")
    assert ran.code == 2
    assert ran.err.startswith("thegrid: --expires-in: ")
    assert live() == []


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_key_is_revoked_by_its_id_or_its_name(thegrid, market, by, live):
    made = market.create_consumption_key("laptop").key
    market.create_consumption_key("other")
    assert thegrid("keys", "revoke", getattr(made, by), "--yes").code == 0
    assert live() == ["other"]


def test_nobody_is_revoked_without_a_yes(thegrid, market, live):
    market.create_consumption_key("laptop")
    ran = thegrid("keys", "revoke", "laptop")
    assert ran.code == 2
    assert "add --yes" in ran.err
    assert live() == ["laptop"]


def test_a_name_of_two_keys_revokes_neither(thegrid, market, live):
    market.create_consumption_key("twin")
    market.create_consumption_key("twin")
    ran = thegrid("keys", "revoke", "twin", "--yes")
    assert "2 live keys are called 'twin': give the id" in ran.err
    assert live() == ["twin", "twin"]


def test_a_key_that_is_not_there_is_told(thegrid):
    ran = thegrid("keys", "revoke", str(uuid.uuid4()), "--yes")
    assert ran.code == 2
    assert "thegrid keys list" in ran.err


def test_a_key_that_is_not_listed_yet_is_revoked_by_its_id(thegrid, market, emulator, endpoints):
    """The listing of a market that is late is one from before the key was made."""
    before = {"data": []}
    made = market.create_consumption_key("laptop")
    emulator.order_fault("GET", "/api-keys", status=200, body=before)
    assert thegrid("keys", "revoke", made.key.id, "--yes").code == 0
    assert not accepts(endpoints, made.secret.reveal())
