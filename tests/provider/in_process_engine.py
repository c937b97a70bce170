# ruff: noqa: N802 - the names of methods are the protocol's
"""A small engine in this process: it drives the real provider server over gRPC, as the CLI would.

It keeps a state, and knows preview, create, update, replacement (create before delete), delete and
refresh. Secrets are treated as the real engine treats them: marks are taken off before a call, and
an output is secret if its value comes back marked, an input of the same name is secret, or the
resource says so.
"""

import asyncio
import contextvars
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import Settings, configure, run_in_stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROVIDER_TYPE = "pulumi:providers:pulumi-python"


class Refused(RuntimeError):
    """An operation of the provider failed; the text is what the CLI would show."""


def strip(value: Any) -> tuple[Any, bool]:
    """Take secret marks off a value; tell whether there was one."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return strip(value["value"])[0], True
        parts = {name: strip(part) for name, part in value.items()}
        return {name: part for name, (part, _) in parts.items()}, any(s for _, s in parts.values())
    if isinstance(value, list):
        stripped = [strip(part) for part in value]
        return [part for part, _ in stripped], any(secret for _, secret in stripped)
    return value, False


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(properties, struct_pb2.Struct())


@dataclass
class Recorded:
    """One resource in the state."""

    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    marked: set[str]
    server: str
    declared_secrets: set[str] = field(default_factory=set)
    external: bool = False

    @property
    def secrets(self):
        return self.marked | self.declared_secrets

    def marked_outputs(self):
        return {
            name: {SIGNATURE: SECRET, "value": value} if name in self.secrets else value
            for name, value in self.outputs.items()
        }


@dataclass
class Server:
    """One provider process."""

    process: int
    calls: provider_pb2_grpc.ResourceProviderStub
    channel: grpc.Channel


class ServerStarter:
    """Starts provider servers by `prepared_server.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = Path(__file__).with_name("prepared_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.count = 0
        self.outputs: list[Path] = []

    def start(self, engine: str, environment: dict[str, str], config: dict[str, Any]) -> Server:
        self.count += 1
        output = self.folder / f"server-{self.count}"
        self.outputs.append(output)
        request = {"engine": engine, "environment": environment, "output": str(output)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        process = int(self.process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{_first_line(output)}")
        calls = provider_pb2_grpc.ResourceProviderStub(channel)
        calls.Configure(provider_pb2.ConfigureRequest(args=struct(config)), wait_for_ready=True)
        return Server(process, calls, channel)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def _first_line(file: Path) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and "\n" in (text := file.read_text()):
            return text.splitlines()[0]
        time.sleep(0.002)
    raise TimeoutError(f"the provider server printed no port: {file.read_text()}")


class LogOfEngine(engine_pb2_grpc.EngineServicer):
    """Takes what providers want to show."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def Log(self, request, context):
        self.lines.append(request.message)
        return empty_pb2.Empty()


@dataclass
class Run:
    """What one `preview`, `up`, `refresh` or `destroy` did."""

    steps: dict[str, str] = field(default_factory=dict)
    exports: dict[str, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)


class Engine:
    """One stack and its state.

    Args:
        starter: Starts provider servers.
        log: What providers show.
        address: Where providers reach the log.
        config: The stack's configuration; values of keys in `secret_keys` are secret.
        environment: What provider processes see beside this process's environment.
        settle: Called before each command, so that it finds what the one before it changed.
    """

    secret_keys = frozenset({"thegrid:accessToken"})

    def __init__(self, starter, log, address, config, environment, settle=lambda: None) -> None:
        self.starter, self.log, self.address = starter, log, address
        self.config, self.environment = dict(config), dict(environment)
        self.settle = settle
        self.state: dict[str, Recorded] = {}
        self.servers: dict[str, Server] = {}
        self.starting = threading.Lock()
        self.unmarked: list[Any] = []

    def preview(self, program) -> Run:
        return self._run(program, preview=True)

    def up(self, program, *, replace: str = "") -> Run:
        """Run a program; `replace` names a resource to replace whatever its provider says."""
        return self._run(program, preview=False, replace=replace)

    def refresh(self) -> Run:
        self.settle()
        run = Run()
        for urn, recorded in list(self.state.items()):
            if recorded.type == PROVIDER_TYPE:
                continue
            request = provider_pb2.ReadRequest(
                id=recorded.id,
                urn=urn,
                properties=struct(recorded.outputs),
                inputs=struct(recorded.inputs),
            )
            answer = self._ask(recorded.server, "Read", request)
            if not answer.id:
                del self.state[urn]
                run.steps[_name(urn)] = "gone"
                continue
            old = recorded.outputs
            recorded.outputs, recorded.marked = self._taken(answer.properties)
            run.steps[_name(urn)] = "same" if recorded.outputs == old else "changed"
        return run

    def destroy(self) -> Run:
        self.settle()
        run = Run()
        with self._logging(run):
            for urn in reversed(list(self.state)):
                self._delete(urn, self.state[urn])
                del self.state[urn]  # not before: what could not be deleted stays recorded
                run.steps[_name(urn)] = "delete"
        return run

    def forget_servers(self) -> None:
        """Let go of all processes; the next command starts anew."""
        for server in self.servers.values():
            server.channel.close()
        self.servers.clear()

    def kill_servers(self) -> None:
        """End all provider processes as `kill -9` does; the next command starts anew."""
        for server in self.servers.values():
            os.kill(server.process, signal.SIGKILL)
        self.forget_servers()

    def outputs(self, name: str) -> dict[str, Any]:
        return next(it.outputs for urn, it in self.state.items() if _name(urn) == name)

    def recorded(self, name: str) -> Recorded:
        return next(it for urn, it in self.state.items() if _name(urn) == name)

    def _run(self, program, *, preview: bool, replace: str = "") -> Run:
        self.settle()
        run = Run()
        monitor = Monitor(self, run, preview=preview, replace=replace)
        with self._logging(run):
            contextvars.copy_context().run(self._run_program, program, monitor, preview)
            if not preview:
                monitor.finish()
        self.state = monitor.state if not preview else self.state
        return run

    def _run_program(self, program, monitor, preview) -> None:
        configure(
            Settings(
                project="project", stack="dev", monitor=monitor, engine=monitor, dry_run=preview,
                organization="organization",
            )
        )  # fmt: skip
        set_all_config(self.config, list(self.secret_keys))
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # what failed is raised below
        with ThreadPoolExecutor() as executor:
            loop.set_default_executor(executor)
            try:
                loop.run_until_complete(run_in_stack(program))
            except Exception:
                if monitor.failure:
                    raise monitor.failure from None
                raise
            finally:
                for task in asyncio.all_tasks(loop):
                    task.cancel()
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.close()

    def _logging(self, run: Run):
        return _Logging(self.log, run)

    def server(self, reference: str) -> Server:
        """Return the process of a provider, a new one if its settings have changed."""
        explicit = self.state.get(reference.rpartition("::")[0])
        config = explicit.inputs if explicit else self.config
        settings = json.dumps([config, self.environment], sort_keys=True)
        with self.starting:  # resources register side by side, and share one process
            if settings not in self.servers:
                self.servers[settings] = self.starter.start(self.address, self.environment, config)
            return self.servers[settings]

    def _ask(self, reference: str, method: str, request: Any) -> Any:
        try:
            answer = getattr(self.server(reference).calls, method)(request)
        except grpc.RpcError as error:
            raise Refused(error.details()) from None
        return answer

    def _taken(self, properties: struct_pb2.Struct) -> tuple[dict[str, Any], set[str]]:
        marked = json_format.MessageToDict(properties)
        stripped = {name: strip(value) for name, value in marked.items()}
        plain = {name: value for name, (value, _) in stripped.items()}
        secrets = {name for name, (_, secret) in stripped.items() if secret}
        self.unmarked.append({name: plain[name] for name in plain.keys() - secrets})
        return plain, secrets

    def _delete(self, urn: str, recorded: Recorded) -> None:
        if recorded.type != PROVIDER_TYPE and not recorded.external:
            request = provider_pb2.DeleteRequest(
                id=recorded.id, urn=urn, properties=struct(recorded.outputs)
            )
            self._ask(recorded.server, "Delete", request)


class _Logging:
    def __init__(self, log, run) -> None:
        self.log, self.run = log, run

    def __enter__(self):
        self.log.lines.clear()

    def __exit__(self, *_):
        self.run.log = list(self.log.lines)


class Monitor:
    """What a running program talks to: it registers each resource as the real engine would."""

    def __init__(self, engine: Engine, run: Run, *, preview: bool, replace: str) -> None:
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
            answer = self.engine._ask(request.provider, "Read", wanted)
            if not answer.id:
                raise Refused(f"resource '{request.id}' does not exist")
        except Refused as failure:
            self.failure = self.failure or failure
            raise
        outputs, marked = self.engine._taken(answer.properties)
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
            self.engine._delete(urn, recorded)
        for urn in reversed([urn for urn in self.state if urn not in self.seen]):
            self.engine._delete(urn, self.state[urn])
            del self.state[urn]
            self.run.steps[_name(urn)] = "delete"

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
        recorded = self._step(urn, request, inputs, old)
        recorded.declared_secrets = secrets
        if not self.preview:
            self.state[urn] = recorded
        return self._answer(urn, recorded)

    def _step(self, urn, request, news, old) -> Recorded:
        ask, server = self.engine._ask, request.provider
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
        inputs, _ = self.engine._taken(checked.inputs)
        step = self._decide(urn, server, inputs, old)
        self.run.steps[_name(urn)] = step
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
            outputs, marked = self.engine._taken(answer.properties)
            return Recorded(request.type, old.id, inputs, outputs, marked, server)
        if old and self.deletes_first:
            self.engine._delete(urn, old)
            del self.state[urn]
            old = None
        answer = ask(
            server, "Create", provider_pb2.CreateRequest(urn=urn, properties=struct(inputs))
        )
        if old:
            self.replaced.append((urn, old))
        outputs, marked = self.engine._taken(answer.properties)
        return Recorded(request.type, answer.id, inputs, outputs, marked, server)

    def _decide(self, urn, server, inputs, old) -> str:
        self.deletes_first = False
        if old is None:
            return "create"
        if _name(urn) == self.replace:  # another provider alone replaces nothing
            return "replace"
        found = self.engine._ask(
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


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
