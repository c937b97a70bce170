"""What the dashboard shows, for the page's script and for other programs."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from thegrid_emulator.pages.dashboard_view import dashboard_view
from thegrid_emulator.requests import venue_of


async def _read(request: Request) -> Response:
    venue = venue_of(request)
    now = venue.clock.now()
    venue.catch_up(now)
    query = request.query_params
    view = dashboard_view(venue, query.get("user_id", ""), query.get("market", ""), now)
    return JSONResponse(view, headers={"cache-control": "no-store"})


ROUTES = [Route("/dashboard", _read, methods=["GET"])]
