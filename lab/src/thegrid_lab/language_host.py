"""A stand-in for Pulumi's language host for Python, for machines that lack the official one.

The Pulumi CLI starts it as ``pulumi-language-python ENGINE_ADDRESS``, reads a port from its first
line of output and speaks the protocol `LanguageRuntime` to it:
https://github.com/pulumi/pulumi/blob/master/proto/pulumi/language.proto

It covers running programs. Code generation, packing and the options for uv and poetry are left out:
users have the official host.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

_LIST_PACKAGES = Path(__file__).with_name("installed_packages.py")
_EXECUTOR = "pulumi-language-python-exec"
_MESSAGE_WAS_SHOWN = 32
"""The executor's exit code after it has told the user itself what went wrong."""
_UNLIMITED = ("grpc.max_receive_message_length", 1 << 30)


class _BadProgram(Exception):
    """The program's environment is not usable; the text says why."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs for the engine.

    Args:
        engine_address: Where the engine listens, ``127.0.0.1:PORT``.
    """

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    # The method names are the protocol's.

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        return plugin_pb2.PluginInfo(version="")

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802, D102
        python = _python_or_abort(request.info, context)
        answer = _output([python, "-c", "import platform; print(platform.python_version())"])
        return language_pb2.AboutResponse(executable=python, version=answer.strip())

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802, D102
        packages = _installed(_python_or_abort(request.info, context))["pulumi"]
        return language_pb2.GetRequiredPackagesResponse(
            packages=[
                plugin_pb2.PackageDependency(kind="resource", **package) for package in packages
            ]
        )

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: N802, D102
        installed = _installed(_python_or_abort(request.info, context))["installed"]
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=version)
                for name, version in sorted(installed.items())
            ]
        )

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802, D102
        folder = Path(request.info.program_directory or request.directory)
        requirements = folder / "requirements.txt"
        if not requirements.is_file():
            return
        try:
            python = _make_virtualenv(request.info)
        except _BadProgram as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        command = [python, "-m", "pip", "install", "--requirement", str(requirements)]
        with subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as pip:
            for line in pip.stdout or ():
                yield language_pb2.InstallDependenciesResponse(stdout=line)
        if pip.returncode != 0:
            context.abort(grpc.StatusCode.UNKNOWN, f"pip install failed: {pip.returncode}")

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        executor = shutil.which(_EXECUTOR)
        if executor is None:
            return language_pb2.RunResponse(error=f"{_EXECUTOR} is not on PATH")
        try:
            python = _python(request.info)
        except _BadProgram as error:
            return language_pb2.RunResponse(error=str(error))
        command = [python, "-u", executor, *self._arguments(request)]
        exit_code = self._run(command, request)
        if exit_code == 0:
            return language_pb2.RunResponse()
        if exit_code == _MESSAGE_WAS_SHOWN:
            return language_pb2.RunResponse(bail=True)
        how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
        return language_pb2.RunResponse(error=f"the program ended with {how}")

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        self.end_programs()
        return Empty()

    def end_programs(self) -> None:
        """End every program that still runs."""
        with self._lock:
            for program in self._running:
                program.terminate()

    def _arguments(self, request: Any) -> list[str]:
        options = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        arguments = [
            part for key, value in options.items() if value for part in (f"--{key}", value)
        ]
        return [*arguments, request.info.entry_point or request.program or ".", *request.args]

    def _run(self, command: list[str], request: Any) -> int:
        environment = os.environ | {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        program = subprocess.Popen(command, env=environment, cwd=request.pwd or None)
        with self._lock:
            self._running.add(program)
        try:
            return program.wait()
        finally:
            with self._lock:
                self._running.discard(program)


def _virtualenv(info: Any) -> Path | None:
    """The folder that the option ``virtualenv`` of Pulumi.yaml names."""
    options = dict(info.options)
    if options.get("toolchain", "pip") != "pip":
        raise _BadProgram(f"the stand-in language host knows no toolchain {options['toolchain']!r}")
    name = options.get("virtualenv")
    return Path(info.root_directory or ".", str(name)) if name else None


def _python(info: Any) -> str:
    """The interpreter that runs the program."""
    folder = _virtualenv(info)
    if folder is None:
        return os.environ.get("PULUMI_PYTHON_CMD") or sys.executable
    python = folder / "bin" / "python"
    if not python.exists():
        raise _BadProgram(
            f"the option virtualenv in Pulumi.yaml is {folder.name!r}, but {folder} is no virtual"
            " environment; run `pulumi install`"
        )
    return str(python)


def _make_virtualenv(info: Any) -> str:
    folder = _virtualenv(info)
    if folder is not None and not (folder / "bin" / "python").exists():
        _output([sys.executable, "-m", "venv", str(folder)])
    return _python(info)


def _python_or_abort(info: Any, context: Any) -> str:
    try:
        return _python(info)
    except _BadProgram as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        raise


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _installed(python: str) -> Any:
    return json.loads(_output([python, "-P", str(_LIST_PACKAGES)]))


def main() -> None:
    """Serve until the engine ends us or is gone."""
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program and one argument
        sys.exit("usage: pulumi-language-python ENGINE_ADDRESS (the Pulumi CLI starts it)")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    host = LanguageHost(sys.argv[-1])
    server = grpc.server(ThreadPoolExecutor(), options=[_UNLIMITED])
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the protocol's first line
    engine = os.getppid()
    while not ended.wait(0.5) and os.getppid() == engine:
        pass
    host.end_programs()
    server.stop(grace=0.5).wait()
    with contextlib.suppress(OSError):  # the engine may be gone, and with it our output
        sys.stdout.flush()


if __name__ == "__main__":
    main()
