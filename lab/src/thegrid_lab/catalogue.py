"""Which engines there are, which versions serve, and what each is built from.

Data only: looking for engines is `engines`, building them `go_build`. The exact version that is
built stands in ``lab/engines/MODULE/go.mod`` and is read from there: it is written down once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from thegrid_lab.errors import LabError
from thegrid_lab.versions import find_version

MODULES = Path(__file__).resolve().parents[2] / "engines"
"""The folder of the Go modules; the lab runs from its source checkout only."""

_KUBERNETES = SpecifierSet(">=1.34,<1.37")


@dataclass(frozen=True)
class Module:
    """A folder of ``lab/engines`` with a ``go.mod`` and a ``go.sum``.

    Attributes:
        name: The folder's name.
        source: The path of the Go module whose version counts as the engine's.
        build_flags: Flags of ``go build``, with ``{version}``, ``{major}`` and ``{minor}`` open.
    """

    name: str
    source: str
    build_flags: tuple[str, ...] = ("-ldflags=-s -w",)

    @property
    def folder(self) -> Path:
        """Where ``go.mod`` and ``go.sum`` are.

        Raises:
            LabError: The package is not installed from a source checkout.
        """
        folder = MODULES / self.name
        if not (folder / "go.mod").is_file():
            raise LabError(f"{folder} is missing: install thegrid-lab editable, from its checkout")
        return folder

    def _required(self, pattern: str) -> Version:
        text = (self.folder / "go.mod").read_text()
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            raise LabError(f"{self.folder / 'go.mod'} has no line like {pattern!r}")
        return find_version(match[1])

    @property
    def version(self) -> Version:
        """The version that is built, as ``go.mod`` requires it."""
        return self._required(rf"^(?:require)?\s+{re.escape(self.source)} (v\S+)")

    @property
    def go(self) -> Version:
        """The oldest Go that builds the module, as ``go.mod`` says."""
        return self._required(r"^go (\S+)$")

    def flags(self) -> list[str]:
        """The build flags with the version filled in."""
        version = self.version
        return [
            flag.format(version=version, major=version.major, minor=version.minor)
            for flag in self.build_flags
        ]


KUBERNETES = Module(
    "kubernetes",
    "k8s.io/kubernetes",
    # Without these, a build says v0.0.0-master, and clients that look at the version refuse it.
    (
        "-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=v{version}"
        " -X k8s.io/component-base/version.gitMajor={major}"
        " -X k8s.io/component-base/version.gitMinor={minor}",
    ),
)
ETCD = Module("etcd", "go.etcd.io/etcd/server/v3")
PULUMI = Module(
    "pulumi",
    "github.com/pulumi/pulumi/pkg/v3",
    # The tags are the vendor's own, from the Makefile of github.com/pulumi/pulumi.
    (
        "-tags=osusergo,grpcnotrace",
        "-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
    ),
)
KWOK = Module("kwok", "sigs.k8s.io/kwok")
HELM = Module(
    "helm",
    "helm.sh/helm/v4",
    ("-ldflags=-s -w -X helm.sh/helm/v4/internal/version.version=v{version}",),
)


@dataclass(frozen=True)
class Engine:
    """A program that tests, examples and the demo need.

    Attributes:
        name: The name of the executable.
        module: What it is built from.
        package: The Go package of its command.
        supported: Versions of a user's own installation that are used as they are.
        ask_version: Arguments that make it print its version.
        companions: Programs without which a user's own installation is of no use to us.
    """

    name: str
    module: Module
    package: str
    supported: SpecifierSet
    ask_version: tuple[str, ...] = ("--version",)
    companions: tuple[str, ...] = ()


PULUMI_PLUGINS = (
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)
"""What the Pulumi CLI starts for a Python program; the vendor ships them beside the CLI."""

CATALOGUE = {
    engine.name: engine
    for engine in (
        Engine("etcd", ETCD, "go.etcd.io/etcd/server/v3", SpecifierSet(">=3.5,<4")),
        Engine("kube-apiserver", KUBERNETES, "k8s.io/kubernetes/cmd/kube-apiserver", _KUBERNETES),
        Engine(
            "kube-controller-manager",
            KUBERNETES,
            "k8s.io/kubernetes/cmd/kube-controller-manager",
            _KUBERNETES,
        ),
        Engine("kube-scheduler", KUBERNETES, "k8s.io/kubernetes/cmd/kube-scheduler", _KUBERNETES),
        Engine(
            "kubectl",
            KUBERNETES,
            "k8s.io/kubernetes/cmd/kubectl",
            _KUBERNETES,
            ask_version=("version", "--client"),
        ),
        Engine("kwok", KWOK, "sigs.k8s.io/kwok/cmd/kwok", SpecifierSet(">=0.7,<1")),
        Engine(
            "helm",
            HELM,
            "helm.sh/helm/v4/cmd/helm",
            SpecifierSet(">=3.17,<5"),
            ask_version=("version", "--short"),
        ),
        Engine(
            "pulumi",
            PULUMI,
            "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            SpecifierSet(">=3.259,<4"),
            ask_version=("version",),
            companions=PULUMI_PLUGINS,
        ),
    )
}
"""Every engine by the name of its executable."""
