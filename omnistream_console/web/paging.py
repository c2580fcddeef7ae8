"""Long lists: `limit`, and a cursor that says where the next page begins."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from ..sla.problems import Invalid, Problem
from ..store.database import EPOCH

DEFAULT = 50
MOST = 200

Place = tuple[datetime | None, UUID]


def limit() -> int:
    """`limit` of the query. Raises Invalid."""
    text = request.args.get("limit", "")
    if not text:
        return DEFAULT
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MOST:
        raise Invalid({"limit": [Problem("out_of_range", {"low": 1, "high": MOST})]})
    return int(text)


def cursor(at: datetime | None, id: UUID, sort: str = "") -> str:
    """The place behind a row: its instant (microseconds since 1970) and id."""
    micros = "" if at is None else str((at - EPOCH) // timedelta.resolution)
    return base64.urlsafe_b64encode(f"{sort}~{micros}~{id}".encode()).decode().rstrip("=")


def place(sort: str = "") -> Place | None:
    """The place that `cursor` of the query names. Raises Invalid, also for the cursor of another order."""
    text = request.args.get("cursor", "")
    if not text:
        return None
    try:
        made_for, micros, id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("~")
        if made_for not in ("", sort):
            raise ValueError
        at = EPOCH + int(micros) * timedelta.resolution if micros else None
        return at, UUID(id)
    except (ValueError, OverflowError, binascii.Error):
        raise Invalid({"cursor": [Problem("bad_cursor", {})]}) from None


def link_next(response: Response, at: datetime | None, id: UUID, sort: str = "") -> None:
    """Says in `Link` where the list goes on."""
    query = request.args.to_dict(flat=False) | {"cursor": [cursor(at, id, sort)]}
    response.headers["Link"] = f'<{request.base_url}?{urlencode(query, doseq=True)}>; rel="next"'
