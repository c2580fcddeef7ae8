"""The headers of every answer: what a browser may load, and what caches have to keep apart."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from .representation import VARY

CSP = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

_POLICIES = (
    ("Content-Security-Policy", CSP),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
_VARY = ", ".join(VARY)


def init(app: Flask) -> None:
    # A static file's address carries a digest of its content, so that it can be kept for good.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    app.after_request(_complete)

    @cache
    def digest(filename: str) -> str:
        path = Path(app.static_folder or "") / filename
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"

    @app.url_defaults
    def versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["v"] = digest(values["filename"])


def _complete(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint == "static":
        return response
    headers.extend(_POLICIES)
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    headers.setdefault("Cache-Control", "no-store")
    if "Vary" in headers:
        response.vary.update(VARY)
    else:
        headers["Vary"] = _VARY
    return response
