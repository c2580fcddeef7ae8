"""What the repository's files may not hold, whatever they are."""

from __future__ import annotations

import re

import pytest

from tests.support import sources

LONGEST = 350
# Put together here, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(map(re.escape, ("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "deb.debian" + ".org")))
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(?:" + "|".join(("wo" + "rk", "fa" + "rm", "ro" + "ot")) + r")/|\.\./sha" + "red"
)
PUT_OFF = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
# Pictures and archives have no lines to read.
TEXTS = [name for name in sources.own() if sources.text(name) is not None and not name.endswith(".po")]


def hits(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    return [
        f"{name}:{n}: {line.strip()[:120]}" for name in names for n, line in sources.lines(name) if pattern.search(line)
    ]


def test_no_package_registry_is_named() -> None:
    assert hits(REGISTRY_HOSTS, TEXTS) == []


def test_no_path_of_somebodys_machine_is_named() -> None:
    assert hits(MACHINE_PATHS, TEXTS) == []


def test_nothing_is_put_off() -> None:
    assert hits(PUT_OFF, TEXTS) == []


# A migration is one list of changes, as long as they are, and is not edited once it has run somewhere.
READ_AND_EDITED = [name for name in sources.own(".py", ".html", ".js", ".css") if "/migrations/versions/" not in name]


@pytest.mark.parametrize("name", READ_AND_EDITED)
def test_a_file_can_be_held_in_the_head(name: str) -> None:
    length = len((sources.text(name) or "").splitlines())
    assert length <= LONGEST, f"{name} has {length} lines: does it hold one idea?"


def test_vendored_folders_carry_version_and_licence() -> None:
    vendored = {tuple(name.split("/")[:3]) for name in sources.files() if name.split("/")[1:2] == ["vendor"]}
    assert vendored
    for parts in vendored:
        folder = sources.ROOT.joinpath(*parts)
        assert folder.is_dir(), f"{'/'.join(parts)}: vendored files lie in a folder that names what they are"
        assert re.search(r"-\d+(\.\d+)+$", folder.name), f"{folder.name}: which version is it?"
        assert list(folder.glob("LICEN[SC]E*")), f"{folder.name} has no licence beside it"
