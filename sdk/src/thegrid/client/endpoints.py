"""Where the market's hosts are. Every base address is checked once, here.

Production's addresses and the derivation of the platform host from the trading address follow The
Grid's documentation, "Environments", and its command line client.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from urllib.parse import urlsplit

from thegrid.client.errors import Misuse


def is_loopback(url: str) -> bool:
    """Tell whether an address names this machine: `localhost` or a loopback IP address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def platform_origin(trading: str) -> str:
    """Derive the platform's address from the trading address, as the vendor's client does.

    Args:
        trading: The trading base address, with or without `/v1`.

    Returns:
        The platform's origin, without a path.
    """
    origin = trading.rstrip("/").removesuffix("/v1").rstrip("/")
    parts = urlsplit(origin)
    if (parts.hostname or "").startswith("trading.api."):
        return origin.replace("trading.api.", "platform.api.", 1)
    if parts.port == 4040:  # noqa: PLR2004 - the vendor's local environment
        return origin.removesuffix(":4040") + ":4020"
    return origin


_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


def _check_address(name: str, url: str) -> None:
    """Refuse what is no base address. It is quoted only once it is known to hold no password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Misuse(f"{name}: not an https address (the host or the port is malformed)") from None
    if "@" in url or parts.query or parts.fragment:
        raise Misuse(f"{name}: an address holds no user, password, query or fragment")
    if not host or parts.scheme not in ("https", "http"):
        raise Misuse(f"{name}: {url!r} is not an https address")
    if parts.scheme == "http" and not is_loopback(url):
        raise Misuse(f"{name}: {url!r} must use https (http is for this machine only)")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The base addresses of one market. The defaults are production.

    Args:
        platform: Origin of the platform host, without a path.
        trading: Base of the trading host, with `/v1`.
        consumption: Base of the OpenAI-shaped host, with `/v1`.
        messages: Base of the Anthropic-shaped host, with `/v1`.
        platform_prefix: Path before every platform call.

    Raises:
        Misuse: An address is no `https` address, or a plain `http` one beyond this machine; or the
            prefix is no path, which would lead to another host.
    """

    platform: str = "https://platform.api.thegrid.ai"
    trading: str = "https://trading.api.thegrid.ai/v1"
    consumption: str = "https://api.thegrid.ai/v1"
    messages: str = "https://messages-beta.api.thegrid.ai/v1"
    platform_prefix: str = "/api/v1"

    def __post_init__(self) -> None:
        for field in fields(self)[:4]:
            url = getattr(self, field.name)
            _check_address(field.name, url)
            object.__setattr__(self, field.name, url.rstrip("/"))
        if not _PREFIX.fullmatch(self.platform_prefix):
            raise Misuse(
                f"platform_prefix: {self.platform_prefix!r} is no path like /api/v1 (or empty)"
            )
        object.__setattr__(self, "platform_prefix", self.platform_prefix.rstrip("/"))

    @property
    def all_loopback(self) -> bool:
        """Tell whether every address names this machine, as an emulator's do."""
        bases = (self.platform, self.trading, self.consumption, self.messages)
        return all(is_loopback(base) for base in bases)

    @property
    def hosts(self) -> frozenset[str]:
        """Return the host names that requests go to."""
        bases = (self.platform, self.trading, self.consumption, self.messages)
        return frozenset(urlsplit(base).hostname or "" for base in bases)


def _hosted(part: str) -> Endpoints:
    domain = f"api.{part}.thegrid.ai"
    return Endpoints(
        platform=f"https://platform.{domain}",
        trading=f"https://trading.{domain}/v1",
        consumption=f"https://{domain}/v1",
        messages=f"https://messages-beta.{domain}/v1",
    )


ENVIRONMENTS: Mapping[str, Endpoints] = MappingProxyType(
    {
        "production": Endpoints(),
        "dev": _hosted("dev"),
        "staging": _hosted("staging"),
        "local": Endpoints(
            platform="http://localhost:4020",
            trading="http://127.0.0.1:4040/v1",
            consumption="http://127.0.0.1:4000/v1",
            messages="http://127.0.0.1:4002/v1",
        ),
    }
)
"""The vendor's environments by name; `local` is where an emulator listens by default."""


def environment_name(endpoints: Endpoints) -> str | None:
    """Name the vendor's environment that a market is, or return None where it is none of them."""
    return next((name for name, market in ENVIRONMENTS.items() if market == endpoints), None)


def completed(**said: str) -> Endpoints:
    """Complete a market of which only some addresses are said.

    Those of a known environment complete each other. A trading address beyond them is taken to be
    all of its market, so that nothing meant for it goes to production.

    Args:
        **said: Addresses by the names of `Endpoints`; empty ones are not said.

    Returns:
        The market; production where neither the trading nor the platform address tells another.

    Raises:
        Misuse: An address cannot be used.
    """
    given = {name: value for name, value in said.items() if value}
    checked = Endpoints(**given)
    if "trading" in given:
        market = _known("trading", checked.trading) or _all_at(checked.trading)
    else:
        market = _known("platform", checked.platform) or Endpoints()
    return replace(market, **{name: getattr(checked, name) for name in given})


def _known(part: str, address: str) -> Endpoints | None:
    return next((it for it in ENVIRONMENTS.values() if getattr(it, part) == address), None)


def _all_at(trading: str) -> Endpoints:
    platform = platform_origin(trading)
    return Endpoints(platform=platform, trading=trading, consumption=trading, messages=trading)
