"""Schemathesis: the served document believed to the letter, by an admin's program.

Nothing here looks for a particular fault: no answer may be a 5xx, of a status or type that the document does not name,
or of another shape than it says; what the document forbids is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from omnistream_console.web.openapi import document
from tests.conftest import dispose, make_app
from tests.support.web import House, house

EXAMPLES = 12
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def cases() -> Iterator[object]:
    """Each operation with what its schema allows, and with what it forbids where there is such a thing."""
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if path == "/api/docs":  # a page, and no JSON
                continue
            yield pytest.param(method.upper(), path, POSITIVE, id=f"{method}-{path}-allowed")
            if "requestBody" in operation or "parameters" in operation:
                yield pytest.param(method.upper(), path, NEGATIVE, id=f"{method}-{path}-forbidden")


@pytest.fixture(scope="module")
def home(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("fuzz")
    copy = folder / "console.sqlite3"
    copy.write_bytes(sqlite_template.read_bytes())
    app = make_app(f"sqlite:///{copy}", folder)
    home = house(app)
    home.policy(is_default=True, first_response_time_secs=1)
    home.conversation(message="halo")
    yield home
    dispose(app)


@pytest.mark.parametrize(("method", "path", "mode"), list(cases()))
def test_what_the_document_says(home: House, method: str, path: str, mode: GenerationMode) -> None:
    operation = schemathesis.openapi.from_wsgi("/api/openapi.json", home.app)[path][method]
    headers = {"Authorization": f"Bearer {home.bearer('admin')}", "Accept": "application/json"}
    real = real_id(home, path)
    # Rules that cross fields (the default is active, an id is of this organization) are in no schema.
    excluded = [positive_data_acceptance]
    if path == "/api/events":
        excluded.append(negative_data_rejection)  # a refused event is named in the answer, and keeps no other back

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if mode is POSITIVE and real:
            case.path_parameters["id"] = real
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    ask()


def real_id(home: House, path: str) -> str | None:
    """Of something that is there, so that not every request ends at 404."""
    if "{id}" not in path:
        return None
    if "conversations" in path:
        return home.conversation()
    return str(home.policy(f"For {path} {len(home.api().get('/api/sla-policies').json)}")["id"])
