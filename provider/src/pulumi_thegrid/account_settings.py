"""The settings of an account."""

from __future__ import annotations

from typing import Any, Literal

import pulumi
from pulumi.dynamic import Resource

from pulumi_thegrid._engine import looked_up
from pulumi_thegrid._providers import AccountSettingsProvider


class AccountSettings(Resource, module="thegrid", name="AccountSettings"):
    """The settings that are declared; the others stay as they are.

    An account has one set of settings, so declare them once. Deleting the resource restores
    nothing, and says so. In mode `easy` the platform buys and transfers by itself, in `advanced`
    trading is left to the owner; the mode dictates `auto_buy_enabled`. A change to `easy` is
    refused while orders are open, and they are named: the market would neither cancel them nor let
    anybody do so later. That check needs the scope `trade:read`. The reload settings are written
    first, then auto-buy, then the mode, so that the limits are in place before money is spent.

    Args:
        resource_name: The resource's name in the program.
        mode: `easy` or `advanced`.
        auto_buy_enabled: Whether the platform buys units when they run out.
        auto_reload_enabled: Whether the saved payment method is charged when US dollars run out.
        auto_reload_threshold_usd: Reload when the balance falls below this many US dollars, as text
            such as `10.00`.
        auto_reload_amount_usd: How many US dollars one reload charges, as text.
        auto_reload_monthly_limit_usd: At most this many US dollars in a calendar month, as text; at
            least one reload's amount.
        opts: Pulumi's options; `provider` may be a `pulumi_thegrid.Provider`.
    """

    mode: pulumi.Output[str]
    """The mode as it is."""
    auto_buy_enabled: pulumi.Output[bool]
    """Whether the platform buys units when they run out."""
    auto_transfer_enabled: pulumi.Output[bool]
    """Whether it moves them to consumption; the mode dictates this."""
    auto_reload_enabled: pulumi.Output[bool]
    """Whether the saved payment method is charged when US dollars run out."""
    auto_reload_threshold_usd: pulumi.Output[str | None]
    """US dollars as text, without zeros at the end."""
    auto_reload_amount_usd: pulumi.Output[str | None]
    """US dollars as text, without zeros at the end."""
    auto_reload_monthly_limit_usd: pulumi.Output[str | None]
    """US dollars as text, without zeros at the end."""
    account_id: pulumi.Output[str]
    """The user id of the account, which is the resource's id too."""

    def __init__(
        self,
        resource_name: str,
        *,
        mode: pulumi.Input[Literal["easy", "advanced"] | str] | None = None,
        auto_buy_enabled: pulumi.Input[bool] | None = None,
        auto_reload_enabled: pulumi.Input[bool] | None = None,
        auto_reload_threshold_usd: pulumi.Input[str] | None = None,
        auto_reload_amount_usd: pulumi.Input[str] | None = None,
        auto_reload_monthly_limit_usd: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        outputs: dict[str, Any] = dict.fromkeys(AccountSettings.__annotations__)
        inputs = {
            "mode": mode,
            "auto_buy_enabled": auto_buy_enabled,
            "auto_reload_enabled": auto_reload_enabled,
            "auto_reload_threshold_usd": auto_reload_threshold_usd,
            "auto_reload_amount_usd": auto_reload_amount_usd,
            "auto_reload_monthly_limit_usd": auto_reload_monthly_limit_usd,
        }
        super().__init__(AccountSettingsProvider(), resource_name, outputs | inputs, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as Pulumi calls it everywhere
        opts: pulumi.ResourceOptions | None = None,
    ) -> AccountSettings:
        """Look the settings up, at every `up`, without managing them.

        Args:
            resource_name: The resource's name in the program.
            id: The user id of the account, which must be the login's.
            opts: Pulumi's options.

        Returns:
            The settings as they are.
        """
        return cls(resource_name, opts=looked_up(opts, id))
