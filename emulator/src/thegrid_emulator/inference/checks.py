"""Checks of single parameters: the wrong type is 400, a value out of range 422."""

from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus

from thegrid_emulator.errors import MarketError

Body = Mapping[str, object]

MOST_TOKENS = 2**31 - 1
"""The largest budget that can be asked for; an instrument's own limit cuts it further."""


def malformed(name: str, expected: str) -> MarketError:
    """Return the answer to a parameter of the wrong type."""
    return MarketError(HTTPStatus.BAD_REQUEST, f"{name}: must be {expected}")


def out_of_range(name: str, allowed: str) -> MarketError:
    """Return the answer to a parameter of the right type with a value that is not allowed."""
    return MarketError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: must be {allowed}")


def text(body: Body, name: str) -> str:
    """Return a required string.

    Raises:
        MarketError: 400 if it is none or empty.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise malformed(name, "a string")
    return value


def flag(body: Body, name: str) -> bool:
    """Return a boolean; absent means False.

    Raises:
        MarketError: 400 if it is none.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise malformed(name, "true or false")
    return bool(value)


def integer(body: Body, name: str, low: int, high: int | None = None) -> int | None:
    """Return an integer, or None if it is absent.

    Raises:
        MarketError: 400 if it is none, 422 if it is out of range.
    """
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise malformed(name, "an integer")
    if value < low or (high is not None and value > high):
        raise out_of_range(name, f"at least {low}" if high is None else f"from {low} to {high}")
    return value


def number(body: Body, name: str, low: int, high: int) -> None:
    """Check a number, if it is there.

    Raises:
        MarketError: 400 if it is none, 422 if it is out of range.
    """
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise malformed(name, "a number")
    if not low <= value <= high:
        raise out_of_range(name, f"from {low} to {high}")


def choice(body: Body, name: str, allowed: tuple[str, ...]) -> None:
    """Check a string out of a few, if it is there.

    Raises:
        MarketError: 400 if it is no string, 422 if it is another.
    """
    value = body.get(name)
    if value is None:
        return
    if not isinstance(value, str):
        raise malformed(name, "a string")
    if value not in allowed:
        raise out_of_range(name, "one of " + ", ".join(allowed))


def members(body: Body, name: str) -> Body:
    """Return an object, empty if it is absent.

    Raises:
        MarketError: 400 if it is none.
    """
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(name, "an object")
    return value


def objects(body: Body, name: str) -> list[Body]:
    """Return a list of objects, empty if it is absent.

    Raises:
        MarketError: 400 if it is none.
    """
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise malformed(name, "an array of objects")
    return value


def strings(body: Body, name: str, *, at_most: int | None = None) -> tuple[str, ...]:
    """Return a list of strings, where a single string may stand for a list of one.

    Raises:
        MarketError: 400 if it is neither, 422 if there are too many.
    """
    value = body.get(name)
    values = [value] if isinstance(value, str) else value or []
    if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
        raise malformed(name, "a string or an array of strings")
    if at_most is not None and len(values) > at_most:
        raise out_of_range(name, f"at most {at_most} strings")
    return tuple(values)


def conversation(body: Body, roles: tuple[str, ...]) -> list[Body]:
    """Return the messages of a request.

    Args:
        body: the request.
        roles: who may speak.

    Raises:
        MarketError: 400 if there is none or one has no content, 422 for an unknown role.
    """
    messages = objects(body, "messages")
    if not messages:
        raise malformed("messages", "a non-empty array of objects")
    for message in messages:
        text(message, "role")
        choice(message, "role", roles)
        plain_text(message.get("content"))
    return messages


def plain_text(content: object) -> str:
    """Return the text of a message's content: a string, or parts of which some are text.

    Raises:
        MarketError: 400 if it is neither.
    """
    if content is None:  # an assistant's turn that only calls tools
        return ""
    if isinstance(content, str):
        return content
    parts = objects({"content": content}, "content")
    return " ".join(text(part, "text") for part in parts if part.get("type") == "text")
