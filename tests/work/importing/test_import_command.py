"""`omnistream import`: what it prints and with which status it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from omnistream_console.store import organizations
from omnistream_console.store.database import transaction
from omnistream_console.work.importing.command import import_command, told
from omnistream_console.work.importing.run import Summary

HEADER = "external_id,channel,division,contact_name,created_at,made_sla\n"
GOOD = "A1,email,Billing,Budi,2026-03-01T09:00:00Z,true\n"
BAD = "A2,email,Billing,Budi,yesterday,true\n"


@pytest.fixture
def command(app_sqlite: Flask) -> Flask:
    with app_sqlite.app_context(), transaction():
        organizations.create("Acme", "Asia/Jakarta", datetime(2026, 3, 1, tzinfo=UTC))
    return app_sqlite


def run(app: Flask, folder: Path, text: str, *options: str) -> Result:
    path = folder / "in.csv"
    path.write_text(text)
    with app.app_context():
        return CliRunner().invoke(import_command, [str(path), "--organization", "Acme", "--source", "desk", *options])


def test_all_taken(command: Flask, tmp_path: Path) -> None:
    result = run(command, tmp_path, HEADER + GOOD)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "1 rows read: 1 events taken, 0 known already, 0 rows refused.",
        "1 conversations are new, 0 changed.",
        "Divisions made: Billing.",
        "Columns ignored: made_sla.",
    ]
    assert list(tmp_path.glob("*.refused.csv")) == []


def test_some_refused(command: Flask, tmp_path: Path) -> None:
    result = run(command, tmp_path, HEADER + GOOD + BAD, "--refused", str(tmp_path / "out.csv"))
    assert result.exit_code == 3
    reason = "created_at (column “created_at”): “yesterday” is no ISO 8601 date and time"
    assert f"  line 3: {reason}" in result.output
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "line,reason," + HEADER.strip(),
        f"3,{reason},{BAD.strip()}",
    ]


def test_refusals_lie_beside_the_file_unless_told_otherwise(command: Flask, tmp_path: Path) -> None:
    assert run(command, tmp_path, HEADER + BAD).exit_code == 3
    assert (tmp_path / "in.csv.refused.csv").is_file()


def test_a_file_of_refusals_is_written_where_it_was_asked_for_even_if_empty(command: Flask, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("of last time")
    assert run(command, tmp_path, HEADER + GOOD, "--refused", str(out)).exit_code == 0
    assert out.read_text().splitlines() == ["line,reason," + HEADER.strip()]


def test_refusals_that_cannot_be_written_are_told_all_the_same(command: Flask, tmp_path: Path) -> None:
    result = run(command, tmp_path, HEADER + BAD, "--refused", str(tmp_path / "gone" / "out.csv"))
    assert result.exit_code == 3
    assert "cannot be written" in result.output
    assert "yesterday" in result.output


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", (), "is empty"),
        ("a,b\n1,2\n", (), "the header has no column"),
        (HEADER + GOOD, ("--organization", "Nobody"), "there is no organization “Nobody”"),
        (HEADER + GOOD, ("--mapping", "gone.toml"), "gone.toml: No such file"),
    ],
)
def test_failures(command: Flask, tmp_path: Path, text: str, options: tuple[str, ...], said: str) -> None:
    result = run(command, tmp_path, text, *options)
    assert result.exit_code == 1
    assert said in result.output


def test_many_refusals_are_not_all_shown() -> None:
    from omnistream_console.work.importing.refusals import Refused

    lines = told(Summary(records=9, waiting=2, refused=[Refused(n, "no") for n in range(2, 11)]))
    assert "2 events wait until their conversation is heard of." in lines
    assert lines[-1] == "  and 4 more"
