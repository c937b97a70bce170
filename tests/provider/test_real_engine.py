"""The quickstart and bad inputs on the real Pulumi CLI."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from thegrid.client import Endpoints, Inference
from thegrid.core.secret import Secret

pytestmark = pytest.mark.engines

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
DAY = 86400


@pytest.fixture
def quickstart(pulumi, addresses, account):
    secret = {"thegrid:accessToken": account.access_token}
    return pulumi.project(QUICKSTART, config=addresses, secret_config=secret)


@pytest.fixture
def accepts(market):
    addresses = (market.platform, market.trading, market.consumption, market.messages)

    def accepts(key):
        inference = Inference(Endpoints(*addresses), Secret(key))
        try:
            return inference.accepts_key()
        finally:
            inference.close()

    return accepts


def test_the_quickstart_goes_through_its_life(quickstart, environment, market, accepts, live_keys):
    quickstart.preview(env=environment)
    assert live_keys() == set()

    quickstart.up(env=environment)
    assert quickstart.last_changes() == {"create": 5}
    first = quickstart.outputs(show_secrets=True)
    assert first["account_mode"] == "advanced"
    assert len(first["trading_key_fingerprint"]) == 43
    assert quickstart.outputs()["consumption_key"] == "[secret]"
    assert quickstart.outputs()["env"] == "[secret]"
    assert live_keys() == {first["key_id"]}

    quickstart.up("--expect-no-changes", env=environment)
    assert quickstart.last_changes() == {"same": 5}

    market.advance(14 * DAY + 60)
    preview = quickstart.preview(env=environment)
    assert "ConsumptionKey 'assistant': a rotation is due" in preview.stdout + preview.stderr
    quickstart.up(env=environment)
    assert quickstart.last_changes() == {"same": 4, "update": 1}
    second = quickstart.outputs(show_secrets=True)
    assert second["consumption_key"] != first["consumption_key"]
    assert accepts(first["consumption_key"])
    assert accepts(second["consumption_key"])

    market.advance(2 * DAY)
    quickstart.up(env=environment)
    assert not accepts(first["consumption_key"])
    assert accepts(second["consumption_key"])
    quickstart.refresh("--expect-no-changes", env=environment)

    quickstart.destroy(env=environment)
    assert live_keys() == set()


def test_the_exported_state_holds_no_secret_in_plain(quickstart, environment, account):
    quickstart.up(env=environment)
    stored = json.dumps(quickstart.export())
    shown = json.loads(quickstart.run("stack", "export", "--show-secrets").stdout)
    (trading,) = [
        resource["outputs"]["private_key"]["plaintext"]
        for resource in shown["deployment"]["resources"]
        if resource["type"].endswith("TradingKey")
    ]
    key = quickstart.outputs(show_secrets=True)["consumption_key"]
    secrets = [json.loads(trading), key, account.access_token]
    for secret in secrets:
        assert secret not in stored
        assert base64.b64encode(secret.encode()).decode() not in stored
    quickstart.destroy(env=environment)


SDKS = """
from anthropic import Anthropic
from openai import OpenAI
with OpenAI() as client:
    print("text-prime" in {model.id for model in client.models.list()})
with Anthropic() as client:
    turns = [{"role": "user", "content": "hello"}]
    print(client.messages.create(model="text-prime", max_tokens=64, messages=turns).type)
"""


def test_the_usual_sdks_work_with_the_exported_environment(quickstart, environment):
    quickstart.up(env=environment)
    variables = quickstart.outputs(show_secrets=True)["env"]
    answer = subprocess.run(
        [sys.executable, "-c", SDKS],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["True", "message"]
    quickstart.destroy(env=environment)


BAD_INPUTS = {
    "rotate_after": 'thegrid.ConsumptionKey("bad", rotate_after="soon")',
    "overlap": 'thegrid.ConsumptionKey("bad", rotate_after="2d", overlap="2d")',
    "auto_buy_enabled": 'thegrid.AccountSettings("bad", mode="easy", auto_buy_enabled=False)',
    "public_key": 'thegrid.TradingKey("bad", public_key="no key")',
}


@pytest.mark.parametrize("field", BAD_INPUTS)
def test_a_bad_input_is_refused_at_preview_in_one_line(
    pulumi, addresses, environment, tmp_path, field
):
    project = _project(pulumi, tmp_path, BAD_INPUTS[field], addresses)
    preview = project.preview(check=False, env=environment)
    assert preview.exit_code != 0
    assert f"property {field} value" in _errors(preview)[0]
    assert "Traceback" not in preview.stdout + preview.stderr


def test_a_wrong_login_and_an_unreachable_market_are_told_in_one_line(
    pulumi, addresses, environment, tmp_path
):
    project = _project(pulumi, tmp_path, 'thegrid.ConsumptionKey("ci")', addresses)
    project.config({"thegrid:accessToken": "grid_at_wrong"}, secret=True)
    wrong = project.up(check=False, env=environment)
    (line,) = {it for it in _errors(wrong) if "update failed" not in it}
    assert re.search(r"ConsumptionKey 'ci': GET /users/self was refused: 40[13]", line)
    assert "pulumi config set --secret thegrid:accessToken" in line
    project.config({"thegrid:platformUrl": "http://127.0.0.1:9"})
    (line,) = {
        it for it in _errors(project.up(check=False, env=environment)) if "update failed" not in it
    }
    assert "the market cannot be reached" in line
    assert "http://127.0.0.1:9" in line


def _project(pulumi, folder, declaration, config):
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: bad\nruntime: python\n")
    (program / "__main__.py").write_text(f"import pulumi_thegrid as thegrid\n\n{declaration}\n")
    return pulumi.project(program, config=config)


def _errors(completed):
    """Return the text of each error in the diagnostics, which are shown at the end."""
    diagnostics = (completed.stdout + completed.stderr).partition("Diagnostics:")[2]
    return [line.strip() for line in diagnostics.splitlines() if "error: " in line]
