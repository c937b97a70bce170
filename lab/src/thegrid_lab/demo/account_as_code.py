"""First chapter: an account declared in Pulumi, and a call with what the stack gives out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from thegrid_lab.demo.story import Story
from thegrid_lab.demo.workload import call_once
from thegrid_lab.emulator_process import Emulator
from thegrid_lab.progress import step
from thegrid_lab.pulumi_cli import pulumi_workspace
from thegrid_lab.pulumi_project import PulumiProject

QUICKSTART = Path(__file__).parents[4] / "examples" / "quickstart"


@contextlib.contextmanager
def declared_account(story: Story, market: Emulator) -> Iterator[PulumiProject]:
    """Declare the quickstart's account settings and keys, and spend with the key at once."""
    story.say("\n[bold]One account as code[/bold] (examples/quickstart)")
    addresses = {
        "thegrid:platformUrl": market.endpoints.platform,
        "thegrid:tradingUrl": market.endpoints.trading,
        "thegrid:consumptionUrl": market.endpoints.consumption,
        "thegrid:messagesUrl": market.endpoints.messages,
    }
    login = {"thegrid:accessToken": market.access_token}
    with pulumi_workspace() as workspace:
        project = workspace.project(QUICKSTART, config=addresses, secret_config=login)
        with step(story.console, "pulumi up"):
            up = project.up()
        story.keep("pulumi-up.txt", up.stdout + up.stderr)
        outputs = project.outputs(show_secrets=True)
        story.secrets |= {outputs["consumption_key"]}
        story.say(
            f"  the account is in mode {outputs['account_mode']}; trading key "
            f"{outputs['trading_key_fingerprint'][:8]}… is registered; a consumption key is made"
        )
        story.calls += 1
        answer = call_once(outputs["env"])
        story.say(f"  a call with the stack's outputs was answered: “{answer}”")
        state = project.export()
        story.secrets |= _private_key(project)
        story.keep("pulumi-state.json", json.dumps(state))
        yield project


def _private_key(project: PulumiProject) -> set[str]:
    """Return the trading key's private half, which the state holds encrypted."""
    shown = project.run("stack", "export", "--show-secrets").stdout
    resources = json.loads(shown)["deployment"]["resources"]
    found = [each.get("outputs", {}).get("private_key") for each in resources]
    return {json.loads(each["plaintext"]) for each in found if each}


def destroy(story: Story, project: PulumiProject) -> None:
    """Take the account's keys back."""
    with step(story.console, "pulumi destroy"):
        destroyed = project.destroy()
    story.keep("pulumi-destroy.txt", destroyed.stdout + destroyed.stderr)
