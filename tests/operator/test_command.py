"""`thegrid-operator` on the command line: bad input gets one line that says what is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from thegrid_operator.__main__ import main

DEPLOYMENT = Path(__file__).parents[2] / "charts/thegrid-operator/templates/deployment.yaml"

BAD = {
    "no workers": (["--workers", "0"], "--workers: '0' is not allowed: at least 1"),
    "more workers than help": (["--workers", "9"], "--workers: '9' is not allowed: at most 8"),
    "a namespace after a space": (["--namespaces", "a, b"], "' b' is not a namespace: names are"),
    "labels that are none": (["--selector", "a=b;c"], "'a=b;c' is not a label selector such as"),
    "a part without a Lease of its own": (["--namespaces", "a"], "need --lease-name: operators"),
    "the same by labels": (["--selector", "shard=a"], "need --lease-name: operators"),
    "a port that is none": (["--metrics-bind-address", ":x"], "':x' is not an address such as"),
    "a word for a number": (["--workers", "many"], "--workers: 'many' is not a number"),
    "a lease of no length": (["--lease-seconds", "nan"], "--lease-seconds: 'nan' is not allowed"),
    "an endless lease": (["--lease-seconds", "inf"], "--lease-seconds: 'inf' is not allowed"),
    "an address for a host": (
        ["--allowed-hosts", "https://thegrid.ai"],
        "--allowed-hosts: 'https://thegrid.ai' is not a host name",
    ),
    "any host": (["--allowed-hosts", "*"], "'*' is not a host name"),
    "an unknown flag": (["--worker-count=3"], "unrecognized arguments: --worker-count=3"),
    "a kubeconfig that is missing": (
        ["--kubeconfig", "/nowhere/config"],
        "/nowhere/config: there is no such file; name the cluster's",
    ),
    "no cluster around it": ([], "this is no pod; outside a cluster name a kubeconfig with"),
}


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: object
    said: str
    complained: str


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command as the process does, but without a process of its own."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    def run(*arguments):
        try:
            code = main(list(arguments))
        except SystemExit as exit_:
            code = exit_.code
        return Ended(code, *capsys.readouterr())

    return run


@pytest.mark.parametrize("sentence", BAD)
def test_it_refuses(run, sentence):
    arguments, expected = BAD[sentence]

    ended = run(*arguments)

    assert ended.code in (1, 2)
    assert expected in ended.complained
    assert len(ended.complained.splitlines()) == 1


def test_a_file_that_is_no_kubeconfig_is_refused_without_quoting_it(run, tmp_path):
    for number, content in enumerate(["token: [grid_hidden", "grid_hidden", "- grid_hidden", ""]):
        file = tmp_path / f"config-{number}"
        file.write_text(content)

        ended = run("--kubeconfig", str(file))

        assert ended.code == 1
        assert len(ended.complained.splitlines()) == 1
        assert "hidden" not in ended.complained


def test_help_names_every_flag(run):
    said = run("--help").said

    for flag in (
        "--kubeconfig",
        "--namespace",
        "--namespaces",
        "--selector",
        "--lease-name",
        "--allowed-hosts",
        "--workers",
        "--lease-seconds",
    ):
        assert flag in said


def test_the_chart_passes_only_flags_that_exist(run):
    passed = re.findall(r"(?<![a-z-])--[a-z][a-z-]+", DEPLOYMENT.read_text())

    said = run("--help").said
    assert len(passed) == 15
    assert all(re.search(rf"{flag}[\s,]", said) for flag in passed)
