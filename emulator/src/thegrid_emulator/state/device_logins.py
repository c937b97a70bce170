"""Device logins: RFC 8628, the device authorization grant.

The client asks by its device code, the secret; the user decides by the user code. A login is kept
after its end, so that its user still learns what became of it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from thegrid_emulator.errors import OAuthError, not_found
from thegrid_emulator.rules import Rules
from thegrid_emulator.state.digests import digest

_USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, section 6.1: no vowels, so no words
_SLOW_DOWN = timedelta(seconds=5)  # RFC 8628, section 3.5

Standing = Literal["pending", "approved", "denied", "expired"]


@dataclass
class DeviceLogin:
    """A login that waits for its user.

    Attributes:
        user_code: what the user types, `XXXX-XXXX`.
        client_id: who asks.
        scopes: for what.
        expires_at: until when the user may decide and the client may ask.
        interval: the shortest time between two polls.
        decision: what the user said so far.
        user_id: who approved it.
        last_polled_at: when the client last asked.
    """

    user_code: str
    client_id: str
    scopes: tuple[str, ...]
    expires_at: datetime
    interval: timedelta
    decision: Literal["pending", "approved", "denied"] = "pending"
    user_id: str | None = None
    last_polled_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Return how the login stands: as its user decided, and expired if nobody did in time."""
        return "expired" if self.decision == "pending" and now >= self.expires_at else self.decision


class DeviceLogins:
    """All device logins.

    Args:
        rules: for their lifetime and interval.
    """

    def __init__(self, rules: Rules) -> None:
        self._lifetime = timedelta(seconds=rules.device_code_seconds)
        self._interval = timedelta(seconds=rules.device_poll_seconds)
        self._by_device_code: dict[str, DeviceLogin] = {}
        self._by_user_code: dict[str, DeviceLogin] = {}

    def begin(
        self, client_id: str, scopes: tuple[str, ...], now: datetime
    ) -> tuple[DeviceLogin, str]:
        """Start a login.

        Returns:
            The login and its device code, the client's secret.
        """
        device_code = secrets.token_urlsafe(32)
        login = DeviceLogin(
            user_code=_user_code(),
            client_id=client_id,
            scopes=scopes,
            expires_at=now + self._lifetime,
            interval=self._interval,
        )
        self._by_device_code[digest(device_code)] = login
        self._by_user_code[_bare(login.user_code)] = login
        return login, device_code

    def pending(self, now: datetime) -> list[DeviceLogin]:
        """Return the logins that still wait for their user, oldest first."""
        return [it for it in self._by_user_code.values() if it.standing(now) == "pending"]

    def find(self, user_code: str) -> DeviceLogin | None:
        """Return the login with a user code, however it stands, or None if there is none.

        Args:
            user_code: as a person types it: case, dash and blanks do not matter (RFC 8628,
                section 6.1).
        """
        return self._by_user_code.get(_bare(user_code))

    def approve(self, user_code: str, user_id: str, now: datetime) -> None:
        """Let a user say yes.

        Raises:
            MarketError: 404 if no pending login has this code.
        """
        login = self._pending_login(user_code, now)
        login.decision = "approved"
        login.user_id = user_id

    def deny(self, user_code: str, now: datetime) -> None:
        """Let a user say no.

        Raises:
            MarketError: 404 if no pending login has this code.
        """
        self._pending_login(user_code, now).decision = "denied"

    def redeem(self, device_code: str, client_id: str, now: datetime) -> tuple[str, DeviceLogin]:
        """Answer a client's poll (RFC 8628, section 3.5).

        Returns:
            The user who approved and the login, which ends here: a device code is good once.

        Raises:
            OAuthError: `invalid_grant`, `expired_token`, `slow_down`, `access_denied` or
                `authorization_pending`, checked in this order.
        """
        login = self._by_device_code.get(digest(device_code))
        if login is None or login.client_id != client_id:
            raise OAuthError("invalid_grant", "device_code: is unknown or used")
        if now >= login.expires_at:
            raise OAuthError("expired_token", "device_code: has expired; start again")
        _check_pace(login, now)
        if login.decision == "denied":
            raise OAuthError("access_denied", "the user refused")
        if login.user_id is None:
            raise OAuthError("authorization_pending", "the user has not decided yet")
        del self._by_device_code[digest(device_code)]
        return login.user_id, login

    def _pending_login(self, user_code: str, now: datetime) -> DeviceLogin:
        login = self.find(user_code)
        if login is None or login.standing(now) != "pending":
            raise not_found("user_code")
        return login


def _check_pace(login: DeviceLogin, now: datetime) -> None:
    last_polled_at, login.last_polled_at = login.last_polled_at, now
    if last_polled_at is not None and now - last_polled_at < login.interval:
        login.interval += _SLOW_DOWN
        seconds = int(login.interval.total_seconds())
        raise OAuthError("slow_down", f"polls must be at least {seconds} s apart from now on")


def _bare(user_code: str) -> str:
    return "".join(it for it in user_code.upper() if it.isalnum())


def _user_code() -> str:
    letters = [secrets.choice(_USER_CODE_LETTERS) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
