"""What the README of the SDK shows of the command line runs."""

import shlex
import stat
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from thegrid.cli.failures import ExitCode

README = (Path(__file__).parents[2] / "sdk" / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for token in MarkdownIt().parse(README)
    if token.type == "fence" and token.info == "sh"
    for line in token.content.splitlines()
    if line.startswith("thegrid ")
]


def test_the_first_steps_work_in_their_order(thegrid, approval, tmp_path, endpoints):
    assert [command[0] for command in COMMANDS] == ["login", "doctor", "keys", "balances", "market"]
    where = {"HOME": str(tmp_path), "THEGRID_PLATFORM_URL": endpoints.platform}
    where |= {"THEGRID_TRADING_URL": endpoints.trading, "THEGRID_MESSAGES_URL": endpoints.messages}
    where |= {"THEGRID_CONSUMPTION_URL": endpoints.consumption}
    with approval():
        assert thegrid(*COMMANDS[0], **where).code == 0
    for command in COMMANDS[1:]:
        ran = thegrid(*command, **where)
        assert ran.code == 0, ran.err
    assert stat.S_IMODE((tmp_path / ".grid-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("code", [it for it in ExitCode if it is not ExitCode.INTERRUPTED])
def test_the_help_and_the_readme_tell_every_exit_code(thegrid, code):
    assert f"\n    {code:d}    " in thegrid().out
    assert f" {code:d} " in README.partition("Exit codes:")[2].partition("\n\n")[0]
