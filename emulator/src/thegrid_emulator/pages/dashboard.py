"""`/dashboard`, also `/`: what goes on in the market, as it changes.

The page is the same for everybody; its script reads `/_emulator/dashboard`.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from thegrid_emulator.pages.templates import page, render

PATH = "/dashboard"


async def _show(_request: Request) -> Response:
    return page(
        "Dashboard",
        render("dashboard"),
        controls=render("dashboard_controls"),
        head=render("dashboard_head"),
    )


async def _lead_there(_request: Request) -> Response:
    return RedirectResponse(PATH, 302)


ROUTES = [
    Route("/", _lead_there, methods=["GET"]),
    Route(PATH, _show, methods=["GET"]),
]
