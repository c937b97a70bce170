"""Who asks: an OAuth bearer if there is one, else a signature.

The vendor's SDK sends a bearer instead of a signature when its profile holds a login, and the
host takes both. A signature covers every route; a bearer covers what its scopes name.
"""

from http import HTTPStatus

from starlette.requests import Request

from thegrid_emulator.errors import MarketError
from thegrid_emulator.requests import bearer_token, journal_entry_of, live_venue_of
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.signatures import SignedRequest, verify


async def authenticate(request: Request, scope: str) -> Account:
    """Return the caller's account.

    Args:
        request: what was received.
        scope: OAuth scope that a bearer must cover.

    Raises:
        MarketError: 401 without a valid bearer or signature, 403 `insufficient_scope`.
    """
    if "authorization" in request.headers:
        user_id = _bearer_user(request, scope)
    else:
        user_id = await _signing_user(request)
    journal_entry_of(request).user_id = user_id
    return live_venue_of(request).accounts.get(user_id)


def _bearer_user(request: Request, scope: str) -> str:
    venue = live_venue_of(request)
    grant = venue.tokens.grant_of(bearer_token(request) or "", venue.clock.now())
    if grant is None:
        raise MarketError(HTTPStatus.UNAUTHORIZED, "invalid_token")
    if scope not in grant.scopes:
        raise MarketError(HTTPStatus.FORBIDDEN, "insufficient_scope", f"needs scope {scope}")
    return grant.user_id


async def _signing_user(request: Request) -> str:
    venue = live_venue_of(request)
    now = venue.clock.now()
    signed = SignedRequest(
        method=request.method,
        path=request.scope["raw_path"],
        body=await request.body(),
        timestamp=request.headers.get("x-thegrid-timestamp", ""),
        fingerprint=request.headers.get("x-thegrid-fingerprint", ""),
        signature=request.headers.get("x-thegrid-signature", ""),
    )
    key = verify(signed, venue.signing_keys.find_active, now)
    key.last_used_at = now
    return key.user_id
