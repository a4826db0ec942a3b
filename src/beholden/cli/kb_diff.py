"""`beholden kb diff A B`: what differs between two knowledge bases."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from beholden.cli.options import IsoDate, existing, output_format, print_document, today
from beholden.cli.progress import Progress


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--as-of",
    type=IsoDate(),
    metavar="DATE",
    help="Which entries run is asked for this day (default: that of --result, else today).",
)
@click.option("--result", metavar="FILE", help="Say which findings of this JSON result of `scan` would change.")
@output_format("table", "json")
def diff(a: str, b: str, as_of: date | None, result: str | None, form: str) -> None:
    """Compare the knowledge bases A and B: lists and who is on them, law row by row, and counts of every table.

    A and B are folders of compiled bases, starts of digests below the home folder, or the words `core` and `current`.
    What differs for your own records: `beholden diff A B --input PATH`.

    Exit codes: 0 compared, 2 usage, 4 a knowledge base is missing or damaged, 70 bug.
    """
    from beholden.run.base_diff import compare_bases
    from beholden.run.bases import base_called
    from beholden.run.compare import read_result

    read = None
    if result is not None:
        path = existing(result)
        read = (path.name, read_result(path))
    day = as_of or (date.fromisoformat(read[1].as_of) if read else today())
    sides = [(_shown(name), base_called(name)) for name in (a, b)]
    with Progress(sys.stderr) as progress:
        document = compare_bases(sides[0], sides[1], as_of=day, result=read, progress=progress.step)
    if form == "json":
        print_document(document)
        return
    from beholden.report.base_diff import render_base_diff

    click.echo(render_base_diff(document), nl=False)


def _shown(name: str) -> str:
    """What the user typed; of a folder only its own name, so that a place does not decide a byte."""
    return Path(name).name if Path(name).is_dir() else name
