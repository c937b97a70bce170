"""The examples about keys work as they stand, on the real CLI, and show what their READMEs say."""

import re
import subprocess
import sys

import pytest
from tests.provider.examples import EXAMPLES, shown_by

pytestmark = pytest.mark.engines

IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY = 86400


@pytest.fixture
def project_of(pulumi, addresses, account):
    def project(name):
        secret = {"thegrid:accessToken": account.access_token}
        return pulumi.project(EXAMPLES / name, config=addresses, secret_config=secret)

    return project


def alike(text):
    return IDENTIFIER.sub("ID", text)


def test_a_trigger_rotates_both_keys(project_of, environment, market, live_keys):
    stack = project_of("rotation-with-trigger")
    notices, summary = shown_by("rotation-with-trigger", alike)
    stack.up(env=environment)
    first = stack.outputs(show_secrets=True)
    stack.up("--expect-no-changes", env=environment)

    stack.config({"generation": "2"})
    preview = stack.preview(env=environment)
    seen = alike(preview.stdout + preview.stderr)
    assert [line for line in notices.splitlines() if line not in seen] == []
    up = stack.up(env=environment)
    assert summary.strip() in up.stdout
    second = stack.outputs(show_secrets=True)
    assert second["previous_key_id"] == first["key_id"]
    assert second["previous_trading_key_fingerprint"] == first["trading_key_fingerprint"]
    assert second["trading_profile"]["signing_key"] != first["trading_profile"]["signing_key"]
    assert stack.outputs()["trading_profile"] == "[secret]"

    stack.config({"generation": "3"})
    up = stack.up(env=environment)
    assert f"the oldest key {first['key_id']} is revoked at once" in up.stdout + up.stderr
    market.advance(2 * DAY)
    stack.up(env=environment)
    assert live_keys() == {stack.outputs()["key_id"]}
    stack.destroy(env=environment)
    assert live_keys() == set()


@pytest.fixture
def check(environment, market):
    """Run the policy on a stack's outputs at the market's time."""

    def check(stack, days):
        outputs = stack.run("stack", "output", "--json").stdout
        command = [sys.executable, str(stack.folder / "check_key_age.py"), str(days)]
        command += ["--at", market.now().isoformat()]
        return subprocess.run(command, input=outputs, capture_output=True, text=True, check=False)

    return check


def test_the_policy_finds_keys_that_live_too_long(project_of, environment, market, check):
    stack = project_of("key-age-policy")
    kept, broken = shown_by("key-age-policy")
    stack.up(env=environment)
    assert (check(stack, 16).returncode, check(stack, 16).stdout) == (0, kept)
    assert (check(stack, 15).returncode, check(stack, 15).stdout) == (1, broken)

    market.advance(16 * DAY + 60)
    late = check(stack, 16)
    assert late.returncode == 1
    assert late.stdout.count("a key has been working for 16.0 days: run pulumi up") == 2
    stack.up(env=environment)  # rotates, and the keys before these work on
    assert "a key has been working for 16.0 days" in check(stack, 16).stdout
    market.advance(2 * DAY)
    stack.up(env=environment)
    assert check(stack, 16).returncode == 0
    stack.destroy(env=environment)


def test_the_policy_finds_a_key_that_is_never_rotated(project_of, environment, check):
    stack = project_of("key-age-policy")
    program = stack.folder / "__main__.py"
    changed = program.read_text().replace('"trader", rotate_after="14d"', '"trader"')
    program.write_text(changed)
    stack.up(env=environment)
    result = check(stack, 16)
    assert (result.returncode, result.stdout) == (
        1,
        "trader: is never rotated: set rotate_after\n",
    )
    stack.destroy(env=environment)
