"""How something that went wrong is told: one line that names the resource and what to do."""

from __future__ import annotations

from pulumi_thegrid._login import Login
from thegrid.client import GridError, InDoubt, LoginRejected, Unreachable, WrongAccount

_RECORDED_LOGIN = (
    "a likely cause is a login in the state that is out of date: refresh and destroy use the one "
    "that the last `up` recorded, and with --run-program the present one"
)
_MOVE = (
    "log in as that account; or, to move to the other one, declare the resource under another name "
    "with a `Provider` that has its login: `up` then makes it there and ends it here"
)
_LOOK_AGAIN = "run `pulumi up` again, which looks for it before anything is made"
_DO_AGAIN = "run the command again, which does what is left to do"
_WITHOUT_PROGRAM = frozenset({"read", "delete"})


class Failed(Exception):
    """An operation on a resource failed. The text is one line for a person."""

    __module__ = "pulumi_thegrid"  # the command line shows it before the text


def failed(
    subject: str, operation: str, error: GridError | ValueError, login: Login | None
) -> Failed:
    """Say what went wrong with which resource.

    Args:
        subject: The resource, as in `ConsumptionKey 'ci'`.
        operation: The method that failed, such as `create`.
        error: What went wrong.
        login: The login that was used, or None where the settings themselves are what is wrong.

    Returns:
        The exception to raise.
    """
    text = " ".join(_text(error).split())
    return Failed("; ".join([f"{subject}: {text}", *_hints(operation, error, login)]))


def _text(error: Exception) -> str:
    if isinstance(error, WrongAccount):
        return (
            f"this login belongs to account {error.actual}, but account {error.expected} is "
            "expected, where it was made"
        )
    return str(error)


def _hints(operation: str, error: Exception, login: Login | None) -> list[str]:
    stale = [_RECORDED_LOGIN] if login and login.recorded and operation in _WITHOUT_PROGRAM else []
    if isinstance(error, InDoubt):
        return [_LOOK_AGAIN]
    if isinstance(error, WrongAccount):
        return [_MOVE, *stale]
    if isinstance(error, LoginRejected) and login:
        return [login.advice, *stale]
    if isinstance(error, Unreachable) and error.may_have_happened:
        return [_DO_AGAIN]
    if isinstance(error, Unreachable) and login:
        return [f"the platform is looked for at {login.endpoints.platform} (thegrid:platformUrl)"]
    return []
