"""Proving whose a new login is, before it may take the place of the one that works.

The account is pinned at the first login, since whoever can change the login Secret could otherwise
move every key to another account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from thegrid.client import Client, LoginRejected, Refused, WrongAccount
from thegrid.core.secret import Secret
from thegrid_operator.login import Candidate, Stored

SCOPE_MISSING = "the login needs the scopes account:read and keys:manage: log in again"
NOT_ACCEPTED = "the market does not accept the login"
MALFORMED = "the access token is empty, or holds white space or characters beyond ASCII"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has come of asking whose a new login is.

    Attributes:
        account_id: Whose it is, where it is taken; else empty.
        origin: Where the login came from.
        reason: Why it is not taken, as a word in CamelCase; else empty.
        message: The same in a sentence.
    """

    account_id: str
    origin: str
    reason: str = ""
    message: str = ""

    def change(self, stored: Stored) -> Stored:
        """Return what we keep from then on."""
        if self.reason:
            return stored.refused(self.origin, self.reason, self.message)
        return stored.proven(self.account_id)


def prove(connect: Callable[[Secret], Client], candidate: Candidate, pinned: str) -> Verdict:
    """Ask whose a new login is.

    Args:
        connect: Opens the market with a token.
        candidate: The login.
        pinned: The account that it must be of; empty for any.

    Returns:
        What has come of it.

    Raises:
        GridError: The market refused otherwise, or could not be asked.
    """
    origin, token = candidate.origin, candidate.tokens.access
    if not token.fits_a_header():
        return Verdict("", origin, "LoginRejected", MALFORMED)
    try:
        with connect(token) as client:
            user_id = client.account().user_id
            client.settings()
    except LoginRejected:
        return Verdict("", origin, "LoginRejected", NOT_ACCEPTED)
    except Refused as refusal:
        if refusal.code != "insufficient_scope":
            raise
        return Verdict("", origin, "ScopeMissing", SCOPE_MISSING)
    if pinned and pinned != user_id:
        return Verdict("", origin, "WrongAccount", str(WrongAccount(pinned, user_id)))
    return Verdict(user_id, origin)
