"""Give USD and units to accounts; see what is in consumption, and that nothing gets lost."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.admin.fields import Fields
from thegrid_emulator.bodies import required_number
from thegrid_emulator.requests import json_object, venue_of
from thegrid_emulator.responses import data, no_content
from thegrid_emulator.state.venue import Venue
from thegrid_emulator.views import JSONObject, lots_view, totals_view


async def _deposit(request: Request) -> Response:
    body = await json_object(request)
    fields = Fields(body, ("user_id", "usd"))
    user_id = fields.required("user_id", str)
    venue_of(request).deposit(user_id, required_number(body, "usd"))
    return no_content()


async def _give_units(request: Request) -> Response:
    fields = Fields(await json_object(request), ("user_id", "units", "consumption_units"))
    venue_of(request).give_units(
        fields.required("user_id", str),
        fields.optional("units", dict) or {},
        fields.optional("consumption_units", dict) or {},
    )
    return no_content()


async def _list_lots(request: Request) -> Response:
    return data(lots_of(venue_of(request), request.query_params.get("user_id", "")))


async def _read_totals(request: Request) -> Response:
    return data(totals_of(venue_of(request)))


def lots_of(venue: Venue, user_id: str) -> list[JSONObject]:
    """Return what a user can consume, lot by lot.

    Raises:
        MarketError: 404 for an unknown account.
    """
    account, now = venue.accounts.get(user_id), venue.clock.now()
    venue.catch_up(now)
    return lots_view(venue.ledger.consumptions(account.user_id, now))


def totals_of(venue: Venue) -> JSONObject:
    """Return all money and units of the market."""
    venue.catch_up(venue.clock.now())
    return totals_view(venue.ledger.totals())


ROUTES = [
    Route("/deposits", _deposit, methods=["POST"]),
    Route("/units", _give_units, methods=["POST"]),
    Route("/lots", _list_lots, methods=["GET"]),
    Route("/totals", _read_totals, methods=["GET"]),
]
