"""Help, usage errors, exit codes, and what holds for every command."""

import os
import pty
import select
import subprocess
import sys

import pytest

from thegrid.cli.failures import failure_of
from thegrid.client import Misuse

COMMANDS = [
    ("login",),
    ("logout",),
    ("whoami",),
    ("doctor",),
    ("balances",),
    ("markets",),
    ("market",),
    ("keys",),
    ("keys", "list"),
    ("keys", "create"),
    ("keys", "revoke"),
]
NEEDING_A_LOGIN = [
    ("logout",),
    ("whoami",),
    ("balances",),
    ("markets",),
    ("market", "text-prime"),
    ("keys", "list"),
    ("keys", "create", "x", "--show-secret"),
    ("keys", "revoke", "x"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(thegrid, command):
    ran = thegrid(*command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: thegrid {' '.join(command)} ")
    if command != ("keys",):
        assert "--json" in ran.out
        assert "--profile" in ran.out
        assert "Examples:\n" in ran.out


def test_without_a_command_the_help_is_shown(thegrid):
    assert thegrid().out == thegrid("--help").out
    assert "Exit codes:\n    0    it worked\n" in thegrid().out
    assert thegrid("keys").out == thegrid("keys", "--help").out


def test_the_version_is_shown(thegrid):
    assert thegrid("--version").out.startswith("thegrid 0.")


@pytest.mark.parametrize("command", NEEDING_A_LOGIN)
def test_without_a_login_each_command_says_how_to_get_one(thegrid, command):
    ran = thegrid(*command)
    assert ran.code == 2
    assert ran.err.startswith("thegrid: ")
    assert ran.err.count("\n") == 1
    assert command == ("logout",) or "thegrid login" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["crate"], "No such command 'crate'"),
        (["keys", "crate"], "Did you mean 'create'? (see thegrid keys --help)"),
        (["market"], "Missing argument 'SYMBOL'"),
        (["whoami", "--porfile", "x"], "No such option: --porfile"),
        (["login", "--environment", "moon"], "'moon'"),
    ],
)
def test_wrong_usage_is_one_line(thegrid, arguments, told):
    ran = thegrid(*arguments)
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_errors_for_scripts_are_json_on_stderr(thegrid):
    ran = thegrid("market", "--json")
    assert ran.error.keys() == {"kind", "message", "exit_code"}
    assert (ran.error["kind"], ran.error["exit_code"], ran.code) == ("usage", 2, 2)


def test_a_market_that_is_away_is_told_in_one_line(thegrid, saved):
    saved(api_url="http://127.0.0.1:1/v1")
    ran = thegrid("whoami", "--json")
    assert ran.code == 1
    assert ran.error["kind"] == "unreachable"


def test_a_named_profile_wins_over_the_environment(thegrid, saved, emulator, market_variables):
    saved("team")
    other = emulator.create_account()
    variables = market_variables | {"THEGRID_ACCESS_TOKEN": other.access_token}
    assert other.email in thegrid("whoami", **variables).out
    assert emulator.account.email in thegrid("whoami", "--profile", "team", **variables).out


def test_a_mistake_of_ours_is_told_without_its_text():
    failure = failure_of(KeyError("planted-4f9c2a"))
    assert failure.exit_code == 4
    assert failure.message == "a mistake in this program (KeyError); THEGRID_DEBUG=1 shows where"


def test_whoever_looks_for_a_mistake_sees_where_it_comes_from(thegrid):
    with pytest.raises(Misuse, match="there is no login"):
        thegrid("whoami", THEGRID_DEBUG="1")


def child(environ, **variables):
    said = {key: value for key, value in (environ | variables).items() if value is not None}
    return {**said, "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}


PROGRAM = [sys.executable, "-W", "error", "-m", "thegrid.cli"]


def test_without_the_extra_it_is_said_how_to_install_it(environ):
    """As in an environment without rich and typer."""
    hiding = (
        "import sys, importlib.util as it; found = it.find_spec;"
        "it.find_spec = lambda name: None if name in ('rich', 'typer') else found(name);"
        "import thegrid.cli; sys.exit(thegrid.cli.main(['--help']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hiding],
        check=False,
        capture_output=True,
        text=True,
        env=child(environ),
    )
    assert done.returncode == 2
    assert done.stderr == ("thegrid: the command line needs more: pip install 'thegrid-sdk[cli]'\n")


def on_a_terminal(environ, *arguments, typed=b"", **variables):
    """Run the command as a person does, and return what the screen received."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=child(environ, TERM="xterm", **variables),
        close_fds=True,
    )
    os.close(theirs)
    os.write(ours, typed)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            seen += os.read(ours, 65536)
        except OSError:  # the program has ended
            break
    os.close(ours)
    return process.wait(), seen.decode()


@pytest.mark.slow
def test_colours_are_for_terminals_and_for_those_who_want_them(environ, saved, thegrid):
    saved()
    assert "\x1b[" in on_a_terminal(environ, "doctor")[1]
    assert "\x1b[3" not in on_a_terminal(environ, "doctor", NO_COLOR="1")[1]
    assert "\x1b[" not in thegrid("doctor").out


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "left"), [(b"y\n", []), (b"n\n", ["laptop"])])
def test_a_person_is_asked_before_a_key_goes(environ, saved, market, answer, left):
    saved()
    market.create_consumption_key("laptop")
    code, seen = on_a_terminal(environ, "keys", "revoke", "laptop", typed=answer)
    assert "Revoke the key 'laptop' (" in seen
    assert code == (1 if left else 0)
    listing = market.list_consumption_keys()
    assert [key.name for key in listing.keys if key.is_live(listing.as_of)] == left


@pytest.mark.slow
def test_a_broken_pipe_is_no_traceback(environ, saved):
    saved()
    command = f"{sys.executable} -m thegrid.cli markets --json | true"
    done = subprocess.run(
        ["/bin/sh", "-c", command], check=False, capture_output=True, text=True, env=child(environ)
    )
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_shell_completes_commands(environ):
    asked = {
        "_THEGRID_COMPLETE": "complete_bash",
        "COMP_WORDS": "thegrid ke",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        PROGRAM, check=False, capture_output=True, text=True, env=child(environ, **asked)
    )
    assert done.stdout.split() == ["keys"]
