"""Which login an account uses next. Pure.

A refresh uses up its token, so the user's login Secret is read once for each content, and our own
Secret keeps what came of it. Whoever re-applies a spent one does no harm. A new login first stands
beside the one that works, and takes its place when it has proven to be of the same account.

`values` holds what there is to decide on and how it changes, `steps` the decision, `device` how a
person is asked, `record` the form in which it lies in our Secret. What does not belong here: the
market and the API server.
"""

from thegrid_operator.login.device import (
    DEVICE,
    SCOPES,
    AskForCode,
    Asking,
    DeviceStep,
    Poll,
    Rest,
    WaitForPerson,
    next_device_step,
)
from thegrid_operator.login.record import read_login, tokens_name, write_login
from thegrid_operator.login.steps import (
    REFRESH_BEFORE_EXPIRY,
    LoginNeeded,
    Prove,
    Refresh,
    Step,
    Take,
    Use,
    next_step,
)
from thegrid_operator.login.values import (
    Bootstrap,
    Candidate,
    Refusal,
    Stored,
    Whose,
)

__all__ = [
    "DEVICE",
    "REFRESH_BEFORE_EXPIRY",
    "SCOPES",
    "AskForCode",
    "Asking",
    "Bootstrap",
    "Candidate",
    "DeviceStep",
    "LoginNeeded",
    "Poll",
    "Prove",
    "Refresh",
    "Refusal",
    "Rest",
    "Step",
    "Stored",
    "Take",
    "Use",
    "WaitForPerson",
    "Whose",
    "next_device_step",
    "next_step",
    "read_login",
    "tokens_name",
    "write_login",
]
