"""Carrying out a plan's actions at the market, one function per kind of action.

Actions on the places that workloads read (a stack's outputs, a Secret) are not here: each front
door has its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from thegrid.client.api import Client
from thegrid.client.errors import GridError
from thegrid.core.model import MintedKey
from thegrid.core.rotation import Mint, Revoke
from thegrid.core.settings import SetAutoBuy, SetMode, SettingsAction


def mint(client: Client, action: Mint, store: Callable[[MintedKey], None]) -> MintedKey:
    """Create a key and store it at once, since its secret cannot be read again.

    What `store` raises is passed on, after the key was revoked; so nobody else may take up what
    `store` writes before this returns.

    Args:
        client: The market.
        action: What to make.
        store: Writes the key where it belongs; nothing is done between the answer and this.

    Returns:
        The key.

    Raises:
        Refused: The market said no.
        Unreachable: Nothing was sent.
        InDoubt: The key may exist. It carries its tag, so the next plan finds and revokes it.
    """
    minted = client.create_consumption_key(action.name, action.expires_at)
    try:
        store(minted)
    except Exception:
        # Nobody can have its secret: revoked now, it need not be found as a stray later. Should
        # the write have succeeded after all, the next plan drops the dead pending key.
        with suppress(GridError):
            client.revoke_consumption_key(minted.key.id)
        raise
    return minted


def revoke(client: Client, action: Revoke) -> None:
    """Revoke a key; one that is revoked or unknown counts as done.

    Args:
        client: The market.
        action: What to revoke.

    Raises:
        Refused: The market said no.
        Unreachable: No usable answer came; revoking again is safe.
    """
    client.revoke_consumption_key(action.key_id)


def write_setting(client: Client, action: SettingsAction) -> None:
    """Write one setting of the account.

    Args:
        client: The market.
        action: What to write.

    Raises:
        Refused: The market said no, for example `mode_managed_setting`.
        Unreachable: No usable answer came; writing again is safe.
        InDoubt: The mode may have changed.
    """
    if isinstance(action, SetMode):
        client.set_account_mode(action.mode)
    elif isinstance(action, SetAutoBuy):
        client.set_auto_buy(enabled=action.enabled)
    else:
        client.set_auto_reload(action)
