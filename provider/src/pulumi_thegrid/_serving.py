"""What a provider process does for every kind of resource. Programs never import it.

What belongs here: the translation between Pulumi's wire and a lifecycle. What does not: what a
resource does (`_lifecycles`), and what states refer to (`_providers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    UpdateResult,
)

from pulumi_thegrid import _engine
from pulumi_thegrid._connection import Connection, connect
from pulumi_thegrid._failure import failed
from pulumi_thegrid._lifecycles.account_settings import AccountSettingsLifecycle
from pulumi_thegrid._lifecycles.consumption_key import ConsumptionKeyLifecycle
from pulumi_thegrid._lifecycles.intent import IntentLifecycle
from pulumi_thegrid._lifecycles.lifecycle import Lifecycle
from pulumi_thegrid._lifecycles.stack_identity import StackIdentityLifecycle
from pulumi_thegrid._lifecycles.standing_order import StandingOrderLifecycle
from pulumi_thegrid._lifecycles.trading_key import TradingKeyLifecycle
from pulumi_thegrid._lifecycles.transfer import TransferLifecycle
from pulumi_thegrid._login import Login
from thegrid.client import GridError

_LIFECYCLES: Mapping[str, Lifecycle] = {
    lifecycle.kind: lifecycle
    for lifecycle in (
        StackIdentityLifecycle(),
        ConsumptionKeyLifecycle(),
        TradingKeyLifecycle(),
        AccountSettingsLifecycle(),
        IntentLifecycle(),
        StandingOrderLifecycle(),
        TransferLifecycle(),
    )
}


def serving(kind: str, req: ConfigureRequest) -> Serving:
    """Take up the service of one kind of resource.

    Args:
        kind: The kind, as its lifecycle names it.
        req: The configuration.

    Returns:
        What answers the engine.

    Raises:
        Failed: The configuration cannot be used; one line.
    """
    _engine.quiet_tracebacks()
    lifecycle = _LIFECYCLES[kind]
    with _told(kind, "configure"):
        return Serving(lifecycle, connect(lambda key: req.config.get(f"thegrid:{key}")))


class Serving:
    """One kind of resource and one connection. Safe for several threads.

    The methods answer those of Pulumi's `ResourceProvider`.

    Args:
        lifecycle: What resources of the kind do.
        connection: With which login.
    """

    def __init__(self, lifecycle: Lifecycle, connection: Connection) -> None:
        self._lifecycle = lifecycle
        self._connection = connection

    def check(self, news: dict[str, Any]) -> CheckResult:
        known = self._inputs(news)
        checked = self._lifecycle.check(known)
        unknown = {name: news[name] for name in self._lifecycle.inputs - known.keys()}
        failures = [CheckFailure(problem.field, problem.message) for problem in checked.problems]
        return CheckResult({**checked.inputs, **unknown}, failures)

    def diff(self, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        with self._telling("diff", olds) as connection:
            found = self._lifecycle.diff(connection, _engine.known(olds), self._inputs(news))
        self._tell(found.notices, olds)
        return DiffResult(
            changes=found.changes,
            replaces=list(found.replaces),
            delete_before_replace=found.deletes_first,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        with self._telling("create", props) as connection:
            id_, outputs = self._lifecycle.create(connection, self._inputs(props))
        return CreateResult(id_, self._outputs(outputs))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with self._telling("read", props) as connection:
            outputs = self._read(connection, id_, _engine.known(props))
        if outputs is None:
            return ReadResult(None, {})
        return ReadResult(id_, self._outputs(outputs))

    def _read(
        self, connection: Connection, id_: str, recorded: dict[str, Any]
    ) -> dict[str, Any] | None:
        if recorded.keys() <= self._lifecycle.inputs:  # nothing is recorded: there is only an id
            return self._lifecycle.look_up(connection, id_, recorded)
        return self._lifecycle.read(connection, recorded)

    def update(self, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        with self._telling("update", olds) as connection:
            outputs = self._lifecycle.update(connection, _engine.known(olds), self._inputs(news))
        return UpdateResult(self._outputs(outputs))

    def delete(self, props: dict[str, Any]) -> None:
        with self._telling("delete", props) as connection:
            notices = self._lifecycle.delete(connection, _engine.known(props))
        self._tell(notices, props)

    def _inputs(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Pick the inputs: None where one is not given, nothing where it is not known yet."""
        return _engine.known({name: properties.get(name) for name in self._lifecycle.inputs})

    def _outputs(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        return _engine.mark_secrets(outputs, self._lifecycle.secret_outputs)

    def _subject(self, properties: Mapping[str, Any]) -> str:
        label = properties.get(self._lifecycle.label_field)
        return f"{self._lifecycle.kind} {label!r}" if label else self._lifecycle.kind

    def _tell(self, notices: Iterable[str], properties: Mapping[str, Any]) -> None:
        for notice in notices:
            _engine.tell(f"{self._subject(properties)}: {notice}")

    @contextmanager
    def _telling(self, operation: str, properties: Mapping[str, Any]) -> Iterator[Connection]:
        """Give the connection, and turn what goes wrong into one line that names the resource."""
        with _told(self._subject(properties), operation, self._connection.login):
            yield self._connection


@contextmanager
def _told(subject: str, operation: str, login: Login | None = None) -> Iterator[None]:
    try:
        yield
    except (GridError, ValueError) as error:
        told = failed(subject, operation, error, login)
        raise told from (error if _engine.debugging() else None)
