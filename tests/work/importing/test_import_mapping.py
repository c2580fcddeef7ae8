"""The mapping file, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from omnistream_console.work.importing import mapping
from omnistream_console.work.importing.mapping import BadMapping, Mapping

EXAMPLES = Path(__file__).parents[3] / "examples" / "mappings"
GOOD = """
rows = "events"
missing = ["?"]
[time]
format = "%d/%m/%Y %H:%M"
zone = "America/Sao_Paulo"
[columns]
conversation = "number"
at = "updated"
status = "state"
id = ["number", "mod"]
[defaults]
type = "status"
[values.status]
"Closed" = "closed"
"*" = "open"
"""


def read(text: str) -> Mapping:
    return mapping.check(tomllib.loads(text))


def test_a_good_one() -> None:
    found = read(GOOD)
    assert found.rows == "events"
    assert found.columns["id"] == ("number", "mod")
    assert found.missing == {"", "?"}
    assert str(found.zone) == "America/Sao_Paulo"
    assert found.places(["mod", "number", "state", "updated"])["id"] == (1, 0)
    assert found.ignored(["x", "mod", "number", "state", "updated", "y"]) == ["x", "y"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_examples_are_good(path: Path) -> None:
    assert mapping.load(path).columns


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('rows = "events"', 'rows = "tickets"', "rows must be"),
        ('rows = "events"', "", "rows must be"),
        ('missing = ["?"]', 'mising = ["?"]', "the mapping has “mising”"),
        ('missing = ["?"]', 'missing = "?"', "missing must be a list"),
        ('status = "state"', 'statsu = "state"', r"\[columns\] has “statsu”"),
        ('status = "state"', 'first_response_at = "state"', r"\[columns\] has “first_response_at”"),
        ('status = "state"', "status = 3", "columns.status must be the name of a column"),
        ('status = "state"', 'status = ["a", "b"]', "columns.status must be the name of a column"),
        ('at = "updated"', "", "does not say which column is “at”"),
        ('type = "status"', "", "does not say which column is “type”"),
        ('type = "status"', 'type = "state"', "defaults.type must be one of"),
        ('type = "status"', 'type = "status"\nat = "now"', r"\[defaults\] has “at”"),
        ('"Closed" = "closed"', '"Closed" = "done"', "values.status.“Closed” must be one of"),
        ("[values.status]", "[values.sender]", "values.sender.*no column|must be one of|stands for no column"),
        ("[values.status]", "[values.subject]", r"\[values\] has “subject”"),
        ('format = "%d/%m/%Y %H:%M"', 'format = "%d/%m/%Q"', "time.format “%d/%m/%Q” cannot be read"),
        ('format = "%d/%m/%Y %H:%M"', "format = 3", "time.format must be a text"),
        ('zone = "America/Sao_Paulo"', 'zone = "America/Sao_Paolo"', "there is no time zone “America/Sao_Paolo”"),
        ('zone = "America/Sao_Paulo"', 'zone = "../../etc/passwd"', "there is no time zone"),
        ('zone = "America/Sao_Paulo"', "", "time.zone must say in which zone"),
        ('rows = "events"', 'rows = "events"\nencoding = "utf-9"', "encoding: there is no “utf-9”"),
        ('rows = "events"', 'rows = "events"\nencoding = "base64"', "encoding: there is no “base64”"),
        ('rows = "events"', 'rows = "events"\ndelimiter = "||"', "delimiter must be one character"),
        ('rows = "events"', 'rows = "events"\ntime = 3\n[x]', "the mapping has “x”"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(BadMapping, match=said):
        read(GOOD.replace(old, new, 1) if "time = 3" not in new else new)


def test_a_header_without_a_mapped_column() -> None:
    with pytest.raises(BadMapping, match="no column “mod”; it has “number”, “updated”, “state”"):
        read(GOOD).places(["number", "updated", "state"])


def test_a_header_that_names_a_mapped_column_twice() -> None:
    with pytest.raises(BadMapping, match="more than one column “state”"):
        read(GOOD).places(["number", "updated", "state", "mod", "state"])


def test_the_native_header_needs_no_mapping() -> None:
    header = ["note", *mapping.NATIVE]
    assert mapping.native(header).ignored(header) == ["note"]


def test_the_native_header_may_leave_out_what_can_be_missing() -> None:
    assert mapping.native(["external_id", "channel", "contact_name", "created_at"]).rows == "conversations"
    with pytest.raises(BadMapping, match="no column “contact_name”, “created_at”"):
        mapping.native(["external_id", "channel"])


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="No such file"):
        mapping.load(tmp_path / "gone.toml")
    (tmp_path / "bad.toml").write_text("rows = ")
    with pytest.raises(BadMapping, match="is no TOML"):
        mapping.load(tmp_path / "bad.toml")
    (tmp_path / "wrong.toml").write_text('rows = "x"')
    with pytest.raises(BadMapping, match=r"wrong\.toml: rows must be"):
        mapping.load(tmp_path / "wrong.toml")
