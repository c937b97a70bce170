"""Proving whose a new login is, before it may take the place of the one that works.

The account is pinned at the first login, since whoever can change the login Secret could otherwise
move every key to another account.
"""

from __future__ import annotations

from thegrid.client import Client, LoginRejected, Refused, WrongAccount
from thegrid_operator.login import Candidate
from thegrid_operator.reconcilers.grid_account.tokens import Change

SCOPE_MISSING = "the login needs the scopes account:read and keys:manage: log in again"
NOT_ACCEPTED = "the market does not accept the login"


def prove(client: Client, candidate: Candidate, pinned: str) -> Change:
    """Ask whose a new login is.

    Args:
        client: Talks to the market as that login.
        candidate: The login.
        pinned: The account that it must be of; empty for any.

    Returns:
        What has come of it.

    Raises:
        GridError: The market refused otherwise, or could not be asked.
    """

    def refused(reason: str, message: str) -> Change:
        return lambda stored: stored.refused(candidate.origin, reason, message)

    try:
        user_id = client.account().user_id
        client.settings()
    except LoginRejected:
        return refused("LoginRejected", NOT_ACCEPTED)
    except Refused as refusal:
        if refusal.code != "insufficient_scope":
            raise
        return refused("ScopeMissing", SCOPE_MISSING)
    if pinned and pinned != user_id:
        return refused("WrongAccount", str(WrongAccount(pinned, user_id)))
    return lambda stored: stored.proven(user_id)
