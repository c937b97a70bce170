"""The order of the story, and its end."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

import psutil
from rich.console import Console

from thegrid.client import OAuth
from thegrid.core.model import DeviceLogin, TokenPair
from thegrid.core.secret import Secret
from thegrid_lab.demo import account_as_code
from thegrid_lab.demo.key_in_cluster import Chapter, cluster
from thegrid_lab.demo.story import DemoFailed, Story
from thegrid_lab.emulator_process import Emulator, emulator_process
from thegrid_lab.engines import find_or_build
from thegrid_lab.errors import LabError
from thegrid_lab.operator_process import start_operator
from thegrid_lab.processes import clean_exit_on_sigterm
from thegrid_lab.progress import step

ENGINES = ("pulumi", "etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm")
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Tell the story.

    Args:
        arguments: The command line without the program's name; None takes the process's own.

    Returns:
        0 when every call succeeded, the old keys are dead and nothing of ours is alive.
    """
    parser = argparse.ArgumentParser(
        prog="python -m thegrid_lab.demo",
        description="Declare a key in Pulumi, rotate a key in a cluster, and lose no call.",
    )
    parser.add_argument(
        "--evidence", type=Path, help="keep logs, states and events in this new folder"
    )
    given = parser.parse_args(arguments)
    if given.evidence and given.evidence.exists():
        parser.error(f"--evidence: {given.evidence} exists already; name a new folder")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="thegrid-demo-") as folder:
        story = Story(console, Path(folder))
        try:
            with clean_exit_on_sigterm():
                _tell(story)
        except LabError as problem:
            story.problems.append(str(problem))
        except KeyboardInterrupt:
            console.print("\ninterrupted; everything that was started has been stopped")
            return _INTERRUPTED
        if given.evidence:
            shutil.copytree(story.evidence, given.evidence)
    return story.sum_up()


def _tell(story: Story) -> None:
    with step(story.console, "making the engines ready"):
        find_or_build(*ENGINES, console=story.console)
    with contextlib.ExitStack() as stack:
        story.say("\n[bold]The market[/bold]")
        with step(story.console, "starting the emulator of The Grid"):
            market = stack.enter_context(emulator_process(story.evidence / "emulator.log"))
        story.secrets |= {market.access_token, market.refresh_token}
        oauth = OAuth(market.endpoints)
        stack.callback(oauth.close)
        login = oauth.start_device_login(["account:read", "keys:manage"])
        project = stack.enter_context(account_as_code.declared_account(story, market))
        plane = stack.enter_context(cluster(story))
        operator = start_operator(plane, log=story.evidence / "operator.log")
        stack.callback(operator.stop)
        chapter = Chapter(story, plane, market)
        chapter.declare(_approve(story, market, oauth, login))
        chapter.rotate_under_traffic()
        chapter.measure(operator)
        story.say("\n[bold]Taking it all back[/bold]")
        chapter.delete()
        account_as_code.destroy(story, project)
        story.keys_minted, story.keys_alive = len(market.consumption_keys()), market.keys_alive()
    story.search_evidence()
    left = [each for each in psutil.Process().children(recursive=True) if each.is_running()]
    story.expect(not left, f"{len(left)} processes of ours are still alive")


def _approve(story: Story, market: Emulator, oauth: OAuth, login: DeviceLogin) -> Secret:
    """Approve the operator's login as a person would, and fetch its refresh token."""
    market.approve_login(login.user_code)
    tokens = oauth.poll_device_login(login)
    if not isinstance(tokens, TokenPair) or tokens.refresh is None:
        raise DemoFailed("the approved device login gave no tokens")
    story.secrets |= {tokens.access.reveal(), tokens.refresh.reveal()}
    story.say(f"  a person approved the operator's device login {login.user_code}")
    return tokens.refresh


if __name__ == "__main__":
    sys.exit(main())
