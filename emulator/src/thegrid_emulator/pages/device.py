"""`/device`: where a person decides about a device login (RFC 8628, section 3.3).

The address may carry the code (`verification_uri_complete`); it is shown all the same, to be
compared with the terminal's (sections 3.3.1 and 5.4). There is no browser login in an emulator:
whoever sees the page says which account approves. A decision is answered by a redirect to how the
login stands then, so that a reload decides nothing.
"""

import math
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from thegrid_emulator.errors import MarketError
from thegrid_emulator.pages.templates import NOTHING, Html, joined, page, render
from thegrid_emulator.requests import form_or_json, venue_of
from thegrid_emulator.state.accounts import Account
from thegrid_emulator.state.device_logins import DeviceLogin
from thegrid_emulator.state.tokens import CLIENTS, SCOPES
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.timestamps import iso

PATH = "/device"

_NOBODY = "There is no account yet. Open one: POST /_emulator/accounts"


async def _show(request: Request) -> Response:
    code = request.query_params.get("user_code", "").strip()
    return _standing(venue_of(request), code) if code else page("Enter a code", _code_form())


async def _decide(request: Request) -> Response:
    fields = await form_or_json(request)
    code, decision = str(fields.get("user_code", "")), fields.get("decision")
    venue = venue_of(request)
    now = venue.clock.now()
    login = venue.device_logins.find(code)
    if login is not None and login.standing(now) == "pending":
        if decision == "approve":
            try:
                account = venue.accounts.get(str(fields.get("user_id", "")))
            except MarketError:
                return _undecided(venue, login, now, "Choose the account that approves.")
            venue.device_logins.approve(code, account.user_id, now)
        elif decision == "deny":
            venue.device_logins.deny(code, now)
        else:
            return _undecided(venue, login, now, "Choose to approve or to refuse.")
    return RedirectResponse(f"{PATH}?{urlencode({'user_code': code})}", HTTPStatus.SEE_OTHER)


def _standing(venue: Venue, code: str) -> Response:
    """Return the page of a login: what to decide, or what has become of it."""
    login, now = venue.device_logins.find(code), venue.clock.now()
    if login is None:
        problem = f"No login has the code {code}. Compare it with the one in your terminal."
        return page("Unknown code", _code_form(code, problem), HTTPStatus.NOT_FOUND)
    match login.standing(now):
        case "pending":
            return page("Approve a login", _decision_form(login, venue.accounts.all(), now))
        case "approved":
            user_id = login.user_id or ""
            email = venue.accounts.get(user_id).email
            content = render("device_approved", account=email, user_id=user_id)
            return page("Login approved", content)
        case "denied":
            return page("Login refused", render("device_denied"))
        case "expired":
            problem = f"The code {login.user_code} has expired. Start again in your terminal."
            return page("Expired code", _code_form("", problem), HTTPStatus.GONE)


def _undecided(venue: Venue, login: DeviceLogin, now: datetime, problem: str) -> Response:
    form = _decision_form(login, venue.accounts.all(), now, problem)
    return page("Approve a login", form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _code_form(code: str = "", problem: str = "") -> Html:
    return render("device_code", code=code, problem=_alert(problem))


def _decision_form(
    login: DeviceLogin, accounts: list[Account], now: datetime, problem: str = ""
) -> Html:
    minutes = math.ceil((login.expires_at - now).total_seconds() / 60)
    return render(
        "device_decision",
        problem=_alert(problem or ("" if accounts else _NOBODY)),
        code=login.user_code,
        client=CLIENTS[login.client_id],
        client_id=login.client_id,
        scopes=joined([render("device_scope", scope=it, words=SCOPES[it]) for it in login.scopes]),
        accounts=joined(
            [
                render(
                    "device_account",
                    user_id=it.user_id,
                    email=it.email,
                    mode=it.settings.account_mode,
                )
                for it in accounts
            ]
        ),
        time_left="1 more minute" if minutes == 1 else f"{minutes} more minutes",
        expires_at=iso(login.expires_at),
    )


def _alert(problem: str) -> Html:
    return render("alert", text=problem) if problem else NOTHING


ROUTES = [
    Route(PATH, _show, methods=["GET"]),
    Route(PATH, _decide, methods=["POST"]),
]
