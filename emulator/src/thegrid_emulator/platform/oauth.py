"""OAuth endpoints: scopes, device login, tokens, revocation (RFC 6749, 7009, 8628)."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.errors import OAuthError
from thegrid_emulator.requests import form_or_json, journal_entry_of, venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.state.tokens import SCOPES, Grant, TokenPair, check_client, check_scopes

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_REFRESH_GRANT = "refresh_token"


async def _list_scopes(request: Request) -> Response:
    check_client(request.query_params.get("client_id"), status=HTTPStatus.NOT_FOUND)
    return data([{"scope": scope, "description": text} for scope, text in SCOPES.items()])


async def _begin_device_login(request: Request) -> Response:
    fields = await form_or_json(request)
    client_id = check_client(fields.get("client_id"), status=HTTPStatus.BAD_REQUEST)
    scopes = check_scopes(str(fields.get("scope") or "").split())
    venue = venue_of(request)
    login, device_code = venue.device_logins.begin(client_id, scopes, venue.clock.now())
    page = f"{request.url.scheme}://{request.url.netloc}/device"
    return JSONResponse(
        {
            "device_code": device_code,
            "user_code": login.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={login.user_code}",
            "expires_in": venue.rules.device_code_seconds,
            "interval": venue.rules.device_poll_seconds,
        }
    )


async def _issue_tokens(request: Request) -> Response:
    fields = await form_or_json(request)
    grant_type = fields.get("grant_type")
    if grant_type not in (_DEVICE_GRANT, _REFRESH_GRANT):
        raise OAuthError(
            "unsupported_grant_type", f"grant_type: must be {_DEVICE_GRANT} or {_REFRESH_GRANT}"
        )
    client_id = check_client(fields.get("client_id"), status=HTTPStatus.UNAUTHORIZED)
    venue = venue_of(request)
    now = venue.clock.now()
    if grant_type == _REFRESH_GRANT:
        pair = venue.tokens.refresh(_required(fields, "refresh_token"), client_id, now)
    else:
        device_code = _required(fields, "device_code")
        user_id, login = venue.device_logins.redeem(device_code, client_id, now)
        seconds = venue.rules.access_token_seconds
        pair = venue.tokens.issue(Grant(user_id, client_id, login.scopes, seconds), now)
    grant = venue.tokens.grant_of(pair.access_token, now)
    journal_entry_of(request).user_id = grant.user_id if grant else None
    answer = _token_response(pair)
    if pair.refresh_token == fields.get("refresh_token"):
        del answer["refresh_token"]  # the caller has it, and keeps it
    return JSONResponse(answer, headers={"cache-control": "no-store"})


async def _revoke(request: Request) -> Response:
    fields = await form_or_json(request)
    venue_of(request).tokens.revoke(_required(fields, "token"))
    return JSONResponse({})


def _required(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise OAuthError("invalid_request", f"{name}: is required")
    return value


def _token_response(pair: TokenPair) -> dict[str, object]:
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "token_type": "Bearer",
        "expires_in": pair.expires_in,
        "scope": " ".join(pair.scopes),
    }


ROUTES = [
    Route("/oauth/scopes", _list_scopes, methods=["GET"]),
    Route("/oauth/device/code", _begin_device_login, methods=["POST"]),
    Route("/oauth/token", _issue_tokens, methods=["POST"]),
    Route("/oauth/revoke", _revoke, methods=["POST"]),
]
