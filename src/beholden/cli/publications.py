"""`beholden kb import`, `kb update` and `kb drop`: official publications in, dated and strict, and out again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from beholden.cli.options import IsoDate, existing, output_format, print_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from beholden.run.publish import Desk, Outcome
    from beholden.schema.publication import Publications

_WHOLE = click.option(
    "--whole",
    is_flag=True,
    help="It is all of it, though many entries of the copy before are gone, or more records than ever are in it.",
)
_ALLOW = click.option(
    "--allow-incomplete", is_flag=True, help="Exit 0 although records could not be read, or it is a part."
)


@click.command("import")
@click.argument("source", metavar="SOURCE")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--edition", type=IsoDate(), metavar="DATE", help="Day of the publication, where it does not print it.")
@_WHOLE
@click.option("--part", is_flag=True, help="It is a part, whatever it looks like: it adds, takes nobody off, exit 0.")
@click.option("--later", is_flag=True, help="Keep it, and compile it with the next import, update or `kb build`.")
@_ALLOW
@output_format("table", "json")
def import_files(
    source: str,
    files: tuple[str, ...],
    edition: date | None,
    whole: bool,
    part: bool,
    later: bool,
    allow_incomplete: bool,
    form: str,
) -> int:
    """Take in a publication from files or folders, as they were published.

    SOURCE is the id of an importer, such as us_ofac_sdn. The files of one publication belong into one call. They are
    kept as they are, and compiled into the knowledge base.

    Exit codes: 0 all was read, 2 no day or two, 3 refused, or kept in part: records could not be read or are missing,
    4 no base.
    """
    from beholden.compile import open_base
    from beholden.run.publications import files_of
    from beholden.run.publish import kept_for_later
    from beholden.sources import source_called

    if whole and part:
        raise click.UsageError("--whole and --part: it is one of them")
    importer = source_called(source)
    # Opened first: where the base in use cannot be had, nothing is kept.
    base = open_base() if later else None
    desk = _desk()
    given = files_of([existing(file) for file in files])
    outcome = desk.take_given(importer, given, edition=edition, is_whole=whole, is_part=part)
    document = (
        _compiled("kb import", [outcome], desk) if base is None else kept_for_later("kb import", [outcome], desk, base)
    )
    return _told(document, [outcome], allow_incomplete, form)


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@click.option("--mirror", metavar="URL", help="Ask only this host: files lie at URL/SOURCE/NAME.")
@_WHOLE
@_ALLOW
@output_format("table", "json")
def update(sources: tuple[str, ...], mirror: str | None, whole: bool, allow_incomplete: bool, form: str) -> int:
    """Fetch official publications from their publishers and compile them into the knowledge base.

    Without SOURCE: those that are fetched by default, and those that are held. Uses the network; the hosts are printed
    before they are asked. What cannot be had stays as it is held.

    Exit codes: 0 all is up to date, 3 something was refused, or is held in part: records could not be read or are
    missing, 4 no base.
    """
    from beholden.run.publications import hosts_of, mirror_of, to_update
    from beholden.sources.fetch import Fetcher

    if whole and len(sources) != 1:
        raise click.UsageError("--whole is about one SOURCE at a time")
    desk = _desk()
    chosen = to_update(sources, desk.store)
    _say(f"asking {', '.join(hosts_of(chosen, mirror))} for {', '.join(one.descriptor.slug for one in chosen)}")
    fetcher = Fetcher(desk.clock, say=_say)
    outcomes = []
    for one in chosen:
        where = mirror_of(mirror, one.descriptor.slug) if mirror is not None else None
        outcomes.append(desk.take_served(one, fetcher, mirror=where, is_whole=whole))
    return _told(_compiled("kb update", outcomes, desk), outcomes, allow_incomplete, form)


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option("--edition", type=IsoDate(), metavar="DATE", help="Only the publication of this day.")
@click.option("--later", is_flag=True, help="Leave the base as it is, until the next import, update or `kb build`.")
@output_format("table", "json")
def drop(source: str, edition: date | None, later: bool, form: str) -> int:
    """Take a publication that is held out again, and compile the knowledge base without it.

    SOURCE is the id of an importer. Without --edition all that is held of it is dropped. Files and records stay, so
    that `kb build --as-held` of an earlier day gives the base of that day.

    Exit codes: 0 dropped, 2 nothing of it is held, 3 or 4 what is left gives no base: it is dropped all the same.
    """
    from beholden.compile import home, open_base
    from beholden.run.drop import compiled
    from beholden.run.drop import drop as take_out
    from beholden.run.publish import kept_for_later

    # Opened first: where the base in use cannot be had, nothing is dropped.
    base = open_base() if later else None
    desk = _desk()
    outcomes = take_out(desk, source, edition)
    if base is not None:
        document = kept_for_later("kb drop", outcomes, desk, base)
    else:
        document = compiled("kb drop", outcomes, desk, home())
    return _told(document, outcomes, True, form)


def _desk() -> Desk:
    from beholden.compile import home
    from beholden.run.publish import Desk
    from beholden.sources.snapshot import Store

    return Desk(Store(home()), lambda: datetime.now(tz=UTC))


def _compiled(command: str, outcomes: Sequence[Outcome], desk: Desk) -> Publications:
    from beholden.compile import home
    from beholden.run.publish import published

    return published(command, outcomes, desk, home())


def _told(document: Publications, outcomes: Sequence[Outcome], allow_incomplete: bool, form: str) -> int:
    from beholden.report.publication import render_publications
    from beholden.run.publish import verdict

    if form == "json":
        print_document(document)
        for outcome in outcomes:
            if outcome.info.error is not None:
                _say(f"error: {outcome.info.error.message}")
    else:
        click.echo(render_publications(document), nl=False)
    return verdict(outcomes, allow_incomplete=allow_incomplete)


def _say(text: str) -> None:
    """To standard error: standard output has the document only."""
    click.echo(text, err=True)
