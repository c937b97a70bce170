"""`thegrid doctor`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict

import typer
from rich.text import Text

from thegrid.cli.checks import Finding
from thegrid.cli.examination import examine
from thegrid.cli.failures import ExitCode
from thegrid.cli.options import AsJson, ProfileName
from thegrid.cli.output import Output, cell, console_on

_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}
_WIDTH = 18


def doctor(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Look for what is wrong with this machine, the login and the way to the market.

    Each check says what was found and, where needed, what to do. The exit code is 1 if one failed.
    A login that is about to end is renewed, as every command does.
    """
    findings = []
    for finding in examine(os.environ, profile):
        findings.append(finding)
        if not as_json:
            _tell(finding)
    failed = any(finding.state == "failed" for finding in findings)
    if as_json:
        checks = [asdict(finding) for finding in findings]
        Output(as_json=True).show({"ok": not failed, "checks": checks})
    if failed:
        raise typer.Exit(ExitCode.REFUSED)


def _tell(finding: Finding) -> None:
    """Print a finding at once, since the next check may take its time."""
    line = Text.assemble(
        (f"{finding.state:<8}", _STYLES[finding.state]),
        (f"{finding.check:<{_WIDTH}}", "bold"),
        cell(finding.said),
    )
    if finding.advice:
        line.append(f"\n{'':8}{'':{_WIDTH}}-> {cell(finding.advice)}", "cyan")
    console_on(sys.stdout).print(line, soft_wrap=True)
    sys.stdout.flush()
