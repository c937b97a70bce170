"""Keeps other web sites away from what they could do through a visitor's browser.

The side door and the pages ask for no credential, because whoever reaches the emulator controls
it. But any web page that is open in a browser on this machine reaches loopback too. There are no
cookies that a forged request could borrow, so what has to be told apart is who wrote it:

* Browsers say so of every request that can change something: `Sec-Fetch-Site` (W3C Fetch Metadata)
  towards loopback and HTTPS, `Origin` (Fetch standard) everywhere. Programs such as curl send
  neither, and pass. Pages must not be served with the referrer policy `no-referrer`: browsers would
  then send `Origin: null` for their own forms.
* A site can let its own name resolve to 127.0.0.1 (DNS rebinding) and is then of the same origin.
  It cannot hide its name, which stands in `Host`: while the emulator listens on loopback, it
  answers to loopback's names alone.

Answers to other sites' harmless requests are safe as they are, since no answer allows their
scripts to read it.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from thegrid_emulator.errors import MarketError
from thegrid_emulator.listeners import is_loopback

_HARMLESS = {"GET", "HEAD", "OPTIONS"}


class OwnSiteOnly:
    """Wraps an application; refuses with 403 what another web site sent.

    Args:
        application: what answers the rest.
    """

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        objection = objection_to(Request(scope))
        if objection is None:
            await self._application(scope, receive, send)
        else:
            refusal = MarketError(HTTPStatus.FORBIDDEN, "foreign_site", objection)
            await JSONResponse(refusal.body(), refusal.status)(scope, receive, send)


def objection_to(request: Request) -> str | None:
    """Return why a request is refused, or None if it may pass.

    Args:
        request: only its method, address and headers are looked at.
    """
    host = request.headers.get("host", "")
    listener = (request.scope.get("server") or ("",))[0]
    if is_loopback(listener) and not is_loopback(_without_port(host)):
        return "Host: this emulator listens on loopback and answers only to loopback's names."
    if request.method in _HARMLESS:
        return None
    own_origin = f"{request.scope['scheme']}://{host}"
    if request.headers.get("origin", own_origin) != own_origin:
        return "Origin: another web site may not do this; open the emulator's own page."
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "Sec-Fetch-Site: another web site may not do this; open the emulator's own page."
    return None


def _without_port(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
