"""What a surface is: a name, the prefixes it serves under, and an application with its routes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from thegrid_emulator import admin
from thegrid_emulator.openapi import Document, document_of
from thegrid_emulator.responses import error_handlers
from thegrid_emulator.state.venue import Venue

DOCUMENT_PATH = "/openapi.json"
"""Where every listener describes itself in OpenAPI, under the admin prefix."""


class ExactRouter(Router):
    """Takes a slash that is percent-encoded for what it is: no separator (RFC 3986, section 2.2).

    Starlette compares decoded paths, so that it would find a route where production finds none.
    """

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route of one request (ASGI)."""
        if b"%2f" in scope["raw_path"].lower():
            await self.not_found(scope, receive, send)
        else:
            await super().app(scope, receive, send)


@dataclass(frozen=True)
class Surface:
    """One part of the market's interface, on its own listener.

    Attributes:
        name: platform, trading, consumption, messages or gateway.
        prefixes: path prefixes under which every route is served.
        error_members: members that each error body has besides the envelope.
        admin_prefixes: path prefixes of routes that are no part of the market.
        page_paths: paths of pages for people, which are no part of the market either.
        application: what answers.
    """

    name: str
    prefixes: Sequence[str]
    error_members: Mapping[str, object]
    admin_prefixes: Sequence[str]
    page_paths: Set[str]
    application: Starlette

    def stands_beside_the_market(self, path: str) -> bool:
        """Return whether a path leads to an admin route or a page, and not into the market."""
        return path in self.page_paths or any(
            path.startswith(f"{prefix}/") for prefix in self.admin_prefixes
        )


def build_surface(
    venue: Venue,
    name: str,
    routes: Sequence[BaseRoute],
    *,
    prefixes: Sequence[str] = ("/v1",),
    error_members: Mapping[str, object] | None = None,
    admin_routes: Mapping[str, Sequence[BaseRoute]] | None = None,
    page_routes: Sequence[Route] = (),
) -> Surface:
    """Return a surface whose handlers find the market by `venue_of`, and that describes itself.

    Args:
        venue: what is behind the routes.
        name: of the surface.
        routes: without prefix.
        prefixes: under which all of them are served.
        error_members: members that each error body has besides the envelope.
        admin_routes: routes that are no part of the market, by their prefix.
        page_routes: pages for people, by their whole path.
    """
    described = Route(DOCUMENT_PATH, _serving(document_of(name, prefixes)), methods=["GET"])
    admin_mounts = dict(admin_routes or {})
    admin_mounts[admin.PREFIX] = (*admin_mounts.get(admin.PREFIX, ()), described)
    mounts = dict.fromkeys(prefixes, tuple(routes)) | admin_mounts
    # A trailing slash must not be answered by a redirect: here a 307 means "call the gateway".
    application = Starlette(
        routes=[
            *page_routes,
            *(
                Mount(prefix, ExactRouter(it, redirect_slashes=False))
                for prefix, it in mounts.items()
            ),
        ],
        exception_handlers=error_handlers(error_members),
    )
    application.router.redirect_slashes = False
    application.state.venue = venue
    return Surface(
        name=name,
        prefixes=prefixes,
        error_members=error_members or {},
        admin_prefixes=tuple(admin_mounts),
        page_paths={route.path for route in page_routes},
        application=application,
    )


def _serving(document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def read(_request: Request) -> Response:
        return JSONResponse(document)

    return read
