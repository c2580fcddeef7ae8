"""The document of the API (OpenAPI 3.1), made from the table of routes and the models that the views use."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from ..config import VERSION
from ..sla.clocks import KINDS
from ..sla.timeline import STATUSES
from ..store.board import SLA
from ..work import events
from . import shapes
from .paging import MOST
from .routes import ROUTES
from .routing import Api, Route

_REF = "#/components/schemas/{model}"
_PROBLEM = {"$ref": "#/components/schemas/ProblemDetails"}
_UUID = {"type": "string", "format": "uuid"}

_QUERY: dict[str, dict[str, Any]] = {
    "status": {"enum": list(STATUSES)},
    "channel": {"type": "string", "pattern": "^[a-z0-9_-]{0,40}$"},
    "division_id": _UUID,
    "agent_id": _UUID,
    "unassigned": {"enum": ["1", "true"]},
    "sla": {"enum": list(SLA)},
    "sort": {"enum": ["due", "-created_at"], "default": "due"},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
    "cursor": {"type": "string", "description": "From the `Link` header of the page before."},
    "policy_id": _UUID,
    "clock": {"enum": [*KINDS, "next_response"]},
    "from": {"type": "string", "description": "A date of the organization's zone, or an instant; from it on."},
    "to": {"type": "string", "description": "A date of the organization's zone, whole, or an instant; before it."},
    "include": {"type": "string", "description": "next_response, retracted, or both with a comma."},
}

_REASONS = {
    400: "The body is not well formed",
    401: "Nobody is signed in, or the bearer is not valid",
    403: "The role does not allow it",
    404: "There is no such object in the organization",
    405: "The address does not take the method",
    409: "Not as things stand; nothing has changed",
    412: "Somebody else was faster; nothing has changed",
    413: "The body is too large",
    415: "The body is of another type",
    422: "Some values are not valid; `errors` names the fields",
    429: "Too many attempts; `Retry-After` says when again",
}


class _Unset(GenerateJsonSchema):
    """Optional fields of answers are left out when unset, never null: their schema says the type alone. A field that
    is always there and may be null says so."""

    def default_schema(self, schema: Any) -> Any:
        inner = schema["schema"]
        if inner["type"] == "nullable":
            schema = {**schema, "schema": inner["schema"]}
        return {key: value for key, value in super().default_schema(schema).items() if key != "default"}


@cache
def document() -> dict[str, Any]:
    """The whole document: the same for every app of a process, and not to be changed."""
    routes = [route for route in ROUTES if route.api is not None]
    answers = {model for route in routes for model in _models(route.api.answer if route.api else None)}
    inputs = {route.api.body for route in routes if route.api and route.api.body}
    schemas: dict[str, Any] = {}
    _refs, made = models_json_schema(
        [(model, "serialization") for model in sorted(answers | {shapes.ProblemDetails}, key=lambda m: m.__name__)],
        ref_template=_REF,
        schema_generator=_Unset,
    )
    schemas |= made["$defs"]
    _refs, made = models_json_schema(
        [(model, "validation") for model in sorted(inputs, key=lambda m: m.__name__)], ref_template=_REF
    )
    schemas |= made.get("$defs", {})
    for field in schemas["SlaPolicyUpdate"]["properties"].values():
        field.pop("default", None)  # what is left out of a change stays as it is
    schemas["Event"] = _event()
    paths: dict[str, Any] = {}
    for route in routes:
        assert route.api is not None
        url = "/api" + re.sub(r"<uuid:(\w+)>", r"{\1}", route.api.url)
        paths.setdefault(url, {})[route.api.method.lower()] = _operation(route, route.api)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OmniStream Console API",
            "version": VERSION,
            "description": "Everything that the console does. Errors are RFC 9457 problems; instants RFC 3339 in UTC.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": [{"name": name} for name in dict.fromkeys(route.api.tag for route in routes if route.api)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token or an API key."},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "omnistream",
                    "description": "The browser's session. A change then needs the header X-CSRFToken too.",
                },
            },
        },
    }


def _models(answer: Any) -> set[type[BaseModel]]:
    """The models that an answer is made of."""
    if isinstance(answer, type) and issubclass(answer, BaseModel):
        return {answer}
    return {model for part in getattr(answer, "__args__", ()) for model in _models(part)}


def _operation(route: Route, api: Api) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": api.name, "summary": api.summary, "tags": [api.tag]}
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": _UUID} for _ in range("<uuid:id>" in api.url)
    ]
    parameters += [{"name": name, "in": "query", "schema": _QUERY[name]} for name in api.query]
    if api.versioned:
        parameters.append(
            {
                "name": "If-Match",
                "in": "header",
                "schema": {"type": "string"},
                "description": "The ETag of the version that the change is meant for.",
            }
        )
    if parameters:
        operation["parameters"] = parameters
    if api.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(model=api.body.__name__)}}},
        }
    elif api.name == "events":
        one = {"$ref": "#/components/schemas/Event"}
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": one}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    operation["responses"] = {str(api.status): _answer(api), **_refusals(route, api)}
    if route.roles is None:
        operation["security"] = []
    return operation


def _answer(api: Api) -> dict[str, Any]:
    if api.name == "docs":
        return {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
    schema = _schema(api.answer)
    if api.name == "listSlaBreaches":
        schema["maxItems"] = 100
    if "anyOf" in schema:  # an object or null: exactly one of them
        schema["oneOf"] = schema.pop("anyOf")
    answer: dict[str, Any] = {"description": api.summary, "content": {"application/json": {"schema": schema}}}
    if api.status == 201:
        answer["headers"] = {"Location": {"schema": {"type": "string"}}}
    return answer


def _schema(answer: Any) -> dict[str, Any]:
    """A model by its name; lists and choices of models around their names."""
    if isinstance(answer, type) and issubclass(answer, BaseModel):
        return {"$ref": _REF.format(model=answer.__name__)}
    schema = TypeAdapter(answer).json_schema(ref_template=_REF, mode="serialization")
    schema.pop("$defs", None)
    return schema


def _refusals(route: Route, api: Api) -> dict[str, Any]:
    statuses = set()
    takes_body = api.body is not None or api.name == "events"
    if route.roles is not None or api.name == "login":
        statuses.add(401)
    if route.roles is not None:
        statuses.add(403)
    if "<uuid:id>" in api.url:
        statuses.add(404)
    if api.method not in ("GET",):
        statuses.add(400)  # no token of ours beside a cookie
    if takes_body:
        statuses |= {400, 413, 415, 422}
    if api.query:
        statuses.add(422)
    if api.conflicts:
        statuses.add(409)
    if api.versioned:
        statuses.add(412)
    if api.name == "login":
        statuses.add(429)
    return {
        str(status): {
            "description": _REASONS[status],
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
        for status in sorted(statuses)
    }


def _event() -> dict[str, Any]:
    """An event; which fields it has depends on its type."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["id", "source", "type", "conversation", "at"],
        "properties": {
            "id": text | {"minLength": 1, "maxLength": events.MAX_ID, "description": "Unique within the source."},
            "source": text | {"minLength": 1, "maxLength": events.MAX_SOURCE},
            "type": {"enum": list(events.TYPES)},
            "conversation": text | {"minLength": 1, "maxLength": events.MAX_ID, "description": "Its external id."},
            "at": text | {"format": "date-time"},
            "seq": {"type": "integer", "minimum": 0, "maximum": events.MAX_SEQ},
            "channel": text | {"maxLength": events.MAX_CHANNEL},
            "contact_name": text | {"maxLength": events.MAX_NAME},
            "contact_address": text,
            "subject": text | {"maxLength": events.MAX_SUBJECT},
            "opened_by": {"enum": ["customer", "agent"]},
            "message": text,
            "division": text | {"maxLength": events.MAX_DIVISION},
            "division_id": _UUID,
            "sender": {"enum": list(events.SENDERS)},
            "body": text,
            "status": {"enum": list(STATUSES)},
            "note": text,
            "agent_email": {"type": ["string", "null"]},
            "agent_id": {"oneOf": [_UUID, {"type": "null"}]},
            "event": text | {"description": "Of `void`: the id of the event that it removes."},
        },
        "additionalProperties": False,
    }
