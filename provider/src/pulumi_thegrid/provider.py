"""An explicit provider, for programs that manage several accounts."""

from __future__ import annotations

import pulumi

from pulumi_thegrid._connection import CONFIGURATION, ROTATION_KEY


class Provider(pulumi.ProviderResource):
    """One account at one market, for `ResourceOptions(provider=...)`.

    What is not given comes from the stack's configuration (`thegrid:accessToken` and so on), then
    from the variables `THEGRID_ACCESS_TOKEN` and so on.

    Args:
        resource_name: The resource's name in the program.
        access_token: A short-lived access token with the scopes that the resources need. It is
            never refreshed.
        platform_url: Origin of the platform host, without a path.
        trading_url: Base of the trading host, with `/v1`.
        consumption_url: Base of the OpenAI-shaped host, with `/v1`.
        messages_url: Base of the Anthropic-shaped host, with `/v1`.
        platform_prefix: Path before every platform call, such as `/api/v1`.
        rotation: `clock` (the default) to rotate keys when they are due, `hold` to rotate them only
            when asked.
        opts: Pulumi's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        access_token: pulumi.Input[str] | None = None,
        platform_url: pulumi.Input[str] | None = None,
        trading_url: pulumi.Input[str] | None = None,
        consumption_url: pulumi.Input[str] | None = None,
        messages_url: pulumi.Input[str] | None = None,
        platform_prefix: pulumi.Input[str] | None = None,
        rotation: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        configured = pulumi.Config("thegrid")
        token: pulumi.Input[str] | None = (
            configured.get_secret("accessToken")
            if access_token is None
            else pulumi.Output.secret(access_token)
        )
        plain = {
            CONFIGURATION["platform_url"]: platform_url,
            CONFIGURATION["trading_url"]: trading_url,
            CONFIGURATION["consumption_url"]: consumption_url,
            CONFIGURATION["messages_url"]: messages_url,
            CONFIGURATION["platform_prefix"]: platform_prefix,
            ROTATION_KEY: rotation,
        }
        settings = {
            f"thegrid:{key}": configured.get(key) if value is None else value
            for key, value in plain.items()
        }
        props = {f"thegrid:{CONFIGURATION['access_token']}": token} | settings
        given = {key: value for key, value in props.items() if value is not None}
        super().__init__("pulumi-python", resource_name, given, opts)
