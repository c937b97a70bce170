"""The seven shapes in which the market's documentation and clients have seen an error.

The emulator answers in the shape that belongs to a route (`thegrid_emulator.errors`); the others
are for faults on demand and for the alternate dialect.
"""

from collections.abc import Callable

_NOT_JSON = "<html><body>Something went wrong</body></html>"

_SHAPES: dict[int, Callable[[str, str], object]] = {
    1: lambda code, _: {"errors": {"detail": code}},
    2: lambda code, text: {"errors": {"detail": code, "message": text}},
    3: lambda _, text: {"errors": {"detail": {"base": [text]}}},
    4: lambda code, text: {"error": code, "error_description": text},
    5: lambda code, text: {"error": {"code": code.upper(), "message": text, "details": {}}},
    6: lambda code, _: {"error": code},
    7: lambda _, __: _NOT_JSON,
}

SHAPES = tuple(_SHAPES)
"""Their numbers: 1 documented, 2 with a message, 3 by field, 4 OAuth, 5 older manual, 6 bare
string, 7 no JSON at all."""


def error_body(shape: int, code: str, text: str) -> object:
    """Return the body of an error.

    Args:
        shape: one of `SHAPES`.
        code: machine code, lower case with underscores.
        text: for a human.

    Returns:
        A JSON value; for shape 7 a text that is no JSON.
    """
    return _SHAPES[shape](code, text)
