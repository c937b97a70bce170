"""The provider classes that are pickled into states, and nothing else.

FROZEN: Pulumi stores a reference to these classes in every resource, and deletes and refreshes with
what it stored. So this module's path, the classes' names and the absence of instance state at
pickling are permanent API; `tests/provider` compares the pickles byte by byte. What a resource does
is in `_lifecycles`, and how it is served in `_serving`; both may change.

Programs only name these classes, so they import nothing here that talks to the market.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

if TYPE_CHECKING:
    from pulumi_thegrid._serving import Serving


class _LifecycleProvider(ResourceProvider):
    """Hands on to the service of its kind. Safe for threads once configured."""

    serialize_as_secret_always = False  # the pickle is a reference to a class
    _kind: ClassVar[str]
    _serving: Serving  # the engine configures before it asks

    def configure(self, req: ConfigureRequest) -> None:
        from pulumi_thegrid._serving import serving  # noqa: PLC0415 - only provider processes serve

        self._serving = serving(self._kind, req)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return self._serving.check(news)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return self._serving.diff(olds, news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return self._serving.create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return self._serving.read(id_, props)

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return self._serving.update(olds, news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        self._serving.delete(props)


class StackIdentityProvider(_LifecycleProvider):
    """Provider of `StackIdentity`."""

    _kind = "StackIdentity"


class ConsumptionKeyProvider(_LifecycleProvider):
    """Provider of `ConsumptionKey`."""

    _kind = "ConsumptionKey"


class TradingKeyProvider(_LifecycleProvider):
    """Provider of `TradingKey`."""

    _kind = "TradingKey"


class AccountSettingsProvider(_LifecycleProvider):
    """Provider of `AccountSettings`."""

    _kind = "AccountSettings"


class IntentProvider(_LifecycleProvider):
    """Provider of `Intent`."""

    _kind = "Intent"


class StandingOrderProvider(_LifecycleProvider):
    """Provider of `StandingOrder`."""

    _kind = "StandingOrder"


class TransferProvider(_LifecycleProvider):
    """Provider of `Transfer`."""

    _kind = "Transfer"
