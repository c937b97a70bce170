"""A real browser without a window, if this machine has one, that reaches loopback alone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

PHONE = {"width": 390, "height": 844}
NARROW_PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 900}


def find_browser() -> str | None:
    """Return the program, or None if there is none on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """Run a browser for the length of a block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=list(_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, *, complaints: list[str], **options) -> Iterator[Page]:
    """Open a tab for the length of a block, and collect what the browser complains about.

    Args:
        browser: where.
        complaints: gets every error and warning of console and scripts.
        options: of the browser's context, for example `viewport`.
    """
    context = browser.new_context(**({"viewport": DESKTOP} | options))
    page = context.new_page()
    page.set_default_timeout(5000)
    page.on(
        "console",
        lambda it: complaints.append(it.text) if it.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda it: complaints.append(str(it)))
    try:
        yield page
    finally:
        context.close()


def overflow(page: Page) -> int:
    """Return by how many pixels the content is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
