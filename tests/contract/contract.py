"""The contract (`sla.openapi.yaml` beside this file) and whether an answer keeps it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

CONTRACT: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "sla.openapi.yaml").read_text())
SCHEMAS: dict[str, Any] = CONTRACT["components"]["schemas"]
METHODS = ("get", "post", "patch", "delete")

# {operationId: (method, path, operation)}
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


def answers(operation_id: str) -> tuple[int, dict[str, Any]]:
    """The status of success and the schema of its body."""
    ((status, response),) = OPERATIONS[operation_id][2]["responses"].items()
    return int(status), response["content"]["application/json"]["schema"]


def kept(operation_id: str, answer: TestResponse) -> Any:
    """The body of an answer that keeps the contract: status, type, schema, formats, and nothing null inside."""
    status, schema = answers(operation_id)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    validator = Draft202012Validator(
        {**schema, "components": CONTRACT["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    body = answer.json
    errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(body)]
    assert errors == []
    for thing in body if isinstance(body, list) else [body]:
        for key, value in (thing or {}).items():
            assert value is not None, f"{key} is null: what is unset is left out"
            if key.endswith("_at") or key == "server_time":
                assert _RFC_3339.fullmatch(value), f"{key}: {value}"
    return body
