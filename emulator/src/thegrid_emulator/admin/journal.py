"""Read the journal."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.requests import venue_of
from thegrid_emulator.responses import data
from thegrid_emulator.views import journal_view


async def _list(request: Request) -> Response:
    return data([journal_view(entry) for entry in venue_of(request).journal.entries])


ROUTES = [Route("/journal", _list, methods=["GET"])]
