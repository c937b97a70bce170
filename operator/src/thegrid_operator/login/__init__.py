"""Which login an account uses next. Pure.

A refresh uses up its token, so the user's login Secret is read once for each content, and our own
Secret keeps what came of it. Whoever re-applies a spent one does no harm. A new login first stands
beside the one that works, and takes its place when it has proven to be of the same account.

`values` holds what there is to decide on and how it changes, `steps` the decision, `record` the
form in which it lies in our Secret. What does not belong here: the market and the API server.
"""

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
    "REFRESH_BEFORE_EXPIRY",
    "Bootstrap",
    "Candidate",
    "LoginNeeded",
    "Prove",
    "Refresh",
    "Refusal",
    "Step",
    "Stored",
    "Take",
    "Use",
    "Whose",
    "next_step",
    "read_login",
    "tokens_name",
    "write_login",
]
