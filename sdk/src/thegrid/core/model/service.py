"""How a host of the market says it is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a host is up: `status` is `ok` then; `service` is its name for itself."""

    status: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a host has looked at.

    Attributes:
        name: What was looked at.
        status: `ok`, `warn` or `fail`.
        code: The machine code of a finding, or an empty text.
        detail: The finding for people, or an empty text.
        next_action: What to do about it, or an empty text.
    """

    name: str
    status: str
    code: str = ""
    detail: str = ""
    next_action: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What a host finds about this login and itself.

    Attributes:
        status: The worst of the checks: `ok`, `warn` or `fail`.
        service: The host's name for itself, or an empty text.
        server_time: The host's own time, or None where it is not told.
        checks: What it has looked at.
    """

    status: str
    service: str = ""
    server_time: datetime | None = None
    checks: tuple[Check, ...] = ()
