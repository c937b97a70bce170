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
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import Settings, configure, run_in_stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2
from tests.provider.engine_state import (
    PROVIDER_TYPE,
    Recorded,
    Refused,
    Run,
    name_of,
    strip,
    struct,
)
from tests.provider.provider_servers import Server
from tests.provider.resource_monitor import Monitor


class LogOfEngine(engine_pb2_grpc.EngineServicer):
    """Takes what providers want to show."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def Log(self, request, context):
        self.lines.append(request.message)
        return empty_pb2.Empty()


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
        """Run a program; `replace` names what to replace, whatever providers say, by spaces."""
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
            answer = self.ask(recorded.server, "Read", request)
            if not answer.id:
                del self.state[urn]
                run.steps[name_of(urn)] = "gone"
                continue
            old = recorded.outputs
            recorded.outputs, recorded.marked = self.taken(answer.properties)
            run.steps[name_of(urn)] = "same" if recorded.outputs == old else "changed"
        return run

    def destroy(self) -> Run:
        self.settle()
        run = Run()
        with self._logging(run):
            for urn in reversed(list(self.state)):
                self.delete(urn, self.state[urn])
                del self.state[urn]  # not before: what could not be deleted stays recorded
                run.steps[name_of(urn)] = "delete"
        return run

    def end_servers(self) -> None:
        """End all provider processes as `kill -9` does; the next command starts anew."""
        for server in self.servers.values():
            server.channel.close()
            os.kill(server.process, signal.SIGKILL)
        self.servers.clear()

    def outputs(self, name: str) -> dict[str, Any]:
        return next(it.outputs for urn, it in self.state.items() if name_of(urn) == name)

    def recorded(self, name: str) -> Recorded:
        return next(it for urn, it in self.state.items() if name_of(urn) == name)

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

    def ask(self, reference: str, method: str, request: Any) -> Any:
        try:
            answer = getattr(self.server(reference).calls, method)(request)
        except grpc.RpcError as error:
            raise Refused(error.details()) from None
        return answer

    def taken(self, properties: struct_pb2.Struct) -> tuple[dict[str, Any], set[str]]:
        marked = json_format.MessageToDict(properties)
        stripped = {name: strip(value) for name, value in marked.items()}
        plain = {name: value for name, (value, _) in stripped.items()}
        secrets = {name for name, (_, secret) in stripped.items() if secret}
        self.unmarked.append({name: plain[name] for name in plain.keys() - secrets})
        return plain, secrets

    def delete(self, urn: str, recorded: Recorded) -> None:
        if recorded.type != PROVIDER_TYPE and not recorded.external:
            request = provider_pb2.DeleteRequest(
                id=recorded.id, urn=urn, properties=struct(recorded.outputs)
            )
            self.ask(recorded.server, "Delete", request)


class _Logging:
    def __init__(self, log, run) -> None:
        self.log, self.run = log, run

    def __enter__(self):
        self.log.lines.clear()

    def __exit__(self, *_):
        self.run.log = list(self.log.lines)
