"""What an operation is refused with: always one line."""

import pytest


def one_line(error):
    """Return the only line of a caught error."""
    (line,) = [line for line in str(error.value).splitlines() if line.strip()]
    return line


def refusal_of(operation):
    """Do what is refused, and return the line that says why."""
    with pytest.raises(RuntimeError) as refusal:
        operation()
    return one_line(refusal)
