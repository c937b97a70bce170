"""Who pays: an API key in the header that its host expects.

The OpenAI-shaped host reads `Authorization: Bearer`, the Anthropic-shaped one `x-api-key`; the
other host's header does not count. A bearer may also be an OAuth access token, of any scope: the
vendor's CLI tries one when its profile holds no key.
"""

from http import HTTPStatus

from starlette.requests import Request

from thegrid_emulator.errors import MarketError
from thegrid_emulator.requests import bearer_token, journal_entry_of, live_venue_of
from thegrid_emulator.state.api_keys import ApiKey
from thegrid_emulator.state.metering import Caller


def authenticate_bearer(request: Request) -> Caller:
    """Return who presents an API key or an access token as a bearer.

    Raises:
        MarketError: 401 if there is no valid one.
    """
    token = bearer_token(request)
    if token is None:
        raise _unauthorized("missing_api_key")
    venue = live_venue_of(request)
    now = venue.clock.now()
    key = venue.api_keys.find_usable(token, now)
    if key is not None:
        return _note_use(request, key)
    grant = venue.tokens.grant_of(token, now)
    if grant is None:
        raise _unauthorized("invalid_api_key")
    journal_entry_of(request).user_id = grant.user_id
    return Caller(grant.user_id, None)


def authenticate_key_header(request: Request) -> Caller:
    """Return who presents an API key in `x-api-key`.

    Raises:
        MarketError: 401 if there is no valid one.
    """
    secret = request.headers.get("x-api-key")
    if not secret:
        raise _unauthorized("missing_api_key")
    venue = live_venue_of(request)
    key = venue.api_keys.find_usable(secret, venue.clock.now())
    if key is None:
        raise _unauthorized("invalid_api_key")
    return _note_use(request, key)


def _note_use(request: Request, key: ApiKey) -> Caller:
    entry = journal_entry_of(request)
    entry.user_id, entry.api_key_id = key.user_id, key.key_id
    key.last_used_at = live_venue_of(request).clock.now()
    return Caller(key.user_id, key.key_id)


def _unauthorized(code: str) -> MarketError:
    return MarketError(HTTPStatus.UNAUTHORIZED, code)
