"""Second chapter: a key in a cluster, rotated while a workload calls with it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from rich.live import Live
from rich.table import Table

from thegrid.core.secret import Secret
from thegrid_lab.control_plane import ControlPlane, control_plane
from thegrid_lab.demo import manifests
from thegrid_lab.demo.story import Story, wait_for
from thegrid_lab.demo.workload import Workload, is_refused
from thegrid_lab.emulator_process import Emulator
from thegrid_lab.errors import CommandFailed
from thegrid_lab.operator_process import NAMESPACE, install_operator
from thegrid_lab.processes import ChildProcess
from thegrid_lab.progress import step

ROTATIONS = 2


@contextlib.contextmanager
def cluster(story: Story) -> Iterator[ControlPlane]:
    """Run a control plane with the operator's chart installed."""
    story.say("\n[bold]One key in a cluster[/bold]")
    with contextlib.ExitStack() as stack:
        with step(story.console, "starting a Kubernetes control plane"):
            plane = stack.enter_context(control_plane())
        with step(story.console, "installing the operator's chart"):
            install_operator(plane)
        yield plane


class Chapter:
    """What happens in the cluster.

    Args:
        story: Where it is told.
        plane: The cluster.
        market: The market.
    """

    def __init__(self, story: Story, plane: ControlPlane, market: Emulator) -> None:
        self._story = story
        self._plane = plane
        self._market = market
        self._workload: Workload | None = None

    def declare(self, refresh_token: Secret) -> None:
        """Declare the account and the key, and wait until the operator has filled the Secret."""
        self._plane.kubectl("create", "namespace", manifests.TEAM)
        login = manifests.login(refresh_token)
        self._plane.apply([login, *manifests.resources(self._market.endpoints)])
        self._plane.apply(manifests.workload_rights())
        with step(self._story.console, f"waiting for the operator to fill {manifests.TARGET}"):
            self._wait(lambda: self._rotation() == 1, "the first key")

    def rotate_under_traffic(self) -> None:
        """Let two rotations pass while the workload calls, then see that the old keys are dead."""
        story, plane, team = self._story, self._plane, manifests.TEAM
        kubeconfig = plane.service_account_kubeconfig(team, manifests.WORKLOAD)
        workload = Workload(plane, kubeconfig, namespace=team, secret=manifests.TARGET)
        self._workload = workload
        every = f"the key rotates every {manifests.ROTATE_AFTER}"
        story.say(f"  a workload calls without a pause; {every}")
        workload.start()
        try:
            old = self._until_the_old_keys_are_dead(workload)
        finally:
            workload.stop()
            story.calls += workload.calls
            story.failures += workload.failures
            story.secrets |= {each["OPENAI_API_KEY"] for each in workload.seen}
        story.say(f"  {len(old)} old keys are refused by the market now; the current one works")
        story.say(plane.kubectl("get", "gridaccounts,consumptionkeys", f"-n={team}").rstrip())

    def measure(self, operator: ChildProcess) -> None:
        """Tell how much memory the cluster and the operator take."""
        sizes = {"operator": operator.resident_memory_mb(), **self._plane.resident_memory_mb()}
        parts = ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items())
        self._story.say(f"  resident memory: {parts}")

    def delete(self) -> None:
        """Delete the key and the account, and keep what the cluster shows as evidence."""
        namespace = f"-n={manifests.TEAM}"
        kinds = "gridaccounts,consumptionkeys,events"
        self._story.keep("cluster.json", self._kubectl("get", kinds, namespace, "-o=json"))
        self._story.keep("describe.txt", self._kubectl("describe", "consumptionkeys", namespace))
        self._story.keep("lease.json", self._kubectl("get", "leases", f"-n={NAMESPACE}", "-o=json"))
        for kind, name in (("consumptionkey", manifests.KEY), ("gridaccount", manifests.ACCOUNT)):
            with step(self._story.console, f"kubectl delete {kind} {name}"):
                self._kubectl("delete", kind, name, namespace, "--timeout=30s")
        with contextlib.suppress(CommandFailed):
            self._plane.get("secret", manifests.TARGET, manifests.TEAM)
            self._story.problems.append(f"Secret {manifests.TARGET} is still there")
        for log in self._plane.folder.rglob("*.log"):
            shutil.copy(log, self._story.evidence / log.name)

    def _until_the_old_keys_are_dead(self, workload: Workload) -> list[dict[str, str]]:
        wanted = 1 + ROTATIONS
        with self._progress(workload) as show:
            self._wait(
                lambda: self._rotation() >= wanted and len(workload.seen) >= wanted,
                f"{ROTATIONS} rotations",
                show,
            )
            slower = json.dumps({"spec": {"rotateAfter": "1h"}})
            patch = ("patch", "consumptionkey", manifests.KEY, "--type=merge", f"--patch={slower}")
            self._kubectl(*patch, f"-n={manifests.TEAM}")
            old = workload.seen[:ROTATIONS]
            # Not by trying them: a key that somebody uses is not revoked.
            self._wait(lambda: "previousKeyId" not in self._status(), "the old keys to die", show)
        still_accepted = len(old) - sum(map(is_refused, old))
        self._story.expect(not still_accepted, f"{still_accepted} old keys are still accepted")
        return old

    @contextlib.contextmanager
    def _progress(self, workload: Workload) -> Iterator[Callable[[], None]]:
        """Show how it goes: a table that changes on a terminal, else a line for each key."""
        console = self._story.console
        if console.is_terminal:
            with Live(console=console, refresh_per_second=8, transient=True) as live:
                yield lambda: live.update(self._table(workload))
            return
        told: set[int] = set()

        def tell() -> None:
            number = self._rotation()
            if number not in told:
                told.add(number)
                failed, alive = len(workload.failures), self._market.keys_alive()
                counts = f"{workload.calls} calls, {failed} failed, {alive} keys alive"
                self._story.say(f"  key #{number} in the Secret: {counts} at the market")

        yield tell

    def _table(self, workload: Workload) -> Table:
        table = Table("key in the Secret", "next rotation", "calls", "failed", "keys alive")
        status = self._status()
        table.add_row(
            f"#{status.get('rotation', 0)}",
            str(status.get("nextRotationAt", "")),
            str(workload.calls),
            str(len(workload.failures)),
            str(self._market.keys_alive()),
        )
        return table

    def _wait(
        self, true: Callable[[], bool], what: str, show: Callable[[], None] = lambda: None
    ) -> None:
        wait_for(true, what, state=self._conditions, meanwhile=show)

    def _conditions(self) -> object:
        return self._status().get("conditions", "no status yet")

    def _rotation(self) -> int:
        return int(self._status().get("rotation", 0))

    def _status(self) -> dict[str, Any]:
        key = self._plane.get("consumptionkey", manifests.KEY, manifests.TEAM)
        status: dict[str, Any] = key.get("status") or {}
        return status

    def _kubectl(self, *arguments: str) -> str:
        return self._plane.kubectl(*arguments)
