"""How something that went wrong is told: one line that names the resource and what to do."""

from __future__ import annotations

from thegrid.client import Endpoints, GridError, InDoubt, LoginRejected, Unreachable

_NEW_LOGIN = (
    "set a new access token by `pulumi config set --secret thegrid:accessToken` "
    "or in THEGRID_ACCESS_TOKEN"
)
_RECORDED_LOGIN = (
    "refresh and destroy use the login that the last `up` recorded, "
    "and with --run-program the present one"
)
_LOOK_AGAIN = "run `pulumi up` again, which looks for it before anything is made"
_WITHOUT_PROGRAM = frozenset({"read", "delete"})


class Failed(Exception):
    """An operation on a resource failed. The text is one line for a person."""

    __module__ = "pulumi_thegrid"  # the command line shows it before the text


def failed(
    subject: str, operation: str, error: GridError | ValueError, endpoints: Endpoints | None
) -> Failed:
    """Say what went wrong with which resource.

    Args:
        subject: The resource, as in `ConsumptionKey 'ci'`.
        operation: The method that failed, such as `create`.
        error: What went wrong.
        endpoints: The market, or None where its addresses are what is wrong.

    Returns:
        The exception to raise.
    """
    text = " ".join(str(error).split())
    return Failed("; ".join([f"{subject}: {text}", *_hints(operation, error, endpoints)]))


def _hints(operation: str, error: Exception, endpoints: Endpoints | None) -> list[str]:
    if isinstance(error, InDoubt):
        return [_LOOK_AGAIN]
    if isinstance(error, LoginRejected):
        return [_NEW_LOGIN, *([_RECORDED_LOGIN] if operation in _WITHOUT_PROGRAM else [])]
    if isinstance(error, Unreachable) and endpoints:
        return [f"the platform is looked for at {endpoints.platform} (thegrid:platformUrl)"]
    return []
