"""Routes of suppliers, who issue units. No account here is one, so all of them are refused.

Supply comes from the house account, and from the admin route that gives units away.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NoReturn

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.errors import MarketError
from thegrid_emulator.trading.authentication import authenticate


def _refusing(scope: str) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(request: Request) -> NoReturn:
        await authenticate(request, scope)
        raise MarketError(
            HTTPStatus.FORBIDDEN, "supplier_account_required", "the account is no supplier's"
        )

    return refuse


_read = _refusing("supply:read")
_write = _refusing("supply:write")

ROUTES = [
    Route("/issuance-accounts", _read, methods=["GET"]),
    Route("/issuance-accounts/transfer", _write, methods=["POST"]),
    Route("/supply-issuances", _read, methods=["GET"]),
    Route("/supply-issuances", _write, methods=["POST"]),
    Route("/supply-issuances/summary", _read, methods=["GET"]),
    Route("/supplier-liability", _read, methods=["GET"]),
    Route("/supplier-liability/{instrument_id}", _read, methods=["GET"]),
]
