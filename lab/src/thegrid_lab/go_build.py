"""Build engines from their Go modules into the user's cache folder.

What belongs here: the Go tool, the cache's layout and its lock. Which engines there are is
`catalogue`, whether one must be built at all is `engines`.

The cache holds one folder for each module, version, set of inputs and Go version::

    CACHE/etcd-3.6.16-4f0c2b9e1a77-go1.26.8/etcd
    CACHE/logs/etcd.log

A binary gets its name only when it is complete.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from packaging.version import Version
from platformdirs import user_cache_path
from rich.console import Console

from thegrid_lab.catalogue import PULUMI, Engine, Module
from thegrid_lab.errors import EngineUnavailable, ProcessFailed
from thegrid_lab.processes import ChildProcess, run
from thegrid_lab.progress import step
from thegrid_lab.versions import find_version

_BUILD_SECONDS = 3600.0
_PARTIAL = ".partial-"
_STAND_IN = """\
#!/bin/sh
# The stand-in for Pulumi's Python language host: test tooling, see thegrid_lab/language_host.py.
exec "${PULUMI_PYTHON_CMD:-python3}" -P -m thegrid_lab.language_host "$@"
"""
_PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3"
_PULUMI_FILES = (
    "python/dist/pulumi-resource-pulumi-python",
    "python/cmd/pulumi-language-python-exec",
)


def cache_folder() -> Path:
    """Where built engines are kept: ``THEGRID_LAB_CACHE``, or the user's cache folder."""
    chosen = os.environ.get("THEGRID_LAB_CACHE")
    return Path(chosen).absolute() if chosen else user_cache_path("thegrid-lab", appauthor=False)


@dataclass(frozen=True)
class Go:
    """The Go tool on PATH, as seen from one module's folder.

    Attributes:
        path: The executable.
        version: The version that would build there; Go itself may switch to another (GOTOOLCHAIN).
    """

    path: Path
    version: Version

    @classmethod
    def find(cls, module: Module) -> Go | None:
        """Look for Go.

        Args:
            module: The module to build; Go chooses its toolchain by the module's folder.

        Returns:
            The tool, or None if there is none.
        """
        path = shutil.which("go")
        if path is None:
            return None
        answer = run(
            [path, "version"], title="go version", cwd=module.folder, env=_go_environment()
        )
        return cls(Path(path), find_version(answer.stdout.replace("go1", "1")))

    @classmethod
    def require(cls, module: Module, missing: list[str]) -> Go:
        """Look for a Go that can build a module.

        Args:
            module: What is to be built.
            missing: The engines that need it, for the message.

        Returns:
            The tool.

        Raises:
            EngineUnavailable: There is no Go, or it is too old.
        """
        go = cls.find(module)
        if go is not None and go.version >= module.go:
            return go
        here = "no go is on PATH" if go is None else f"{go.path} is {go.version}"
        them = "it" if len(missing) == 1 else "them"
        raise EngineUnavailable(
            f"Go {module.go.major}.{module.go.minor} or newer is needed to build"
            f" {', '.join(missing)}, and {here}; install Go, or put {them} on PATH"
        )


def _go_environment() -> dict[str, str]:
    # A workspace file or -mod flag of the user's own must not change what is built.
    return os.environ | {"GOWORK": "off", "GOFLAGS": "-mod=readonly -buildvcs=false"}


def cached(engine: Engine) -> Path | None:
    """Look for an engine that was built before.

    Args:
        engine: The engine.

    Returns:
        Its executable, or None. Where Go could not build it, a build by any Go will do.
    """
    go = Go.find(engine.module)
    folders = (
        [_folder(engine.module, go)]
        if go is not None and go.version >= engine.module.go
        else sorted(cache_folder().glob(f"{_folder_stem(engine.module)}-go*"), reverse=True)
    )
    return next(
        (folder / engine.name for folder in folders if (folder / engine.name).exists()), None
    )


def _folder_stem(module: Module) -> str:
    inputs = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        inputs.update((module.folder / name).read_bytes())
    inputs.update("\0".join(module.flags()).encode())
    if module is PULUMI:
        inputs.update(_STAND_IN.encode())
    return f"{module.name}-{module.version}-{inputs.hexdigest()[:12]}"


def _folder(module: Module, go: Go) -> Path:
    return cache_folder() / f"{_folder_stem(module)}-go{go.version}"


def build(engine: Engine, go: Go, console: Console) -> Path:
    """Build an engine, unless another process just did.

    Args:
        engine: The engine.
        go: The tool to build with.
        console: Where progress is shown.

    Returns:
        The executable in the cache folder.

    Raises:
        EngineUnavailable: The build failed; the text names its log.
    """
    folder = _folder(engine.module, go)
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(engine, console):
        target = folder / engine.name
        if target.exists():
            return target
        for left_over in folder.glob(f"{_PARTIAL}*"):  # of a build that was killed
            shutil.rmtree(left_over)
        with (
            step(console, f"building {engine.name} {engine.module.version}"),
            tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=folder) as partial,
        ):
            _compile(engine, go, Path(partial) / engine.name)
            if engine.module is PULUMI:
                _add_python_plugins(go, folder, Path(partial))
            (Path(partial) / engine.name).rename(target)
    return target


@contextlib.contextmanager
def _lock(engine: Engine, console: Console) -> Iterator[None]:
    """Hold the module's lock; say so if another process has it, since that takes minutes."""
    lock = FileLock(cache_folder() / f"{engine.module.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        console.print(f"waiting for another process that builds {engine.module.name}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _compile(engine: Engine, go: Go, output: Path) -> None:
    log = cache_folder() / "logs" / f"{engine.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    compiler = ChildProcess(
        f"the build of {engine.name}",
        [go.path, "build", "-trimpath", "-o", output, *engine.module.flags(), engine.package],
        log=log,
        env=_go_environment(),
        cwd=engine.module.folder,
    )
    try:
        exit_code = compiler.wait(timeout_seconds=_BUILD_SECONDS)
    except ProcessFailed as error:
        raise EngineUnavailable(str(error)) from error
    finally:
        compiler.stop()
    if exit_code != 0:
        lines = log.read_text(errors="replace").splitlines() or ["it said nothing"]
        raise EngineUnavailable(
            f"building {engine.name} failed: {lines[-1].strip()[:300]} (log: {log})"
        )


def _add_python_plugins(go: Go, folder: Path, partial: Path) -> None:
    """Put what the CLI starts for a Python program beside it: on PATH it must be one folder.

    The SDK's module carries two of the three files; the language host itself is in a module that is
    not published, and a stand-in of ours takes its place.
    """
    answer = run(
        [go.path, "mod", "download", "-json", _PULUMI_SDK],
        title="go mod download",
        cwd=PULUMI.folder,
        env=_go_environment(),
    )
    sdk = Path(json.loads(answer.stdout)["Dir"])
    for name in _PULUMI_FILES:
        shutil.copyfile(sdk / name, partial / Path(name).name)
    (partial / "pulumi-language-python").write_text(_STAND_IN)
    for plugin in partial.glob("pulumi-*"):
        plugin.chmod(0o755)
        plugin.rename(folder / plugin.name)
