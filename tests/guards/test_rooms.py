"""The walls between the rooms: who may import what, and who may read the request's headers."""

from __future__ import annotations

import ast

import pytest

from tests.support import sources

PACKAGE = sources.PACKAGE
MODULES = {sources.module_name(name): name for name in sources.own(".py", under=f"{PACKAGE}/")}
RULES = [module for module in MODULES if module.startswith(f"{PACKAGE}.sla")]
VIEWS = [name for name in MODULES.values() if name.startswith(f"{PACKAGE}/web/views/")]

WEB = {"flask", "flask_babel", "flask_login", "flask_wtf", "werkzeug", "wtforms", "jinja2"}
STORAGE = {"sqlalchemy", "flask_sqlalchemy", "alembic", "psycopg", "sqlite3"}
# Beside store/, what knows SQLAlchemy: the migrations' own environment lies in store/ as well.
QUERIES = f"{PACKAGE}.store"
HEADER_READERS = {"headers", "accept_mimetypes", "accept_languages", "if_none_match", "if_match", "environ"}


def reached(module: str) -> dict[str, str]:
    """Every module of this package that importing `module` runs, with the module that imports it."""
    found = {module: ""}
    waiting = [module]
    while waiting:
        current = waiting.pop()
        for name in sources.imports(MODULES[current]):
            # `from package.sla import clocks` runs package.sla and package.sla.clocks. The package's own front page,
            # which wires everything together, runs with every import and is no module's choice.
            if name in MODULES and name != PACKAGE and name not in found:
                found[name] = current
                waiting.append(name)
    return found


def test_there_are_modules_to_guard() -> None:
    assert RULES
    assert VIEWS


@pytest.mark.parametrize("module", RULES)
def test_the_rules_know_neither_flask_nor_sqlalchemy(module: str) -> None:
    for name, because in reached(module).items():
        forbidden = sources.top_level(sources.imports(MODULES[name])) & (WEB | STORAGE)
        assert not forbidden, f"{module} reaches {forbidden} through {name}, which {because or module} imports"


@pytest.mark.parametrize("module", RULES)
def test_the_rules_import_no_other_room(module: str) -> None:
    others = {f"{PACKAGE}.{room}" for room in ("store", "work", "web", "commands")}
    mentioned = {".".join(name.split(".")[:2]) for name in sources.imports(MODULES[module])}
    assert not mentioned & others


@pytest.mark.parametrize("module", RULES)
def test_the_rules_have_no_clock_of_their_own(module: str) -> None:
    calls = {
        f"line {node.lineno}: {ast.unparse(node.func)}()"
        for node in ast.walk(sources.tree(MODULES[module]))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "utc_now"}
    }
    assert not calls, f"{module}: `now` is an argument everywhere in sla/: {calls}"


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith(QUERIES)])
def test_only_the_store_queries(module: str) -> None:
    storage = sources.top_level(sources.imports(MODULES[module])) & STORAGE
    assert not storage, f"{module} imports {storage}: queries belong into store/"


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith((QUERIES, f"{PACKAGE}.work"))])
def test_store_and_work_know_nothing_of_the_web(module: str) -> None:
    mentioned = {".".join(name.split(".")[:2]) for name in sources.imports(MODULES[module])}
    assert f"{PACKAGE}.web" not in mentioned


@pytest.mark.parametrize("name", VIEWS)
def test_views_read_no_headers(name: str) -> None:
    found = []
    for node in ast.walk(sources.tree(name)):
        if isinstance(node, ast.Attribute) and node.attr in HEADER_READERS and ast.unparse(node.value) == "request":
            found.append(f"line {node.lineno}: request.{node.attr}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.upper().startswith("HX-"):
            found.append(f"line {node.lineno}: {node.value!r}")
    assert not found, f"{name}: what the client wants is web/representation.py's to say: {found}"


@pytest.mark.parametrize("name", VIEWS)
def test_views_do_not_ask_which_representation_is_wanted(name: str) -> None:
    called = {ast.unparse(node.func) for node in ast.walk(sources.tree(name)) if isinstance(node, ast.Call)}
    assert not {call for call in called if call.rpartition(".")[2] == "wanted"}
