"""Asking a person to log in: a code to approve in a browser (RFC 8628), and when the next one.

A code lives for some minutes. While nobody comes, the next ones are asked for after pauses that
grow to hours, so that a forgotten cluster does not ask for ever; who comes asks for one at once, by
an annotation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from thegrid.core.model import DeviceLogin

SCOPES = ("account:read", "keys:manage")
DEVICE = "device"
"""The origin of a login that a person has approved."""

PAUSES = (
    timedelta(0),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Asking:
    """A person is asked to log in.

    Attributes:
        login: The code that waits, or the last one that did.
        codes: How many codes there were, a refusal by the person counted as one more.
        request: The text of the annotation that was handled last.
    """

    login: DeviceLogin
    codes: int
    request: str

    @property
    def next_code_at(self) -> datetime:
        """When another code may be asked for."""
        died = self.codes - 1
        return self.login.expires_at + (PAUSES[died] if died < len(PAUSES) else LONGEST_PAUSE)

    def slower(self, seconds: int) -> Asking:
        """The market wants fewer polls, from now on (RFC 8628, section 3.5)."""
        interval = self.login.interval_seconds + seconds
        return replace(self, login=replace(self.login, interval_seconds=interval))

    def ended(self, now: datetime, *, refused: bool = False) -> Asking:
        """The code is of no use any more; the person may have refused it."""
        login = replace(self.login, expires_at=min(self.login.expires_at, now))
        return replace(self, login=login, codes=self.codes + refused)


@dataclass(frozen=True, slots=True)
class AskForCode:
    """Ask the market for a code; it is one of so many."""

    codes: int


@dataclass(frozen=True, slots=True)
class Poll:
    """Ask the market whether a person has approved."""

    login: DeviceLogin


@dataclass(frozen=True, slots=True)
class WaitForPerson:
    """A code waits for a person; poll at that time."""

    login: DeviceLogin
    poll_at: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """No code waits; the next one is asked for at that time."""

    until: datetime


DeviceStep: TypeAlias = AskForCode | Poll | WaitForPerson | Rest


def next_device_step(
    asking: Asking | None, request: str, polled_at: datetime, now: datetime
) -> DeviceStep:
    """Decide how to go on asking a person to log in.

    Args:
        asking: What was asked, or None.
        request: The text of the annotation by which people ask for a code; empty for none.
        polled_at: When the market was asked last whether this code is approved, or when this
            process first saw the code: one interval is waited before the first poll.
        now: The time.

    Returns:
        The step.
    """
    if asking is None or (request and request != asking.request):
        return AskForCode(1)
    login = asking.login
    if now >= login.expires_at:
        if now >= asking.next_code_at:
            return AskForCode(asking.codes + 1)
        return Rest(asking.next_code_at)
    poll_at = polled_at + timedelta(seconds=login.interval_seconds)
    return Poll(login) if now >= poll_at else WaitForPerson(login, poll_at)
