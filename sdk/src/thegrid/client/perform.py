"""Carrying out a plan's actions at the market, one function per kind of action.

Actions on the places that workloads read (a stack's outputs, a Secret) are not here: each front
door has its own.
"""

from __future__ import annotations

from thegrid.client.api import Client
from thegrid.core.model import MintedKey, PlacedOrder
from thegrid.core.rotation import Mint, Revoke
from thegrid.core.settings import SetAutoBuy, SetMode, SettingsAction
from thegrid.core.standing_order import Cancel, Change, Place


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


def place_order(client: Client, action: Place) -> PlacedOrder:
    """Place an order of a standing order.

    Args:
        client: The market.
        action: What to place.

    Returns:
        Its identifier; what became of it is read by that.

    Raises:
        Refused: The market said no; with `duplicate_client_order_id` the order exists.
        Unreachable: Nothing was sent.
        InDoubt: The order may be placed. It carries its name, so a listing tells.
    """
    return client.place_order(action.order)


def write_order(client: Client, action: Change | Cancel) -> None:
    """Change or cancel an order.

    Args:
        client: The market.
        action: What to change, or what to cancel; one that is cancelled or unknown counts as done.

    Raises:
        Refused: The market said no, for example since the order has ended.
        Unreachable: No usable answer came; writing again is safe.
    """
    if isinstance(action, Cancel):
        client.cancel_order(action.order_id)
    else:
        client.change_order(action.order_id, price=action.price, quantity=action.quantity)
