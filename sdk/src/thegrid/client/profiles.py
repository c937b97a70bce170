"""One profile of the vendor's command line: what it says, and what a login puts into it. Pure.

Fields and their older names follow The Grid's command line client, which shares the profiles with
us. Errors name file, profile and field, never a value, since any value may be a secret in the wrong
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thegrid.client.endpoints import Endpoints, completed, platform_origin
from thegrid.client.errors import Misuse
from thegrid.client.oauth import PUBLIC_CLIENT_ID
from thegrid.client.signing_key import SigningKey
from thegrid.core.model import TokenPair
from thegrid.core.secret import Secret

_TRADING_HOST = "trading.api."


@dataclass(frozen=True, slots=True)
class SavedLogin:
    """An OAuth login as a profile holds it.

    Attributes:
        access: The access token, or None.
        refresh: Spent by the next refresh, or None.
        expires_at: When the access token dies, or None where the file does not say.
        scopes: What the login may do; empty where the file does not say.
        client_id: Which program the login was given to; only that one can refresh it.
    """

    access: Secret | None
    refresh: Secret | None
    expires_at: datetime | None
    scopes: tuple[str, ...]
    client_id: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. Each property reads and checks the fields that it needs, and only those.

    Attributes:
        path: The file, for messages.
        name: Its name in the file.
        fields: Its content as it stands in the file.
    """

    path: Path
    name: str
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def where(self) -> str:
        """Return what messages call this profile."""
        return f"{self.path}: profile {self.name!r}"

    @property
    def prefers_signing(self) -> bool:
        """Tell whether the trading host is asked with the signing key (`auth_type`).

        Raises:
            Misuse: The field is neither `oauth` nor `signing_key`.
        """
        kind = self._text("auth_type") or "signing_key"
        if kind not in ("oauth", "signing_key"):
            raise Misuse(f"{self.where}: auth_type: must be oauth or signing_key")
        return kind == "signing_key"

    @property
    def login(self) -> SavedLogin | None:
        """Return the OAuth login, or None where there is none.

        Raises:
            Misuse: A field is of the wrong type.
        """
        access, refresh = self._text("access_token"), self._text("refresh_token")
        if not access and not refresh:
            return None
        return SavedLogin(
            access=Secret(access) if access else None,
            refresh=Secret(refresh) if refresh else None,
            expires_at=_time(self._text("token_expires_at")),
            scopes=self._texts("oauth_scopes"),
            client_id=self._text("oauth_client_id") or PUBLIC_CLIENT_ID,
        )

    @property
    def signing_key(self) -> SigningKey | None:
        """Return the trading key, or None where there is none.

        Raises:
            Misuse: It cannot be read, or does not belong to the fingerprint beside it.
        """
        text = self._text("signing_key", "private_key")
        if not text:
            return None
        try:
            key = SigningKey.parse(text)
        except Misuse:
            raise Misuse(
                f"{self.where}: signing_key: not base64 of an Ed25519 key of 32 or 64 bytes"
            ) from None
        said = self._text("signing_key_fingerprint", "api_key_fingerprint")
        if said and said.rstrip("=") != key.fingerprint:
            raise Misuse(
                f"{self.where}: signing_key_fingerprint: belongs to another key than signing_key"
            )
        return key

    @property
    def api_key(self) -> Secret | None:
        """Return the consumption key, or None where there is none.

        Raises:
            Misuse: The field is no text.
        """
        text = self._text("api_key")
        return Secret(text) if text else None

    @property
    def endpoints(self) -> Endpoints:
        """Return where the profile's market is.

        The file does not name an environment, so that follows from the addresses (`completed`).

        Raises:
            Misuse: An address cannot be used.
        """
        return completed(
            platform=_corrected(self._address("oauth_base_url", "platform")),
            trading=self._address("api_url", "trading"),
            consumption=self._address("consumption_api_url", "consumption"),
            messages=self._address("messages_api_url", "messages"),
            platform_prefix=self._address("platform_prefix", "platform_prefix"),
        )

    def _address(self, name: str, part: str) -> str:
        text = self._text(name)
        if text:
            try:
                Endpoints(**{part: text})
            except Misuse:
                raise Misuse(
                    f"{self.where}: {name}: not an https address (http is for this machine only), "
                    "or one with a user, password, query or fragment"
                ) from None
        return text

    def _text(self, *names: str) -> str:
        """Read the first field of these names that is set; null and empty count as unset."""
        for name in names:
            value = self.fields.get(name)
            if value is not None and not isinstance(value, str):
                raise Misuse(f"{self.where}: {name}: must be a text")
            if value and value.strip():
                return value.strip()
        return ""

    def _texts(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name) or ()
        if isinstance(value, str):  # OAuth writes scopes with spaces between them
            return tuple(value.split())
        if not isinstance(value, list | tuple) or not all(isinstance(it, str) for it in value):
            raise Misuse(f"{self.where}: {name}: must be a list of texts")
        return tuple(value)


def login_fields(endpoints: Endpoints, pair: TokenPair, client_id: str) -> dict[str, Any]:
    """Write what a new login puts into a profile.

    Args:
        endpoints: The market that gave it.
        pair: The tokens.
        client_id: Which program asked for it.

    Returns:
        Values by field. The two fields that the vendor's client does not have are there only if
        they do not follow from the others.
    """
    addresses = {
        "api_url": endpoints.trading,
        "ws_url": "ws" + endpoints.trading.removeprefix("http") + "/",
        "consumption_api_url": endpoints.consumption,
        "oauth_base_url": endpoints.platform,
    }
    derived = Profile(Path(), "", addresses).endpoints
    return {
        "auth_type": "oauth",
        **addresses,
        "messages_api_url": None if derived == endpoints else endpoints.messages,
        "platform_prefix": None if derived == endpoints else endpoints.platform_prefix or "/",
        **token_fields(pair),
        "oauth_client_id": client_id,
    }


def token_fields(pair: TokenPair) -> dict[str, Any]:
    """Write what a refresh changes in a profile; scopes that the market did not say stay."""
    fields: dict[str, Any] = {
        "access_token": pair.access.reveal(),
        "refresh_token": pair.refresh.reveal() if pair.refresh else None,
        "token_expires_at": _time_text(pair.expires_at),
    }
    return fields | ({"oauth_scopes": list(pair.scopes)} if pair.scopes else {})


NO_LOGIN: Mapping[str, Any] = dict.fromkeys(
    ("access_token", "refresh_token", "token_expires_at", "oauth_scopes", "oauth_client_id")
)
"""The change that takes a login out of a profile."""


def _corrected(platform: str) -> str:
    """Correct the older default, the trading host, as it stands in files of older clients."""
    host = platform.partition("://")[2]
    return platform_origin(platform) if host.startswith(_TRADING_HOST) else platform


def _time(text: str) -> datetime | None:
    """Read a time; one that cannot be read counts as unknown, since the market knows it."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _time_text(time: datetime) -> str:
    """Write a time as the vendor's client does: UTC, milliseconds, `Z`."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
