"""Who asks, and whether the access token covers it (RFC 6750)."""

from http import HTTPStatus

from starlette.requests import Request

from thegrid_emulator.errors import OAuthError
from thegrid_emulator.requests import bearer_token, journal_entry_of, live_venue_of
from thegrid_emulator.state.accounts import Account


def authorize(request: Request, scope: str) -> Account:
    """Return the account whose user granted a scope to the caller.

    Raises:
        OAuthError: 401 `invalid_token` without a valid access token, 403 `insufficient_scope` if
            it does not cover the scope.
    """
    venue = live_venue_of(request)
    token = bearer_token(request)
    grant = None if token is None else venue.tokens.grant_of(token, venue.clock.now())
    if grant is None:
        raise OAuthError(
            "invalid_token",
            "the access token is missing, unknown, expired or revoked",
            HTTPStatus.UNAUTHORIZED,
        )
    journal_entry_of(request).user_id = grant.user_id
    if scope not in grant.scopes:
        raise OAuthError("insufficient_scope", f"needs scope {scope}", HTTPStatus.FORBIDDEN)
    return venue.accounts.get(grant.user_id)
