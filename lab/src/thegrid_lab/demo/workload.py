"""A workload that spends with whatever its Secret holds, and counts how that goes.

It is built on the OpenAI SDK, with its retries off: a call that fails is a failed call.
"""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path

import openai

from thegrid_lab.control_plane import ControlPlane

_PAUSE_SECONDS = 0.1
MODEL = "text-prime"


def call_once(variables: dict[str, str]) -> str:
    """Make one chat completion as a program with these environment variables would.

    Args:
        variables: With `OPENAI_API_KEY` and `OPENAI_BASE_URL`.

    Returns:
        The answer's text.

    Raises:
        openai.OpenAIError: The call failed.
    """
    client = openai.OpenAI(
        api_key=variables["OPENAI_API_KEY"], base_url=variables["OPENAI_BASE_URL"], max_retries=0
    )
    with client:
        answer = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Are you there?"}]
        )
    return answer.choices[0].message.content or ""


def is_refused(variables: dict[str, str]) -> bool:
    """Tell whether the market refuses a key."""
    try:
        call_once(variables)
    except openai.AuthenticationError:
        return True
    return False


class Workload:
    """Calls without a pause worth the name, reading its Secret before each call.

    Args:
        plane: The cluster.
        kubeconfig: The workload's own rights: to read one Secret.
        namespace: The Secret's namespace.
        secret: The Secret's name.
    """

    def __init__(
        self, plane: ControlPlane, kubeconfig: Path, *, namespace: str, secret: str
    ) -> None:
        self._plane = plane
        self._kubeconfig = kubeconfig
        self._namespace = namespace
        self._secret = secret
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workload", daemon=True)
        self.calls = 0
        self.failures: list[str] = []
        self.seen: list[dict[str, str]] = []
        """What the Secret held, each content once, in order."""

    def start(self) -> None:
        """Begin to call."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the call under way and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.calls += 1
            try:
                variables = self._read()
                if variables not in self.seen:
                    self.seen.append(variables)
                call_once(variables)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the call failed
                self.failures.append(f"{type(problem).__name__}: {problem}")
            self._stop.wait(_PAUSE_SECONDS)

    def _read(self) -> dict[str, str]:
        text = self._plane.kubectl(
            "get",
            "secret",
            self._secret,
            f"--namespace={self._namespace}",
            "--output=json",
            kubeconfig=self._kubeconfig,
        )
        data = json.loads(text)["data"]
        return {entry: base64.b64decode(value).decode() for entry, value in data.items()}
