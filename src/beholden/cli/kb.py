"""`beholden kb ...`: the knowledge base."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from beholden.cli.kb_diff import diff
from beholden.cli.kb_export import export
from beholden.cli.kb_prune import prune
from beholden.cli.kb_review import review
from beholden.cli.options import IsoDate, clocks, day_asked, existing, output_format, print_document, today
from beholden.cli.publications import drop, import_files, update
from beholden.compile import build as build_base
from beholden.compile import home, open_base, rebuild
from beholden.errors import KnowledgeBaseError


@click.group()
def kb() -> None:
    """Build, describe, review, compare, export and verify the knowledge base."""


kb.add_command(diff)
kb.add_command(drop)
kb.add_command(export)
kb.add_command(import_files)
kb.add_command(prune)
kb.add_command(review)
kb.add_command(update)


@kb.command()
@click.option("--packs", metavar="FOLDER", help="Compile these packs alone, and leave the base in use as it is.")
@click.option("--as-held", type=IsoDate(), metavar="DATE", help="Only publications that were held on this day (UTC).")
def build(packs: str | None, as_held: date | None) -> None:
    """Compile the packs and the publications held into the base in use; the same rows give the same digest."""
    if packs is not None:
        if as_held is not None:
            raise click.UsageError("--as-held is about publications, --packs compiles none")
        base = build_base(existing(packs), home() / "kb")
    elif as_held is not None and as_held > _latest():
        raise click.UsageError(f"{as_held} is to come: nobody knows what will be held then")
    else:
        made = rebuild(home(), as_held=as_held)
        base = made.base
        for held in made.held:
            click.echo(f"  {held.slug}, edition of {held.edition}, held since {held.held_at:%Y-%m-%d}", err=True)
        for remark in made.remarks:
            click.echo(f"  differs from what was reviewed: {remark}", err=True)
    counts = base.rows_per_table()
    click.echo(f"{base.digest}  {sum(counts.values())} rows in {len(counts)} tables  {base.folder}")


def _latest() -> date:
    """Today, UTC; later where something is held since later, because the clock was ahead."""
    from beholden.sources.snapshot import Store

    held = (item.held_at.date() for item in Store(home()).records())
    return max(datetime.now(tz=UTC).date(), *held, date.min)


@kb.command()
@clocks
@output_format("table", "json")
def info(as_of: date | None, known_at: date | None, form: str) -> None:
    """Lists and publications with their editions, ages and spans, and the standing of every rule at a date."""
    from beholden.run.base_info import base_info
    from beholden.sources.snapshot import Store

    store = Store(home())
    document = base_info(
        open_base(),
        as_of=day_asked(as_of, known_at, today()),
        known_at=known_at,
        held=store.records(),
        in_force=store.held(),
    )
    if form == "json":
        print_document(document)
        return
    from beholden.report.dossier import render_base_info

    click.echo(render_base_info(document), nl=False)


@kb.command()
@click.argument("place", metavar="[FOLDER|RECEIPT]", required=False)
@click.option("--at", metavar="FOLDER", help="Where the relative paths of a receipt lie (default: the working folder).")
@output_format("table", "json")
def verify(place: str | None, at: str | None, form: str) -> int:
    """Recompute every digest of a base (default: the one in use), or the search of a receipt.

    Exit codes: 0 all agrees, 2 not a receipt, 3 something does not agree, 4 the base is damaged or cannot be had.
    """
    from beholden.report.verification import render_verification
    from beholden.run.verify import verdict, verify_base

    given = existing(place) if place is not None else open_base().folder
    if given is None:
        raise KnowledgeBaseError("the base in use lives in memory only", code="kb.in-memory")
    if given.is_file():
        from beholden.cli.receipt import verified

        found = verified(given, existing(at) if at is not None else Path())
    elif at is not None:
        raise click.UsageError("--at is for receipts")
    else:
        found = verify_base(given)
    if form == "json":
        print_document(found)
    elif found.made_at is None and not found.agrees:
        click.echo(render_verification(found), nl=False, err=True)
    else:
        click.echo(render_verification(found), nl=False)
    if found.made_at is None and not found.agrees:
        raise KnowledgeBaseError(f"{given} is damaged", code="kb.damaged", hint="run `beholden kb build`")
    return verdict(found.checks)
