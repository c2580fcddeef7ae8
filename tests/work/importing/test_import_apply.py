"""Imports end to end, on both databases: what is written, what the same file does a second time, what an interrupted
import leaves, and that the order of a file's rows does not matter."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from omnistream_console.store import agents
from omnistream_console.work.importing import apply, run
from omnistream_console.work.importing.run import ImportFailed, import_file
from tests.work.importing.bringing import (
    CONVERSATIONS,
    HEAD,
    INCIDENTS,
    LOG,
    NOW,
    bring,
    bring_conversations,
    bring_lines,
    bring_log,
    clocks,
    state,
)


def test_a_log_of_updates(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_log(app, tmp_path)
    assert (summary.records, summary.accepted, summary.duplicate, summary.opened) == (10, 14, 0, 4)
    assert summary.divisions == ["4 - Low", "2 - High"]
    assert summary.ignored == ["made_sla"]
    assert summary.refused == []
    found = state(app)
    assert [(c[0], c[1], c[2], c[4], c[6]) for c in found["conversations"]] == [
        ("INC1", "phone", "3 - Moderate", "Caller 1", "closed"),
        ("INC2", "email", "3 - Moderate", "Caller 2", "closed"),
        ("INC3", "self-service", "2 - High", "Unknown caller", "open"),
        ("INC4", "phone", "3 - Moderate", "Caller 4", "closed"),
    ]
    # INC2 was late as “4 - Low” already, before its priority changed: a transfer buys no time
    assert [(b[0], b[1], b[2]) for b in found["breaches"] if b[1] == "resolution"] == [
        ("INC2", "resolution", datetime(2016, 2, 1, 5, 0, tzinfo=UTC)),
        ("INC3", "resolution", datetime(2016, 2, 1, 6, 0, tzinfo=UTC)),
        ("INC4", "resolution", datetime(2016, 2, 10, 7, 0, tzinfo=UTC)),
    ]
    assert [f[6] for f in found["facts"] if f[2] == "transfer"] == ["3 - Moderate"]
    resolution = {k[0]: (k[2], k[3]) for k in found["clocks"] if k[1] == "resolution"}
    assert resolution == {
        "INC1": ("Moderate", "met"),
        "INC2": ("Moderate", "met_late"),
        "INC3": ("Everything", "running"),
        "INC4": ("Moderate", "met_late"),
    }


def test_a_table_of_conversations(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_conversations(app, tmp_path)
    assert summary.divisions == ["Billing"]
    found = state(app)
    with app.app_context():
        sari = agents.by_email(acme, "sari@example.com")
    assert [(c[0], c[2], c[3], c[6], c[9], c[10]) for c in found["conversations"]] == [
        ("A1", "Billing", sari, "resolved", datetime(2026, 3, 1, 9, 10, tzinfo=UTC), "agent"),
        ("A2", "Billing", None, "open", None, None),
        ("A3", None, None, "pending", None, None),
    ]
    assert [(k[0], k[1], k[3]) for k in found["clocks"]] == [
        ("A1", "first_response", "met"), ("A1", "resolution", "met"),
        ("A2", "first_response", "running"), ("A2", "resolution", "running"),
        ("A3", "first_response", "running"), ("A3", "resolution", "paused"),
    ]  # fmt: skip
    # what fell due before the import is on record at once
    assert [(b[0], b[1]) for b in found["breaches"]] == [("A2", "first_response"), ("A2", "resolution")]


@pytest.mark.parametrize("bringing", [bring_log, bring_conversations])
def test_the_same_file_twice_changes_nothing(app: Flask, acme: UUID, tmp_path: Path, bringing: Any) -> None:
    first = bringing(app, tmp_path)
    before = state(app)
    again = bringing(app, tmp_path, now=NOW + timedelta(minutes=1))
    assert (again.accepted, again.duplicate, again.opened, again.changed) == (0, first.accepted, 0, 0)
    assert again.divisions == []
    assert state(app) == before


def test_an_interrupted_import_leaves_whole_conversations_and_is_completed_by_the_next(
    app: Flask, acme: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    fold, seen = apply.fold, []

    def interrupted(*heard: Any) -> Any:
        seen.append(heard)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return fold(*heard)

    with monkeypatch.context() as patched:
        patched.setattr(apply, "fold", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bring_log(app, tmp_path)
    halfway = state(app)
    assert [c[0] for c in halfway["conversations"]] == ["INC1"]
    assert len(halfway["facts"]) == 4
    summary = bring_log(app, tmp_path)
    assert (summary.opened, summary.duplicate, summary.accepted) == (3, 4, 10)
    assert [c[0] for c in state(app)["conversations"]] == ["INC1", "INC2", "INC3", "INC4"]


MOVES = [
    "INC5,New,0,1/2/2016 03:00,1/2/2016 03:00,Phone,4 - Low,Caller 5,?,true",
    "INC5,Active,1,1/2/2016 03:00,1/2/2016 05:00,Phone,3 - Moderate,Caller 5,?,true",
    "INC5,Active,2,1/2/2016 03:00,1/2/2016 06:00,Email,3 - Moderate,Caller 5,?,true",
    "INC5,Active,3,1/2/2016 03:00,1/2/2016 07:00,Email,4 - Low,Caller 5,?,true",
    "INC5,Closed,4,1/2/2016 03:00,1/2/2016 08:00,Email,4 - Low,Caller 5,?,true",
]


@given(rows=st.permutations([*LOG[3:7], *MOVES]), cuts=st.sets(st.integers(1, 8), max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(rows=MOVES[::-1], cuts={1, 2, 3, 4})
def test_the_order_of_rows_does_not_matter(
    app_sqlite: Flask, acme_sqlite: UUID, tmp_path: Path, rows: list[str], cuts: set[int]
) -> None:
    """The same rows shuffled, and brought in several files, end in the same clocks and the same place. (A breach that
    an earlier file showed keeps its instant: what is on record is not rewritten.)"""
    app, path = app_sqlite, tmp_path / "some.csv"
    number = next(_sources)
    for source, some in (
        (f"once {number}", [sorted(rows)]),
        (f"often {number}", [rows[a:b] for a, b in pairwise([0, *sorted(cuts), len(rows)])]),
    ):
        for part in filter(None, some):
            path.write_text("\n".join([HEAD, *part]))
            with app.app_context():
                import_file(path, "Acme", source, mapping_path=INCIDENTS, now=NOW)
    assert clocks(app, f"once {number}") == clocks(app, f"often {number}")


_sources = count()


def test_later_rows_of_a_known_conversation_are_added_and_the_clocks_follow(
    app: Flask, acme: UUID, tmp_path: Path
) -> None:
    bring_log(app, tmp_path, LOG[:5])
    assert {c[0]: c[6] for c in state(app)["conversations"]} == {"INC1": "closed", "INC2": "open"}
    summary = bring_log(app, tmp_path)
    assert (summary.opened, summary.changed) == (2, 1)
    later = state(app)
    assert [c[2] for c in later["conversations"] if c[0] == "INC2"] == ["3 - Moderate"]
    assert [f[6] for f in later["facts"] if f[2] == "transfer"] == ["3 - Moderate"], "told once"
    assert [k[3] for k in later["clocks"] if k[:2] == ("INC2", "resolution")] == ["met_late"]


def test_refused_rows_are_written_and_their_conversations_left_out(app: Flask, acme: UUID, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    rows = [*LOG[:3], LOG[3].replace("1/2/2016 02:00,Email", "soon,Email"), *LOG[4:]]
    summary = bring_log(app, tmp_path, rows, refused_path=refused)
    assert summary.opened == 3
    assert [line for line, _ in summary.refused] == [5, 6, 7, 8]
    written = list(csv.DictReader(io.StringIO(refused.read_text())))
    assert written[0]["reason"].startswith("at (column “sys_updated_at”): “soon”")
    assert written[3]["reason"] == f"another row of its conversation is refused: {written[0]['reason']}"
    assert written[3]["number"] == "INC2"
    assert [c[0] for c in state(app)["conversations"]] == ["INC1", "INC3", "INC4"]


def test_an_agent_that_nobody_knows_refuses_the_conversation(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_conversations(app, tmp_path, CONVERSATIONS.replace("sari@", "nobody@"))
    assert summary.refused == [(2, "agent_email: is no agent of this organization")]
    assert summary.refused_path == tmp_path / "conversations.csv.refused.csv"
    assert [c[0] for c in state(app)["conversations"]] == ["A2", "A3"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"organization": "Nobody"}, "there is no organization “Nobody”"),
        ({"source": " "}, "the source must be"),
        ({"source": "x" * 101}, "the source must be"),
        ({"mapping_path": Path("gone.toml")}, "No such file"),
        ({"refused_path": "the file"}, "cannot be the imported file"),
    ],
)
def test_imports_that_cannot_begin(app: Flask, acme: UUID, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    path = tmp_path / "conversations.csv"
    path.write_text(CONVERSATIONS)
    told = {"organization": "Acme", "source": "desk", **options}
    if "refused_path" in told:
        told["refused_path"] = path
    with app.app_context(), pytest.raises(ImportFailed, match=said):
        import_file(path, told.pop("organization"), told.pop("source"), now=NOW, **told)
    assert path.read_text() == CONVERSATIONS


def test_a_file_that_is_damaged_imports_nothing(app: Flask, acme: UUID, tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *LOG]).encode())[:-9])
    with pytest.raises(ImportFailed):
        bring(app, path, mapping_path=INCIDENTS)
    assert state(app)["conversations"] == []


def test_json_lines_need_no_mapping(app: Flask, acme: UUID, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="needs no mapping"):
        bring_lines(app, tmp_path, [{"id": "1"}], mapping_path=INCIDENTS)
