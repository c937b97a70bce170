"""`thegrid-operator` on the command line: bad input gets one line that says what is allowed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOYMENT = Path(__file__).parents[2] / "charts/thegrid-operator/templates/deployment.yaml"

BAD = {
    "no workers": (["--workers", "0"], "--workers: '0' is not allowed: at least 1"),
    "a word for a number": (["--workers", "many"], "--workers: 'many' is not a number"),
    "a lease of no length": (["--lease-seconds", "nan"], "--lease-seconds: 'nan' is not allowed"),
    "an endless lease": (["--lease-seconds", "inf"], "--lease-seconds: 'inf' is not allowed"),
    "an address for a host": (
        ["--allowed-hosts", "https://thegrid.ai"],
        "--allowed-hosts: 'https://thegrid.ai' is not a host name",
    ),
    "any host": (["--allowed-hosts", "*"], "'*' is not a host name"),
    "an unknown flag": (["--worker-count=3"], "unrecognized arguments: --worker-count=3"),
    "a kubeconfig that is missing": (["--kubeconfig", "/nowhere/config"], "/nowhere/config"),
    "no cluster around it": ([], "cannot use the pod's ServiceAccount"),
}


def run(*arguments):
    command = [sys.executable, "-m", "thegrid_operator", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={}, timeout=60)


@pytest.mark.parametrize("sentence", BAD)
def test_it_refuses(sentence):
    arguments, expected = BAD[sentence]

    ended = run(*arguments)

    assert ended.returncode in (1, 2)
    assert expected in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_file_that_is_no_kubeconfig_is_refused_without_quoting_it(tmp_path):
    for number, content in enumerate(["token: [grid_hidden", "grid_hidden", "- grid_hidden", ""]):
        file = tmp_path / f"config-{number}"
        file.write_text(content)

        ended = run("--kubeconfig", str(file))

        assert ended.returncode == 1
        assert len(ended.stderr.splitlines()) == 1
        assert "hidden" not in ended.stderr


def test_help_names_every_flag():
    said = run("--help").stdout

    for flag in ("--kubeconfig", "--namespace", "--allowed-hosts", "--workers", "--lease-seconds"):
        assert flag in said


def test_the_chart_passes_only_flags_that_exist():
    passed = re.findall(r"- (--[a-z-]+)", DEPLOYMENT.read_text())

    said = run("--help").stdout
    assert len(passed) == 3
    assert all(f"{flag} " in said for flag in passed)
