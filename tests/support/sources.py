"""The repository's own files, for the guards that read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "omnistream_console"
# Where others' work lies as they made it.
VENDORED = ("static/vendor/", "tests/vendor/", "tests/cases/")
_NOT_SOURCES = {
    ".git",
    ".venv",
    "instance",
    "build",
    "dist",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}


@cache
def files() -> tuple[str, ...]:
    """The paths of all files that are, or with the next `git add` would be, in the repository; `/` between folders."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
    else:  # an unpacked archive
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        listed = [path.as_posix() for path in found if not _NOT_SOURCES.intersection(path.parts)]
    return tuple(sorted(name for name in set(listed) if name and (ROOT / name).is_file()))


def own(*suffixes: str, under: str = "") -> list[str]:
    """Files of this project's own making, by ending and folder."""
    return [
        name
        for name in files()
        if name.endswith(suffixes or ("",)) and name.startswith(under) and not name.startswith(VENDORED)
    ]


def text(name: str) -> str | None:
    """A file's text; None for pictures, archives and the like."""
    content = (ROOT / name).read_bytes()
    return None if b"\0" in content[:8192] else content.decode("utf-8", errors="replace")


def lines(name: str) -> Iterator[tuple[int, str]]:
    yield from enumerate((text(name) or "").splitlines(), start=1)


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(), filename=name)


def module_name(name: str) -> str:
    """`omnistream_console/sla/__init__.py` -> `omnistream_console.sla`."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(name: str) -> set[str]:
    """The full names that a module's import statements mention, relative ones resolved; also inside functions.

    `from a import b` gives `a` and `a.b`: whether b is a module cannot be told from here. What stands under
    `if TYPE_CHECKING:` is left out: it never runs.
    """
    module = module_name(name)
    package = module if name.endswith("/__init__.py") else module.rpartition(".")[0]
    found: set[str] = set()
    for node in _running(tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield other
                yield from _running(other)
            continue
        yield child
        yield from _running(child)


def top_level(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}
