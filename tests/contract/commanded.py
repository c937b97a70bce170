"""A real emulator process, and its side door in the shape of the emulator in a thread."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

SURFACES = ("platform", "trading", "consumption", "messages", "gateway")
LIMITS = ("platform", "trading", "inference")


@contextmanager
def command(complaints):
    """Start the command with limits that nobody meets.

    Args:
        complaints: a file for its standard error; a pipe that nobody reads would block it.

    Yields:
        The process and its first line.
    """
    flags = [f"--{name}-port=0" for name in SURFACES]
    flags += [f"--{name}-requests-per-minute=100000000" for name in LIMITS]
    process = subprocess.Popen(
        [sys.executable, "-m", "thegrid_emulator", *flags, "--json"],
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        env=os.environ | {"THEGRID_TEST_CLOCK": ""},
    )
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


class Commanded:
    """What the cases need of an emulator, through the side door of a process.

    Args:
        ready: the first line of the command.
        http: an httpx client.
    """

    def __init__(self, ready, http):
        self._http = http
        for name in SURFACES:
            setattr(self, name, ready[name])
        self._ahead = timedelta()

    def create_account(self, **account):
        body = {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in account.items()
        }
        return SimpleNamespace(**self._post("accounts", body).json())

    def advance(self, seconds):
        clock = self._post("clock", {"advance_seconds": seconds}).json()
        self._ahead = timedelta(seconds=clock["offset_seconds"])

    def now(self):
        return datetime.now(UTC) + self._ahead

    def approve_device(self, user_code, user_id):
        self._post("device-logins/approve", {"user_code": user_code, "user_id": user_id})

    def deny_device(self, user_code):
        self._post("device-logins/deny", {"user_code": user_code})

    def _post(self, path, body):
        answer = self._http.post(f"{self.platform}/_emulator/{path}", json=body)
        return answer.raise_for_status()
