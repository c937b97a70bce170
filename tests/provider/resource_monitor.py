# ruff: noqa: N802 - the names of methods are the protocol's
"""What a running program talks to, as far as the Pulumi SDK needs it."""

import uuid
from types import SimpleNamespace
from typing import Any

from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import provider_pb2, resource_pb2
from tests.provider.engine_state import (
    DYNAMIC,
    PROVIDER_TYPE,
    UNKNOWN,
    Recorded,
    Refused,
    Run,
    name_of,
    strip,
    struct,
)


class Monitor:
    """What a running program talks to: it registers each resource as the real engine would."""

    def __init__(self, engine: Any, run: Run, *, preview: bool, replace: str) -> None:
        self.engine, self.run = engine, run
        self.preview, self.replace = preview, replace
        self.state = engine.state
        self.seen: list[str] = []
        self.replaced: list[tuple[str, Recorded]] = []
        self.failure: Refused | None = None

    def GetDeploymentInfo(self, request):
        features = [resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS]
        return SimpleNamespace(supportedFeatures=features)

    def SupportsFeature(self, request):
        return SimpleNamespace(hasSupport=request.id == "secrets")

    def SignalAndWaitForShutdown(self, request):
        return empty_pb2.Empty()

    def SetRootResource(self, request):
        return empty_pb2.Empty()

    def Log(self, request):
        return empty_pb2.Empty()

    def RegisterResourceOutputs(self, request):
        self.run.exports.update(json_format.MessageToDict(request.outputs))
        return empty_pb2.Empty()

    def RegisterResource(self, request):
        urn = _urn(request)
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        try:
            return self._register(urn, request)
        except Refused as failure:
            self.failure = self.failure or failure
            raise

    def ReadResource(self, request):
        """Read what a program looks up by its id; it enters the state, and is never deleted."""
        urn, properties = _urn(request), json_format.MessageToDict(request.properties)
        self.seen.append(urn)
        wanted = provider_pb2.ReadRequest(
            id=request.id,
            urn=urn,
            properties=struct({name: strip(it)[0] for name, it in properties.items()}),
        )
        try:
            answer = self.engine.ask(request.provider, "Read", wanted)
            if not answer.id:
                raise Refused(f"resource '{request.id}' does not exist")
        except Refused as failure:
            self.failure = self.failure or failure
            raise
        outputs, marked = self.engine.taken(answer.properties)
        recorded = Recorded(
            request.type, request.id, {}, outputs, marked, request.provider, external=True
        )
        if not self.preview:
            self.state[urn] = recorded
        self.run.steps[request.name] = "read"
        return resource_pb2.ReadResourceResponse(
            urn=urn, properties=struct(recorded.marked_outputs())
        )

    def finish(self) -> None:
        """Delete replaced halves, then what the program no longer has, newest first."""
        for urn, recorded in self.replaced:
            self.engine.delete(urn, recorded)
        for urn in reversed([urn for urn in self.state if urn not in self.seen]):
            self.engine.delete(urn, self.state[urn])
            del self.state[urn]
            self.run.steps[name_of(urn)] = "delete"

    def _register(self, urn: str, request: Any) -> Any:
        self.seen.append(urn)
        sent = json_format.MessageToDict(request.object)
        stripped = {name: strip(value) for name, value in sent.items()}
        inputs = {name: value for name, (value, _) in stripped.items()}
        secrets = {name for name, (_, secret) in stripped.items() if secret}
        secrets |= set(request.additionalSecretOutputs)
        old = self.state.get(urn)
        if request.type == PROVIDER_TYPE:
            id_ = old.id if old else str(uuid.uuid4())
            recorded = Recorded(request.type, id_, inputs, inputs, set(), "", secrets)
            self.state[urn] = recorded
            return self._answer(urn, recorded)
        if not request.type.startswith(DYNAMIC):
            recorded = self._play(urn, request, inputs, old)
        else:
            recorded = self._step(urn, request, inputs, old)
        recorded.declared_secrets = secrets
        if not self.preview:
            self.state[urn] = recorded
        return self._answer(urn, recorded)

    def _play(self, urn, request, inputs, old) -> Recorded:
        """Record a resource of another package's provider as if that had made it as declared."""
        step = "create" if old is None else "same" if old.inputs == inputs else "update"
        self.run.steps[name_of(urn)] = step
        return Recorded(request.type, request.name, inputs, inputs, set(), "", external=True)

    def _step(self, urn, request, news, old) -> Recorded:
        ask, server = self.engine.ask, request.provider
        checked = ask(
            server,
            "Check",
            provider_pb2.CheckRequest(
                urn=urn, olds=struct(old.inputs if old else {}), news=struct(news)
            ),
        )
        if checked.failures:
            failure = checked.failures[0]
            raise Refused(f"property {failure.property} has a problem: {failure.reason}")
        inputs, _ = self.engine.taken(checked.inputs)
        step = self._decide(urn, server, inputs, old)
        self.run.steps[name_of(urn)] = step
        if step == "same":
            return Recorded(old.type, old.id, inputs, old.outputs, old.marked, server)
        if self.preview:
            known = {name: value for name, value in inputs.items() if UNKNOWN not in str(value)}
            return Recorded(request.type, old.id if old else "", inputs, known, set(), server)
        if step == "update":
            answer = ask(
                server,
                "Update",
                provider_pb2.UpdateRequest(
                    id=old.id, urn=urn, olds=struct(old.outputs), news=struct(inputs)
                ),
            )
            outputs, marked = self.engine.taken(answer.properties)
            return Recorded(request.type, old.id, inputs, outputs, marked, server)
        if old and self.deletes_first:
            self.engine.delete(urn, old)
            del self.state[urn]
            old = None
        answer = ask(
            server, "Create", provider_pb2.CreateRequest(urn=urn, properties=struct(inputs))
        )
        if old:
            self.replaced.append((urn, old))
        outputs, marked = self.engine.taken(answer.properties)
        return Recorded(request.type, answer.id, inputs, outputs, marked, server)

    def _decide(self, urn, server, inputs, old) -> str:
        self.deletes_first = False
        if old is None:
            return "create"
        if name_of(urn) in self.replace.split():  # another provider alone replaces nothing
            return "replace"
        found = self.engine.ask(
            server,
            "Diff",
            provider_pb2.DiffRequest(
                id=old.id, urn=urn, olds=struct(old.outputs), news=struct(inputs)
            ),
        )
        assert found.changes != provider_pb2.DiffResponse.DIFF_UNKNOWN, "diff must be explicit"
        if found.replaces:
            self.deletes_first = found.deleteBeforeReplace
            return "replace"
        return "update" if found.changes == provider_pb2.DiffResponse.DIFF_SOME else "same"

    def _answer(self, urn, recorded):
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=recorded.id, object=struct(recorded.marked_outputs())
        )


def _urn(request) -> str:
    parent = request.parent.split("::")[2] if request.parent else ""
    parent = parent.removesuffix("pulumi:pulumi:Stack")
    kind = f"{parent}${request.type}" if parent else request.type
    return f"urn:pulumi:dev::project::{kind}::{request.name}"
