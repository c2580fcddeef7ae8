"""The body of a request: JSON, strictly read."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, UnsupportedMediaType


def read_json() -> Any:
    """The JSON value of the body. Raises UnsupportedMediaType (415), BadRequest (400)."""
    if not request.is_json:
        raise UnsupportedMediaType(_("The body has to be JSON, sent as application/json."))
    return parse(request.get_data(cache=False))


def parse(data: bytes) -> Any:
    """One JSON value in UTF-8. Numbers that JSON does not have (NaN) are none. Raises BadRequest."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest(_("The body is no well-formed JSON.")) from None


def read_object() -> dict[str, Any]:
    """The JSON object of the body. Raises UnsupportedMediaType (415), BadRequest (400)."""
    value = read_json()
    if not isinstance(value, dict):
        raise BadRequest(_("The body has to be a JSON object."))
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
