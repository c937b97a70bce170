"""See pending device logins and decide them, as their user would in the browser."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data, no_content
from thegrid_emulator.views import device_login_view


async def _list(request: Request) -> Response:
    venue = venue_of(request)
    return data([device_login_view(it) for it in venue.device_logins.pending(venue.clock.now())])


async def _approve(request: Request) -> Response:
    fields = Fields(await json_object(request), ("user_code", "user_id"))
    venue = venue_of(request)
    account = venue.accounts.get(fields.required("user_id", str))
    user_code = fields.required("user_code", str)
    venue.device_logins.approve(user_code, account.user_id, venue.clock.now())
    return no_content()


async def _deny(request: Request) -> Response:
    fields = Fields(await json_object(request), ("user_code",))
    venue = venue_of(request)
    venue.device_logins.deny(fields.required("user_code", str), venue.clock.now())
    return no_content()


ROUTES = [
    Route("/device-logins", _list, methods=["GET"]),
    Route("/device-logins/approve", _approve, methods=["POST"]),
    Route("/device-logins/deny", _deny, methods=["POST"]),
]
