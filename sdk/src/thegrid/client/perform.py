"""Carrying out a plan's actions at the market, one function per kind of action.

Actions on the places that workloads read (a stack's outputs, a Secret) are not here: each front
door has its own.
"""

from __future__ import annotations

from thegrid.client.api import Client
from thegrid.core.model import MintedKey
from thegrid.core.rotation import Mint, Revoke
from thegrid.core.settings import SetAutoBuy, SetMode, SettingsAction


def mint(client: Client, action: Mint) -> MintedKey:
    """Create a key. Its secret cannot be read again: store what this returns before anything else.

    Args:
        client: The market.
        action: What to make.

    Returns:
        The key with its secret.

    Raises:
        Refused: The market said no.
        Unreachable: Nothing was sent.
        InDoubt: The key may exist. It carries its tag, so the next plan finds it.
    """
    return client.create_consumption_key(action.name, action.expires_at)


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
