"""What the operator's tests share: an installed chart, a market, and readers of the cluster."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from tests.emulation import emulated

import thegrid_emulator
from thegrid_lab.control_plane import ControlPlane
from thegrid_lab.errors import CommandFailed
from thegrid_lab.operator_process import install_operator, start_operator


@dataclass(frozen=True)
class Cluster:
    """One namespace of the control plane, beside a market."""

    plane: ControlPlane
    namespace: str
    market: thegrid_emulator.RunningEmulator
    folder: Path

    def apply(self, kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> None:
        self.plane.apply(
            {
                "apiVersion": "thegrid.ai/v1alpha1",
                "kind": kind,
                "metadata": {"name": name, "namespace": self.namespace, **metadata},
                "spec": spec,
            }
        )

    def refused(self, kind: str, name: str, spec: dict[str, Any]) -> str:
        """Return what kubectl says when the API server refuses a resource."""
        with pytest.raises(CommandFailed) as refusal:
            self.apply(kind, name, spec)
        return refusal.value.stderr

    def log_in(self, name: str = "login", **entries: str) -> None:
        self.plane.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": name, "namespace": self.namespace},
                "type": "thegrid.ai/login",
                "stringData": entries or {"refreshToken": self.market.account.refresh_token},
            }
        )

    def declare_account(self, name: str = "team", **spec: Any) -> None:
        addresses = ("platform", "trading", "consumption", "messages")
        endpoints = {each: getattr(self.market, each) for each in addresses}
        defaults = {"loginSecretRef": {"name": "login"}, "endpoints": endpoints}
        self.apply("GridAccount", name, {**defaults, **spec})

    def declare_key(self, name: str = "app", **spec: Any) -> None:
        target = {"name": f"{name}-grid"}
        self.apply(
            "ConsumptionKey", name, {"accountRef": {"name": "team"}, "target": target, **spec}
        )

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        try:
            return self.plane.get(kind, name, self.namespace)
        except CommandFailed as problem:
            if "NotFound" in str(problem):
                return None
            raise

    def secret(self, name: str) -> dict[str, str]:
        """Return a Secret's entries as text; empty where there is none."""
        data = (self.get("secret", name) or {}).get("data") or {}
        return {entry: base64.b64decode(value).decode() for entry, value in data.items()}

    def condition(self, kind: str, name: str, which: str = "Ready") -> dict[str, Any]:
        status = (self.get(kind, name) or {}).get("status") or {}
        found = [each for each in status.get("conditions", ()) if each["type"] == which]
        return found[0] if found else {}

    def wait_for_reason(self, kind: str, name: str, reason: str) -> dict[str, Any]:
        """Wait until the condition Ready has a reason, and return the condition."""

        def look():
            condition = self.condition(kind, name)
            return condition if condition.get("reason") == reason else None

        what = f"{kind} {name} with reason {reason}"
        return _eventually(look, what, lambda: self.condition(kind, name))

    def live_keys(self) -> list[str]:
        """Return the names of the account's live keys at the market."""
        keys = self.market.api_keys(self.market.account.user_id)
        return [key["name"] for key in keys if key["is_active"]]

    def annotate(self, kind: str, name: str, annotation: str) -> None:
        namespace = f"--namespace={self.namespace}"
        self.plane.kubectl("annotate", kind, name, annotation, "--overwrite", namespace)

    def revoke_by_hand(self, key_id: str) -> None:
        """Revoke a key as a person would in the market's dashboard."""
        token = self.market.account.access_token
        login = {"authorization": f"Bearer {token}"}
        address = f"{self.market.platform}/api/v1/api-keys/{key_id}"
        httpx.delete(address, headers=login).raise_for_status()

    def listings(self) -> int:
        """Count how often the keys were listed."""
        journal = self.market.journal()
        return len([it for it in journal if it["method"] == "GET" and "api-keys" in it["path"]])

    def versions(self) -> dict[str, str]:
        """Return the resourceVersion of everything in the namespace that the operator may write."""
        kinds = "gridaccounts,consumptionkeys,secrets"
        names = ("get", kinds, f"--namespace={self.namespace}", "--output=json")
        items = json.loads(self.plane.kubectl(*names))["items"]
        return {
            f"{it['kind']}/{it['metadata']['name']}": it["metadata"]["resourceVersion"]
            for it in items
        }

    def let_go(self) -> None:
        """Take the finalizers away that no operator will: each later one would find these keys."""
        here = ("consumptionkeys", f"--namespace={self.namespace}")
        for name in self.plane.kubectl("get", *here, "--output=name").split():
            patch = (
                "patch",
                name,
                here[1],
                "--type=merge",
                '--patch={"metadata":{"finalizers":null}}',
            )
            self.plane.kubectl(*patch)

    def everything(self) -> str:
        """Return all that can be seen of the cluster without a right to Secrets' content."""
        kinds = "gridaccounts,consumptionkeys,events,leases"
        seen = self.plane.kubectl("get", kinds, "--all-namespaces", "--output=json")
        names = ("get", "secrets", f"--namespace={self.namespace}", "--output=json")
        secrets = json.loads(self.plane.kubectl(*names))["items"]
        return seen + json.dumps([each["metadata"] for each in secrets])


def _call(secret: dict[str, str]) -> str:
    """Make one inference call as a workload with this Secret in its environment would."""
    client = openai.OpenAI(
        api_key=secret["OPENAI_API_KEY"], base_url=secret["OPENAI_BASE_URL"], max_retries=0
    )
    with client:
        answer = client.chat.completions.create(
            model="text-prime", messages=[{"role": "user", "content": "hello"}]
        )
    return answer.choices[0].message.content


def _eventually(look, what, found=lambda: "", seconds=25.0):
    """Look until something is there; a scenario waits for a state, never for a time."""
    deadline = time.monotonic() + seconds
    while not (result := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s for {what}; found {found()}")
        time.sleep(0.05)
    return result


@pytest.fixture(scope="session")
def installed(control_plane):
    install_operator(control_plane)
    return control_plane


@pytest.fixture
def chart(installed):
    """Install the chart with other values; its own are back at the end."""
    yield lambda **values: install_operator(installed, values)
    install_operator(installed)


@pytest.fixture
def market():
    with emulated() as running:
        yield running


@pytest.fixture
def cluster(installed, namespace, market, tmp_path):
    cluster = Cluster(installed, namespace, market, tmp_path)
    yield cluster
    cluster.let_go()


@pytest.fixture
def start(cluster):
    """Start a replica of the operator; all are stopped at the end."""
    started = []

    def start_one(**options):
        log = cluster.folder / f"operator-{len(started)}.log"
        started.append(start_operator(cluster.plane, log=log, **options))
        return started[-1]

    yield start_one
    for process in started:
        process.stop()


@pytest.fixture
def operator(start):
    return start()


@pytest.fixture
def eventually():
    return _eventually


@pytest.fixture
def call():
    return _call
