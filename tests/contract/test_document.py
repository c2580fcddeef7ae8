"""The served document: valid, whole, and no promise of the contract missing from it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from omnistream_console.web.openapi import document
from omnistream_console.web.routes import ROUTES
from tests.contract.contract import OPERATIONS, SCHEMAS

# Pages whose JSON is no resource of the API: what says why.
NOT_IN_THE_API = {
    "home": "leads to the board",
    "setup": "the first page; the API has register",
    "set_up": "the first page; the API has register",
    "login": "the page with the form",
    "language": "a choice of the browser's",
    "conversation_new": "an empty form",
    "policy_new": "an empty form",
    "policy_delete_ask": "asks a person",
    "breaches_csv": "the same rows as the list, for spreadsheets",
}


def schema_of(body: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = body["content"]["application/json"]["schema"]
    return content


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a value may be, null aside."""
    options = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return [resolved(option) for option in options if option.get("type") != "null"]


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether a property has the contract's type and format."""
    (only,) = alternatives(ours)
    if "enum" in theirs:
        return set(only.get("enum", ())) == set(theirs["enum"])
    return only.get("type") == theirs["type"] and only.get("format") == theirs.get("format")


def test_it_is_served_as_it_is_made(app_sqlite: Flask) -> None:
    answer = app_sqlite.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json == document()
    assert document()["openapi"] == "3.1.0"


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_every_route_is_in_it_or_known_not_to_be() -> None:
    paths = document()["paths"]
    for route in ROUTES:
        if route.api is None:
            assert route.page is not None
            assert route.page.name in NOT_IN_THE_API, f"{route.page.name}: in no document, and nobody says why"
        else:
            operation = paths["/api" + route.api.url.replace("<uuid:id>", "{id}")][route.api.method.lower()]
            assert operation["operationId"] == route.api.name
    pages = {route.page.name for route in ROUTES if route.page and route.api is None}
    assert pages == set(NOT_IN_THE_API)


def test_every_address_of_the_app_is_of_the_table(app_sqlite: Flask) -> None:
    named = {f"pages.{route.page.name}" for route in ROUTES if route.page}
    named |= {f"api.{route.api.name}" for route in ROUTES if route.api}
    assert {rule.endpoint for rule in app_sqlite.url_map.iter_rules()} == {*named, "static"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_of_the_contract_is_in_it(name: str) -> None:
    method, path, theirs = OPERATIONS[name]
    ours = document()["paths"][path][method]
    assert ours["operationId"] == name
    ((status, answer),) = theirs["responses"].items()
    assert status in ours["responses"]
    answered(schema_of(ours["responses"][status]), schema_of(answer))
    assert {"401", "403"} <= set(ours["responses"])
    if "requestBody" in theirs:
        taken(resolved(schema_of(ours["requestBody"])), contracts(schema_of(theirs["requestBody"])))


def contracts(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def answered(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """An answer says all that the contract says of it; it may say more."""
    if theirs.get("type") == "array":
        assert ours["type"] == "array"
        assert ours.get("maxItems") == theirs.get("maxItems")
        return answered(ours["items"], theirs["items"])
    if "oneOf" in theirs:
        assert {"type": "null"} in ours["oneOf"]
        (theirs,) = (option for option in theirs["oneOf"] if option != {"type": "null"})
        (ours,) = (option for option in ours["oneOf"] if option != {"type": "null"})
    ours, theirs = resolved(ours), contracts(theirs)
    assert set(theirs.get("required", ())) <= set(ours["required"])
    for name, property in theirs["properties"].items():
        assert same(ours["properties"][name], property), name
    return None


def taken(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """A body that the contract allows is allowed, but for the limits that the contract leaves open."""
    assert set(ours.get("required", ())) <= set(theirs.get("required", ()))
    for name, property in theirs["properties"].items():
        assert same(ours["properties"][name], property), name
        if "default" in property:
            assert ours["properties"][name]["default"] == property["default"]
