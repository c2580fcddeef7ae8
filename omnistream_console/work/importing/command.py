"""`omnistream import`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from ...store.database import utc_now
from .run import ImportFailed, Summary, import_file

SOME_REFUSED = 3
_SHOWN = 5


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--organization", required=True, metavar="NAME", help="Into which organization.")
@click.option("--source", required=True, metavar="NAME", help="Where the file is from: ids are unique within it.")
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE.toml", help="What the columns mean.")
@click.option("--refused", type=click.Path(path_type=Path), metavar="FILE", help="Where refused rows are written.")
@with_appcontext
def import_command(file: Path, organization: str, source: str, mapping: Path | None, refused: Path | None) -> None:
    """Imports conversations or events from CSV or JSON Lines, gzip too.

    Whole per conversation; run again it completes and changes nothing else. Exit status: 0 all taken, 3 some
    refused, 1 failed.
    """
    try:
        summary = import_file(file, organization, source, mapping_path=mapping, refused_path=refused, now=utc_now())
    except ImportFailed as failure:
        raise click.ClickException(str(failure)) from None
    for line in told(summary):
        click.echo(line)
    if summary.refused:
        raise SystemExit(SOME_REFUSED)


def told(summary: Summary) -> list[str]:
    """What a person reads of an import."""
    lines = [
        f"{summary.records:,} rows read: {summary.accepted:,} events taken, {summary.duplicate:,} known already, "
        f"{len(summary.refused):,} rows refused.",
        f"{summary.opened:,} conversations are new, {summary.changed:,} changed.",
    ]
    if summary.waiting:
        lines.append(f"{summary.waiting:,} events wait until their conversation is heard of.")
    if summary.divisions:
        lines.append(f"Divisions made: {', '.join(summary.divisions)}.")
    if summary.ignored:
        lines.append(f"Columns ignored: {', '.join(summary.ignored)}.")
    if summary.refused:
        lines += [f"  line {line}: {reason}" for line, reason in summary.refused[:_SHOWN]]
        if len(summary.refused) > _SHOWN:
            lines.append(f"  and {len(summary.refused) - _SHOWN:,} more")
        if summary.refused_path is not None:
            lines.append(f"Refused rows with their reasons: {summary.refused_path}")
    return lines
