"""Find the real engines, or build what is missing.

``python -m thegrid_lab.engines [NAME…]`` prepares all engines, or those named, and prints where
each comes from. What a user already has comes first, if its version is one we support.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thegrid_lab.catalogue import CATALOGUE, KUBERNETES, Engine
from thegrid_lab.errors import LabError
from thegrid_lab.go_build import Go, build, cache_folder, cached
from thegrid_lab.processes import clean_exit_on_sigterm, run
from thegrid_lab.versions import find_version

# These speak to each other, and a part that is newer than its API server is unsupported:
# https://kubernetes.io/releases/version-skew-policy/
_ONE_MINOR = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
_ASSETS = "KUBEBUILDER_ASSETS"


@dataclass(frozen=True)
class FoundEngine:
    """An engine that is ready to be started.

    Attributes:
        name: The name of the executable.
        path: Where it is.
        version: Its version.
        origin: Where it came from: ``PATH``, ``KUBEBUILDER_ASSETS``, ``cache`` or ``built``.
    """

    name: str
    path: Path
    version: Version
    origin: str


def find_or_build(*names: str, console: Console | None = None) -> dict[str, FoundEngine]:
    """Make engines ready.

    Args:
        names: The engines, by the names of their executables; all of them by default.
        console: Where to say which of the user's own are used, which are not although one must be
            built instead, and how builds go on; standard error by default.

    Returns:
        The engines by name, in the order asked for.

    Raises:
        LabError: A name is unknown.
        EngineUnavailable: One is missing and cannot be built.
    """
    unknown = sorted(set(names) - set(CATALOGUE))
    if unknown:
        raise LabError(f"no engine is named {', '.join(unknown)}; there are {', '.join(CATALOGUE)}")
    wanted = [CATALOGUE[name] for name in names or CATALOGUE]
    console = console or Console(stderr=True)
    found, refused = _installed(wanted)
    for engine in found.values():
        _say(console, f"using {engine.path} ({engine.version})")
    for each in wanted:
        if each.name not in found and (path := cached(each)) is not None:
            found[each.name] = FoundEngine(each.name, path, each.module.version, "cache")
    missing = [each for each in wanted if each.name not in found]
    tools = {
        each.module: Go.require(each.module, [one.name for one in missing]) for each in missing
    }
    for each in missing:  # one after the other: each build uses every core
        if each.name in refused:
            _say(console, f"not using {refused[each.name]}")
        path = build(each, tools[each.module], console)
        found[each.name] = FoundEngine(each.name, path, each.module.version, "built")
    return {each.name: found[each.name] for each in wanted}


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def _installed(wanted: Sequence[Engine]) -> tuple[dict[str, FoundEngine], dict[str, str]]:
    """The user's own engines that we can use; and why others are refused, by name."""
    found: dict[str, FoundEngine] = {}
    refused: dict[str, str] = {}
    for engine in wanted:
        candidate = _candidate(engine)
        if candidate is None:
            continue
        path, origin = candidate
        refusal, version = _examine(engine, path)
        if version is None or refusal:
            refused[engine.name] = f"{path}: {refusal}"
        else:
            found[engine.name] = FoundEngine(engine.name, path, version, origin)
    for name in _skewed(found, [each.name for each in wanted]):
        refused[name] = (
            f"{found.pop(name).path}: {', '.join(_ONE_MINOR)} must be of one minor version"
        )
    return found, refused


def _candidate(engine: Engine) -> tuple[Path, str] | None:
    assets = os.environ.get(_ASSETS)
    if assets and os.access(Path(assets) / engine.name, os.X_OK):
        return Path(assets) / engine.name, _ASSETS
    path = shutil.which(engine.name)
    return (Path(path), "PATH") if path else None


def _examine(engine: Engine, path: Path) -> tuple[str, Version | None]:
    """Why a program is of no use to us, if so, and its version."""
    lacking = [name for name in engine.companions if shutil.which(name) is None]
    if lacking:
        return f"{', '.join(lacking)} is not on PATH", None
    try:
        answer = run(
            [path, *engine.ask_version],
            title=engine.name,
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            timeout_seconds=20,
        )
        version = find_version(answer.stdout)
    except (LabError, ValueError) as error:
        return f"its version is unknown ({error})", None
    if version not in engine.supported:
        return f"it is {version}, and {engine.supported} is supported", version
    return "", version


def _skewed(found: Mapping[str, FoundEngine], wanted: Sequence[str]) -> list[str]:
    """Those parts of the control plane that do not fit the parts which would be built."""
    ours = [name for name in _ONE_MINOR if name in found]
    minors = {found[name].version.minor for name in ours}
    if any(name in wanted and name not in found for name in _ONE_MINOR):
        minors.add(KUBERNETES.version.minor)
    return ours if len(minors) > 1 else []


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line.

    Args:
        arguments: Those after the program's name; the process's own by default.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m thegrid_lab.engines",
        description="Find the engines that the demo, the tests and the examples run on, and build"
        " what is missing from public Go modules. Your own installations are used first: from"
        f" ${_ASSETS} and PATH, if their versions are supported.",
        epilog=f"Engines: {', '.join(CATALOGUE)}. Builds are kept in {cache_folder()}; set"
        " THEGRID_LAB_CACHE to keep them elsewhere. The first build of everything takes about ten"
        " minutes on two cores and needs Go.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="an engine; all of them by default"
    )
    names: list[str] = parser.parse_args(arguments).names
    console = Console(stderr=True)
    try:
        with clean_exit_on_sigterm():
            found = find_or_build(*names, console=console)
    except LabError as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; what was built so far is kept")
        return 130
    _print(found)
    return 0


def _print(found: Mapping[str, FoundEngine]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("engine", "version", "from"):
        table.add_column(heading, overflow="fold")
    for engine in found.values():
        ours = engine.origin in ("cache", "built")
        origin = engine.origin if ours else f"{engine.origin}: {engine.path}"
        table.add_row(engine.name, str(engine.version), origin)
    console = Console()
    console.print(table)
    console.print(f"cache: {cache_folder()}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
