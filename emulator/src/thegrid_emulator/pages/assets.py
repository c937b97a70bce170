"""Style sheet, script and icon. A browser asks each time whether its copy is still good."""

import hashlib
from functools import cache
from http import HTTPStatus
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_MEDIA_TYPES = {
    "pages.css": "text/css",
    "dashboard.css": "text/css",
    "dashboard.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


async def _serve(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    content, tag = _asset(name)
    headers = {"etag": tag, "cache-control": "no-cache", "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers=headers, media_type=_MEDIA_TYPES[name])


@cache
def _asset(name: str) -> tuple[bytes, str]:
    """Return a file and its entity tag."""
    content = (files(__package__) / "assets" / name).read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'


ROUTES = [Route(f"/assets/{name}", _serve, methods=["GET"]) for name in _MEDIA_TYPES]
