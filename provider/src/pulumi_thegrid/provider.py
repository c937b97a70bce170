"""An explicit provider, for programs that manage several accounts."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from pulumi_thegrid._settings import CONFIGURATION, ROTATION_KEY

_ADDRESSES = ("platform_url", "trading_url", "consumption_url", "messages_url", "platform_prefix")
_NEVER_REFRESHED = (
    "Provider {name!r}: refresh_token: not accepted, because a refresh uses it up and the new one "
    "could not be written back to a program or a stack's configuration; give a short-lived "
    "access_token, or name a profile, whose login is refreshed"
)


class Provider(pulumi.ProviderResource):
    """One account at one market, for `ResourceOptions(provider=...)`.

    What is not given comes from the stack's configuration (`thegrid:accessToken`,
    `thegrid:profile` and so on), then from the variables `THEGRID_ACCESS_TOKEN`, `THEGRID_PROFILE`
    and so on. A `profile` that is given here brings its market along, so that no address of the
    stack's configuration is used with it.

    Args:
        resource_name: The resource's name in the program.
        access_token: A short-lived access token with the scopes that the resources need. It is
            never refreshed.
        profile: The profile of `thegrid login` to act as, instead of an access token. Its login is
            refreshed as needed, and is not recorded in the state.
        platform_url: Origin of the platform host, without a path.
        trading_url: Base of the trading host, with `/v1`.
        consumption_url: Base of the OpenAI-shaped host, with `/v1`.
        messages_url: Base of the Anthropic-shaped host, with `/v1`.
        platform_prefix: Path before every platform call, such as `/api/v1`.
        rotation: `clock` (the default) to rotate keys when they are due, `hold` to rotate them only
            when asked.
        refresh_token: Always refused, with the reason.
        opts: Pulumi's options.

    Raises:
        pulumi.RunError: A refresh token was given, or both an access token and a profile.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        access_token: pulumi.Input[str] | None = None,
        profile: pulumi.Input[str] | None = None,
        platform_url: pulumi.Input[str] | None = None,
        trading_url: pulumi.Input[str] | None = None,
        consumption_url: pulumi.Input[str] | None = None,
        messages_url: pulumi.Input[str] | None = None,
        platform_prefix: pulumi.Input[str] | None = None,
        rotation: pulumi.Input[str] | None = None,
        refresh_token: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        configured = pulumi.Config("thegrid")
        if refresh_token is not None or configured.get_secret(CONFIGURATION["refresh_token"]):
            raise pulumi.RunError(_NEVER_REFRESHED.format(name=resource_name))
        if access_token is not None and profile is not None:
            text = f"Provider {resource_name!r}: give an access_token or a profile, not both"
            raise pulumi.RunError(text)
        addresses = (platform_url, trading_url, consumption_url, messages_url, platform_prefix)
        given = dict(zip(_ADDRESSES, addresses, strict=True))
        settings: dict[str, pulumi.Input[str] | None] = {
            **_login(configured, access_token, profile),
            **(given if profile is not None else _with_configured(configured, given)),
        }
        held = configured.get(ROTATION_KEY) if rotation is None else rotation
        props = {CONFIGURATION[name]: value for name, value in settings.items()}
        self._settings: dict[str, pulumi.Input[str]] = {
            key: value for key, value in (props | {ROTATION_KEY: held}).items() if value is not None
        }
        super().__init__(
            "pulumi-python",
            resource_name,
            {f"thegrid:{key}": value for key, value in self._settings.items()},
            opts,
        )

    def known_settings(self) -> pulumi.Output[Mapping[str, str]]:
        """Return what the provider was given, by the keys of the configuration namespace.

        It is not marked as secret, so that what is asked with it is not either: keep it to
        yourself.
        """
        gathered = pulumi.Output.all(**self._settings).apply(dict)  # of nothing it makes a list
        return pulumi.Output.unsecret(gathered)


def _login(
    configured: pulumi.Config,
    access_token: pulumi.Input[str] | None,
    profile: pulumi.Input[str] | None,
) -> dict[str, pulumi.Input[str] | None]:
    """Say who acts: what was given comes before all that is configured."""
    if access_token is not None:
        return {"access_token": pulumi.Output.secret(access_token)}
    if profile is not None:
        return {"own_profile": profile}
    return {
        "access_token": configured.get_secret(CONFIGURATION["access_token"]),
        "profile": configured.get(CONFIGURATION["profile"]),
    }


def _with_configured(
    configured: pulumi.Config, given: dict[str, pulumi.Input[str] | None]
) -> dict[str, pulumi.Input[str] | None]:
    return {
        name: configured.get(CONFIGURATION[name]) if value is None else value
        for name, value in given.items()
    }
