"""The user's own profile, scope `account:read`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from thegrid_emulator.platform.authorization import authorize
from thegrid_emulator.responses import data


async def _read_self(request: Request) -> Response:
    account = authorize(request, "account:read")
    return data(
        {
            "id": account.user_id,
            "email": account.email,
            "name": account.name,
            "verification_status": "verified" if account.verified else "pending",
            "kyc_status": "pending",
            "aml_status": "pending",
            "has_password": True,
            "has_accepted_legal_documents": account.accepted_terms,
            "connected_providers": [],
        }
    )


ROUTES = [Route("/users/self", _read_self, methods=["GET"])]
