"""Page, fragment or JSON? The only reader of Accept and of htmx's headers."""

from __future__ import annotations

from typing import Literal

from flask import request

Representation = Literal["page", "fragment", "json"]

# Everything that decides what an answer looks like, named on every answer so that no cache mixes them up.
VARY = ("Accept", "Accept-Language", "Authorization", "Cookie", "HX-Request", "HX-Request-Type")


def wanted() -> Representation:
    """What the client asked for: JSON under /api, a fragment where htmx says so, JSON where it is strictly preferred,
    else a page."""
    if is_api():
        return "json"
    if is_partial():
        return "fragment"
    accepted = request.accept_mimetypes
    json = max(accepted["application/json"], accepted["application/problem+json"])
    return "json" if json > accepted["text/html"] else "page"


def is_api() -> bool:
    """Whether the path is the API's, also where nothing is."""
    return request.path == "/api" or request.path.startswith("/api/")


def is_partial() -> bool:
    """Whether htmx asks for a part of a page; a boosted link asks for a whole one."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type") == "partial"


def body_is_json() -> bool:
    """Whether the body is judged as JSON: always under /api, elsewhere where it says that it is."""
    return is_api() or request.is_json
