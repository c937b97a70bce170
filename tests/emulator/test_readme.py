import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "emulator" / "README.md"


def blocks(language):
    text = README.read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


@pytest.mark.parametrize("block", blocks("python"))
def test_its_programs_run(block):
    exec(compile(block, str(README), "exec"), {})  # noqa: S102 -- our own document


@pytest.mark.plain_words
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_its_commands_run(emulator):
    variables = {
        "THEGRID_PLATFORM_URL": emulator.platform,
        "THEGRID_TRADING_URL": emulator.trading,
        "THEGRID_CONSUMPTION_URL": emulator.consumption,
        "THEGRID_ACCESS_TOKEN": emulator.account.access_token,
        "no_proxy": "*",
    }
    commands = ["sh", "-eu", "-c", "\n".join(blocks("sh"))]
    environment = os.environ | variables
    done = subprocess.run(commands, check=False, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "You said: Hello" in done.stdout
    assert '"status":"filled","quantity":2' in done.stdout
    assert '"uncommitted_balance"' in done.stdout
    assert [key["name"] for key in emulator.api_keys(emulator.account.user_id)] == ["laptop"]
    assert emulator.clock.offset_seconds == 3600


def test_every_admin_route_it_names_exists(http, emulator):
    routes = set(re.findall(r"`(GET|POST|DELETE) ([a-z/-]+)", README.read_text(encoding="utf-8")))
    assert len(routes) == 19
    for method, path in routes:
        answer = http.request(method, f"{emulator.platform}/_emulator/{path}", json=[])
        assert answer.status_code != 405
        assert answer.text != '{"errors":{"detail":"not_found"}}'
