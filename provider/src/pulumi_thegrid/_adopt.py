"""What of an account can be taken over by a stack, read without changing anything."""

from __future__ import annotations

from pulumi_thegrid._adoption import Found
from pulumi_thegrid._connection import Connection
from pulumi_thegrid._lifecycles.account_settings import AccountSettingsLifecycle
from pulumi_thegrid._providers import AccountSettingsProvider
from pulumi_thegrid.account_settings import AccountSettings
from thegrid.client import GridError


def found_settings(connection: Connection) -> Found:
    """Read the settings of the account.

    Auto-buy is left out, since the mode dictates it, and so is what a program may not declare.

    Raises:
        GridError: They cannot be read.
    """
    lifecycle = AccountSettingsLifecycle()
    account_id = connection.account_id()
    outputs = lifecycle.read(connection, {"account_id": account_id})
    if outputs is None:
        raise GridError(f"account {account_id} has no settings")
    unsaid = dict.fromkeys(lifecycle.inputs)
    seen = {
        name: outputs[name]
        for name in AccountSettings.__annotations__
        if name in lifecycle.inputs - {"auto_buy_enabled"} and outputs[name] is not None
    }
    refused = {problem.field for problem in lifecycle.check({**unsaid, **seen}).problems}
    said = {name: value for name, value in seen.items() if name not in refused}
    return Found(
        kind=AccountSettings,
        provider=AccountSettingsProvider(),
        name="account",
        id=account_id,
        arguments=said,
        inputs={**unsaid, **said},
        outputs=outputs,
        comment="What the account may do by itself.",
    )
