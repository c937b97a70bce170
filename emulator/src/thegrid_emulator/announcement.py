"""What the command prints when it is ready: a banner for a person, or one line for a program."""

import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from thegrid_emulator.listeners import Ports
from thegrid_emulator.running import AccountAccess
from thegrid_emulator.server import Addresses

_BANNER = """\
This is an emulator of The Grid, not The Grid. It forgets everything when it ends (Ctrl+C).

  platform     {platform}  (prefixes /api/v1 and /v1; /_emulator to control it)
  trading      {trading}
  consumption  {consumption}
  messages     {messages}
  gateway      {gateway}

  dashboard    {platform}/dashboard
  account      {email}  ({user_id})
{variant}
To point a client at it:

  export THEGRID_PLATFORM_URL={platform}
  export THEGRID_TRADING_URL={trading}
  export THEGRID_CONSUMPTION_URL={consumption}
  export THEGRID_MESSAGES_URL={messages}
{trust}  export THEGRID_ACCESS_TOKEN={access_token}
{login}"""

_LOGIN = """
Or keep a login, which is renewed by itself:

  thegrid login --environment local
"""


def banner(
    addresses: Addresses, account: AccountAccess, variant: str, authority_file: Path | None
) -> str:
    """Return what tells a person where everything is and how to point a client at it.

    Args:
        addresses: of the surfaces.
        account: one to begin with.
        variant: the flags by which it is unlike the plain emulator; empty if it is not.
        authority_file: what clients must trust; None without TLS.
    """
    trust = "" if authority_file is None else f"  export SSL_CERT_FILE={authority_file}\n"
    login = _LOGIN if _is_local_environment(addresses) else ""
    said = f"  variant      {variant}\n" if variant else ""
    values = addresses.as_dict() | asdict(account)
    return _BANNER.format(**values, trust=trust, variant=said, login=login)


def _is_local_environment(addresses: Addresses) -> bool:
    """Return whether the vendor's environment `local` leads here."""
    urls = {name: urlsplit(url) for name, url in addresses.as_dict().items()}
    ports = {name: url.port for name, url in urls.items()}
    return ports == asdict(Ports()) and all(it.scheme == "http" for it in urls.values())


def json_line(
    addresses: Addresses, account: AccountAccess, variant: str, authority_file: Path | None
) -> str:
    """Return the same as `banner` for a program to read, in one line."""
    file = None if authority_file is None else str(authority_file)
    said = {
        **addresses.as_dict(),
        "variant": variant,
        "authority_file": file,
        "account": asdict(account),
    }
    return json.dumps(said) + "\n"
