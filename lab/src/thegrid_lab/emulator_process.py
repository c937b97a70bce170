"""The market's emulator as a process of its own, as a user starts it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from thegrid.client import Endpoints
from thegrid_lab.processes import ChildProcess

_UNITS = {"text-prime": 10}
"""With units, so that a workload's first call works: it does not ask again."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator and one account at it.

    Attributes:
        endpoints: Where it listens.
        user_id: The account.
        access_token: A login of the account.
        refresh_token: What renews that login.
        process: The process.
    """

    endpoints: Endpoints
    user_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    process: ChildProcess

    def with_account(self, name: str, units: Mapping[str, int]) -> Emulator:
        """Open another account.

        Args:
            name: Of its owner.
            units: What it can spend at once, by market.

        Returns:
            The same emulator with that account.
        """
        body = {"email": f"{name}@example.com", "consumption_units": dict(units)}
        made = httpx.post(self._control("accounts"), json=body).raise_for_status().json()
        fields = ("user_id", "access_token", "refresh_token")
        return replace(self, **{field: made[field] for field in fields})

    def consumption_keys(self) -> list[dict[str, Any]]:
        """Return all consumption keys of the account, without their secrets."""
        answer = httpx.get(self._control("api-keys"), params={"user_id": self.user_id})
        listed: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
        return listed

    def keys_alive(self) -> int:
        """Count the consumption keys that were not revoked."""
        return sum(1 for key in self.consumption_keys() if key["is_active"])

    def approve_login(self, user_code: str) -> None:
        """Approve a device login, as the account's owner does in a browser."""
        body = {"user_code": user_code, "user_id": self.user_id}
        httpx.post(self._control("device-logins/approve"), json=body).raise_for_status()

    def _control(self, what: str) -> str:
        return f"{self.endpoints.platform}/_emulator/{what}"


@contextlib.contextmanager
def emulator_process(log: Path, flags: Iterable[str] = ()) -> Iterator[Emulator]:
    """Run `thegrid-emulator` on free ports for the length of a block.

    Args:
        log: The file for its output.
        flags: More flags, such as other limits.

    Yields:
        The running emulator.

    Raises:
        ProcessFailed: It did not start.
    """
    ports = ("platform", "trading", "consumption", "messages", "gateway")
    free = [flag for port in ports for flag in (f"--{port}-port", "0")]
    command = [sys.executable, "-m", "thegrid_emulator", "--json", *free, *flags]
    process = ChildProcess("thegrid-emulator", command, log=log)
    try:
        process.wait_until_ready(lambda: "\n" in log.read_text(), timeout_seconds=30)
        said = json.loads(log.read_text().splitlines()[0])
        endpoints = Endpoints(
            platform=said["platform"],
            trading=said["trading"],
            consumption=said["consumption"],
            messages=said["messages"],
        )
        nobody = Emulator(endpoints, "", "", "", process)
        # An account of our own: the login of the one it begins with stands in its log.
        yield nobody.with_account("team", _UNITS)
    finally:
        process.stop()
