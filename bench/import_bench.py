"""`omnistream import` against the plainest way to get the same file into a database.

The baseline reads the same gzip through csv.reader and puts all columns, as text, with one executemany in one
transaction into one keyed table of a file database. The import takes conversations, facts, clocks and breaches out of
the same rows. The file is a log of incidents in the shape that examples/mappings/servicenow-incidents.toml maps: that
of OMNISTREAM_BENCH_LOG, else one made up here.
"""

from __future__ import annotations

import csv
import gzip
import os
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from omnistream_console import create_app
from omnistream_console.config import ROOT, Settings
from omnistream_console.sla import policies as rules
from omnistream_console.store import divisions, organizations, policies
from omnistream_console.store.database import db, new_id, transaction, utc_now
from omnistream_console.work.importing.run import import_file

from . import Ratio

MAPPING = ROOT / "examples" / "mappings" / "servicenow-incidents.toml"
INCIDENTS = 10_000
ROUNDS = 3
_DIVISION = "3 - Moderate"
_RESOLUTION_SECS = 783_000
_COLUMNS = """
number incident_state active reassignment_count reopen_count sys_mod_count made_sla caller_id opened_by opened_at
sys_created_by sys_created_at sys_updated_by sys_updated_at contact_type location category subcategory u_symptom
cmdb_ci impact urgency priority assignment_group assigned_to knowledge u_priority_confirmation notify problem_id
rfc vendor caused_by closed_code resolved_by resolved_at closed_at
"""
_HEADER = _COLUMNS.split()


def run(path: Path | None = None) -> list[Ratio]:
    """The median of some rounds; each import stands between two baselines, since machines are not steady."""
    given = os.environ.get("OMNISTREAM_BENCH_LOG")
    with tempfile.TemporaryDirectory() as folder:
        log = path or (Path(given) if given else invented(Path(folder) / "log.csv.gz"))
        ratios, again = [], []
        for number in range(ROUNDS):
            here = Path(folder) / str(number)
            here.mkdir()
            before = baseline(log, here / "before.sqlite3")
            first, second = imported(log, here)
            plain = (before + baseline(log, here / "after.sqlite3")) / 2
            ratios.append(first / plain)
            again.append(second / plain)
    against = "csv.reader and one executemany"
    return [
        Ratio("import of a log of updates", against, statistics.median(ratios), "at most 15"),
        Ratio("the same file a second time", against, statistics.median(again)),
    ]


def baseline(log: Path, database: Path) -> float:
    """How long the plainest way takes, in seconds."""
    begun = time.perf_counter()
    with gzip.open(log, "rt", encoding="utf-8", newline="") as text, closing(sqlite3.connect(database)) as connection:
        rows = csv.reader(text)
        header = next(rows)
        columns = ", ".join(f'"{name}" text' for name in header)
        connection.execute(f"create table log (line integer primary key, {columns})")
        marks = ", ".join("?" * (len(header) + 1))
        with connection:
            connection.executemany(
                f"insert into log values ({marks})", ((number, *row) for number, row in enumerate(rows))
            )
    return time.perf_counter() - begun


def imported(log: Path, folder: Path) -> tuple[float, float]:
    """How long an import takes, and the same again, in seconds."""
    url = f"sqlite:///{folder / 'console.sqlite3'}"
    app = create_app(Settings(instance_path=folder, database_url=url, secret_key="no secret", testing=True))
    with app.app_context():
        with transaction():
            now = utc_now()
            organization = organizations.create("Bench", "America/Sao_Paulo", now)
            division = divisions.create(organization.id, _DIVISION, now)
            values = {"name": "Moderate", "division_id": str(division.id), "resolution_time_secs": _RESOLUTION_SECS}
            at = policies.begin_edit(organization.id, now)
            policies.add(rules.create(new_id(), organization.id, values, at), None)
        took = []
        for _ in range(2):
            begun = time.perf_counter()
            import_file(log, "Bench", "bench", mapping_path=MAPPING, now=utc_now())
            took.append(time.perf_counter() - begun)
        db.session.remove()
        db.engine.dispose()
    return took[0], took[1]


def invented(path: Path) -> Path:
    """A log of the same shape as real ones: about six updates an incident, most of one priority."""
    draw = Random(20_160_229)
    begin = datetime(2016, 2, 29)  # noqa: DTZ001 - the logs carry no zone
    with gzip.open(path, "wt", encoding="utf-8", newline="") as text:
        out = csv.writer(text)
        out.writerow(_HEADER)
        for number in range(INCIDENTS):
            opened = begin + timedelta(minutes=draw.randrange(500_000))
            closed = opened + timedelta(hours=draw.expovariate(1 / 160))
            updates = sorted(draw.uniform(0, 1) for _ in range(1 + min(int(draw.expovariate(1 / 4)), 50)))
            priority = draw.choices((_DIVISION, "4 - Low", "2 - High", "1 - Critical"), (94, 3, 2, 1))[0]
            for count, share in enumerate([*updates, 1.0]):
                state = "Closed" if share == 1 else "New" if count == 0 else "Active"
                row = dict.fromkeys(_HEADER, "?")
                row |= {name: f"{name} {draw.randrange(300)}" for name in _HEADER[24:34]}
                row |= {
                    "number": f"INC{number:07}",
                    "incident_state": state,
                    "sys_mod_count": str(count),
                    "caller_id": f"Caller {draw.randrange(5_000)}",
                    "opened_at": _written(opened),
                    "sys_updated_at": _written(opened + (closed - opened) * share),
                    "contact_type": "Phone",
                    "priority": priority,
                    "u_symptom": f"Symptom {draw.randrange(500)}",
                }
                out.writerow(row.values())
    return path


def _written(at: datetime) -> str:
    return f"{at.day}/{at.month}/{at.year} {at:%H:%M}"
