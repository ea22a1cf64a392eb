"""Pages from templates: every text is escaped, and the browser is told to load nothing but our own files."""

import time
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from runbooks.durations import duration
from runbooks.words import clean, clock, day

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, browsers hide from us that a form is our own
    "Cache-Control": "no-store",
}
STATIC = {"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8"}

_pages = Environment(
    loader=PackageLoader("triggers.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters |= {"duration": duration, "clock": clock, "day": day, "clean": clean}


def fragment(template: str, /, **given: Any) -> Markup:
    """A part of a page."""
    return Markup(_pages.get_template(template).render(now=time.time(), **given))  # noqa: S704 - escaped by the template


def page(request: Request, template: str, /, status: int = 200, **given: Any) -> HTMLResponse:
    """A whole page."""
    known = {"visitor": None, "here": request.url.path, **given}
    return HTMLResponse(fragment(template, **known), status, HEADERS)


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent; files are none of ours."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


def static(name: str) -> bytes:
    """One of our own files."""
    return (files("triggers.console") / "static" / name).read_bytes()
