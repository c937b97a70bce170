"""HTML from the files of this package. Whatever is put into them is escaped, unless it is HTML."""

from functools import cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


NOTHING = Html()


def render(name: str, /, **values: str) -> Html:
    """Fill a template.

    Args:
        name: of a file in `templates/`, without `.html`.
        values: text by placeholder. What is not `Html` is escaped, for use between tags and in
            quoted attributes.

    Raises:
        KeyError: if the template has a placeholder without a value.
    """
    escaped = {
        key: value if isinstance(value, Html) else escape(value) for key, value in values.items()
    }
    return Html(_template(name).substitute(escaped))


def joined(parts: list[Html]) -> Html:
    """Return pieces of HTML as one."""
    return Html("".join(parts))


def page(
    title: str,
    content: Html,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    controls: Html = NOTHING,
    head: Html = NOTHING,
) -> HTMLResponse:
    """Return a whole page, which nobody may store or frame, and which loads from here alone.

    Args:
        title: of the document.
        content: of its main part.
        status: HTTP status of the answer.
        controls: what stands in the bar at the top, beside the name.
        head: what the document's head has besides.
    """
    document = render("page", title=title, content=content, controls=controls, head=head)
    return HTMLResponse(document, status, _HEADERS)


@cache
def _template(name: str) -> Template:
    file = files(__package__) / "templates" / f"{name}.html"
    return Template(file.read_text(encoding="utf-8"))
