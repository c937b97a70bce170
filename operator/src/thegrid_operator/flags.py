"""How the command's flags are read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn, TypeVar

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a flag in one line; the usage stays behind `--help`."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def reader(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return a reader whose `ValueError` argparse tells as it is.

    Args:
        read: Reads the text of a flag.
    """

    def read_or_tell(text: str) -> T:
        try:
            return read(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return read_or_tell
