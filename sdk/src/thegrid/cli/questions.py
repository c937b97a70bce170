"""Asking a person before something cannot be undone."""

from __future__ import annotations

import sys

import typer

from thegrid.client import Misuse


def confirm(question: str, *, instead: str) -> None:
    """Ask a yes-or-no question on stderr.

    Args:
        question: What is asked.
        instead: What a script says instead of answering.

    Raises:
        Misuse: Nobody is there to answer.
        typer.Abort: The answer is no.
    """
    if not sys.stdin.isatty():
        raise Misuse(f"{question} Nobody is there to answer: {instead}")
    typer.confirm(question, abort=True, err=True)
