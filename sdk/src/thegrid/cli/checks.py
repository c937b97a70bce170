"""What `thegrid doctor` makes of what it found: one small judgement per check. Pure."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from thegrid.cli.output import duration
from thegrid.client.profiles import SavedLogin
from thegrid.core.model import TradingKey

State = Literal["ok", "warning", "failed", "skipped"]
SIGNING_WINDOW = timedelta(seconds=30)
"""How far a signature's time may be off (The Grid's documentation, "Authentication")."""

_TOLD_IN_WHOLE_SECONDS = timedelta(seconds=2)
_WORTH_MENDING = timedelta(seconds=5)
_PRIVATE_FILE, _PRIVATE_DIRECTORY = 0o600, 0o700
_USES = {
    "account:read": "whoami, balances",
    "trade:read": "markets, market",
    "keys:manage": "keys",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check.

    Attributes:
        check: What was looked at; scripts may rely on it.
        state: `failed` is what makes the command fail.
        said: What was found.
        advice: What to do, or an empty text.
    """

    check: str
    state: State
    said: str
    advice: str = ""


def judge_modes(path: Path, file_mode: int, directory_mode: int) -> Finding:
    """Judge whether others of this machine can read the profiles."""
    file, directory = stat.S_IMODE(file_mode), stat.S_IMODE(directory_mode)
    loose = []
    if file & ~_PRIVATE_FILE:
        loose.append(f"chmod 600 {path}")
    if directory & ~_PRIVATE_DIRECTORY:
        loose.append(f"chmod 700 {path.parent}")
    said = f"{path} has mode {file:04o}, its directory {directory:04o}"
    if file & 0o077:
        return Finding("file", "failed", f"{said}: others can read or change it", "; ".join(loose))
    if loose:
        return Finding("file", "warning", said, "; ".join(loose))
    return Finding("file", "ok", said)


def judge_variables(names: Iterable[str], *, used: bool) -> Finding:
    """Judge the environment variables that may stand before the file.

    Args:
        names: Those that are set.
        used: Whether this login comes from them.
    """
    told = ", ".join(sorted(names))
    if not told:
        return Finding("environment", "ok", "no variable overrides the file")
    if used:
        return Finding(
            "environment",
            "warning",
            f"{told}: set, and used instead of the file",
            "unset them, or name a profile with --profile",
        )
    return Finding("environment", "ok", f"{told}: set; the profile that was chosen wins")


def judge_clock(skew: timedelta | None) -> Finding:
    """Judge this machine's clock.

    Args:
        skew: How far it is ahead of the market's, or None where no host told its time.
    """
    if skew is None:
        return Finding("clock", "skipped", "no host told its time")
    if abs(skew) < _TOLD_IN_WHOLE_SECONDS:
        return Finding("clock", "ok", "in step with the market")
    side = "ahead of" if skew > timedelta(0) else "behind"
    said = f"{abs(skew).total_seconds():.0f} s {side} the market"
    advice = "set the clock: timedatectl set-ntp true"
    if abs(skew) >= SIGNING_WINDOW:
        return Finding("clock", "failed", f"{said}; signatures are refused from 30 s on", advice)
    if abs(skew) >= _WORTH_MENDING:
        return Finding("clock", "warning", said, advice)
    return Finding("clock", "ok", said)


def judge_login(login: SavedLogin, now: datetime) -> Finding:
    """Judge how long a login that works will go on working."""
    left = login.expires_at - now if login.expires_at else None
    for_now = f"accepted, {duration(left)} left" if left is not None else "accepted"
    if login.refresh is None:
        return Finding(
            "login", "warning", f"{for_now}; it cannot be renewed", "log in again in time"
        )
    return Finding("login", "ok", f"{for_now}, then renewed by itself")


def judge_scopes(scopes: tuple[str, ...]) -> Finding:
    """Judge which commands a login is good for; an empty tuple says that nobody knows."""
    if not scopes:
        return Finding("scopes", "skipped", "the file does not say what the login may do")
    missing = [scope for scope in _USES if scope not in scopes]
    if not missing:
        return Finding("scopes", "ok", ", ".join(scopes))
    uses = "; ".join(f"{scope} for {_USES[scope]}" for scope in missing)
    again = " ".join(f"--scope {scope}" for scope in (*scopes, *missing))
    return Finding("scopes", "warning", f"missing: {uses}", f"thegrid login {again}")


def judge_trading_key(fingerprint: str, known: Iterable[TradingKey]) -> Finding:
    """Judge whether the profile's trading key is registered; listings tell eight characters."""
    alike = [key for key in known if fingerprint.startswith(key.fingerprint_prefix)]
    if any(key.is_active for key in alike):
        return Finding("trading key", "ok", f"{fingerprint[:8]}… is registered")
    if alike:
        return Finding(
            "trading key", "failed", f"{fingerprint[:8]}… was revoked", "register another one"
        )
    return Finding(
        "trading key",
        "failed",
        f"{fingerprint[:8]}… is not registered with this account",
        "register it, or take signing_key out of the profile",
    )
