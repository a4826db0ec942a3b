"""`beholden kb export FOLDER`: the tables for others, without what may not be passed on."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from beholden.cli.options import output_format, print_document
from beholden.cli.progress import Progress


@click.command()
@click.argument("folder")
@click.option(
    "--base",
    metavar="BASE",
    default="current",
    show_default=True,
    help="A folder, the start of a digest, `core` or `current`.",
)
@output_format("table", "json")
def export(folder: str, base: str, form: str) -> None:
    """Write the tables of the knowledge base as Parquet to a new or empty FOLDER, for others to use.

    Rows of a source that may not be passed on, or does not say so, are left out and counted, and so are rows that
    refer to them. LICENCES.md and sources.json beside the tables say under which terms each source stands.

    Exit codes: 0 written, 2 the folder is not empty or cannot be written, 4 no such knowledge base, 70 bug.
    """
    from beholden.report.base_export import licences_page, render_export
    from beholden.run.base_export import export as write
    from beholden.run.bases import base_called

    kb = base_called(base)
    with Progress(sys.stderr) as progress:
        document = write(kb, Path(folder), licences=licences_page, progress=progress.step)
    if form == "json":
        print_document(document)
    else:
        click.echo(render_export(document, folder), nl=False)
