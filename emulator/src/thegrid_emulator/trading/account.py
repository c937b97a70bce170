"""The caller's account, scope `account:read`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.responses import data
from thegrid_emulator.timestamps import iso
from thegrid_emulator.trading.authentication import authenticate


async def _read_me(request: Request) -> Response:
    account = await authenticate(request, "account:read")
    return data(
        {
            "user_id": account.user_id,
            "email": account.email,
            "name": account.name,
            "email_verified": account.verified,
            "accepted_terms": account.accepted_terms,
            "account_mode": account.settings.account_mode,
            "capabilities": ["trade"],
            "created_at": iso(account.created_at),
            "updated_at": iso(account.updated_at),
        }
    )


ROUTES = [Route("/me", _read_me, methods=["GET"])]
