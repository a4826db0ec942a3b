"""`beholden kb review`: pairs of ids that may mean one party; a person decides, and can take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from beholden.cli.options import output_format, print_document, today
from beholden.compile import DECISIONS_FILE, Decision, home, open_base, read_decisions

if TYPE_CHECKING:
    from beholden.schema.review import Review

_SHOWN = ("doubtful", "decided", "joined", "names", "open")


@click.command()
@click.argument("about", metavar="[ENTITY]", required=False)
@click.option(
    "--show",
    type=click.Choice(_SHOWN),
    help="doubtful: kept apart although something would join them, or joined by name and place or birth date; decided: "
    "by a person; joined: by anything; names: nothing but a name in common; open: doubtful, then names.  [default: "
    "open of an ENTITY, else doubtful]",
)
@click.option("--same", nargs=2, metavar="ID ID", help="Decide that the two are one party.")
@click.option("--apart", nargs=2, metavar="ID ID", help="Decide that the two are two parties.")
@click.option("--undo", nargs=2, metavar="ID ID", help="Take the last decision about the two back.")
@click.option("--reason", metavar="TEXT", help="Why; a decision needs one.")
@click.option("--by", metavar="NAME", help="Who decides, if that shall be on record.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Pairs a page.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Which page.")
@output_format("table", "json")
def review(
    about: str | None,
    show: str | None,
    same: tuple[str, str] | None,
    apart: tuple[str, str] | None,
    undo: tuple[str, str] | None,
    reason: str | None,
    by: str | None,
    limit: int,
    page: int,
    form: str,
) -> None:
    """Look at pairs of ids that may mean one party, with both sides, and decide.

    ENTITY narrows it down: an id, an identifier, a name or words of one. A decision is kept in decisions.toml in the
    home folder, and the base is built anew with it at once. Findings keep their earlier ids in previous_ids.

    Exit codes: 0 shown or decided, 2 usage, or it contradicts another decision, 4 no knowledge base, 5 nothing has
    this id or name, or there is no such decision.
    """
    chosen = [pair for pair in (same, apart, undo) if pair is not None]
    if len(chosen) > 1:
        raise click.UsageError("one of --same, --apart and --undo at a time")
    if not chosen:
        if reason is not None or by is not None:
            raise click.UsageError("--reason and --by belong to --same or --apart")
        # An answer that names this command for a party may rest on a name alone.
        document = _looked(about, show or ("doubtful" if about is None else "open"), page, limit)
    else:
        if about is not None:
            raise click.UsageError("ENTITY is for looking, not for deciding")
        document = _taken_back(undo) if undo is not None else _decided(same, apart, reason, by)
    if form == "json":
        print_document(document)
        return
    from beholden.report.review import render_review

    click.echo(render_review(document), nl=False)


def _looked(about: str | None, show: str, page: int, limit: int) -> Review:
    from beholden.run.review import Wanted
    from beholden.run.review import review as look

    wanted = Wanted(show, None if about is None else _readable(about), page, limit)
    return look(open_base(), read_decisions(home() / DECISIONS_FILE), wanted, as_of=today())


def _decided(same: tuple[str, str] | None, apart: tuple[str, str] | None, reason: str | None, by: str | None) -> Review:
    from beholden.run.review import decide

    one, other = _ids(same or apart)
    if reason is None or not reason.strip():
        raise click.UsageError("a decision needs --reason TEXT")
    decision = Decision(
        one=one,
        other=other,
        decided="same" if same is not None else "apart",
        because=_readable(reason.strip()),
        on=today(),
        by=_readable(by) if by else None,
    )
    return decide(open_base(), decision, as_of=today())


def _taken_back(pair: tuple[str, str]) -> Review:
    from beholden.run.review import take_back

    return take_back(open_base(), *_ids(pair), as_of=today())


def _ids(pair: tuple[str, str] | None) -> tuple[str, str]:
    assert pair is not None
    one, other = (_readable(text).strip() for text in pair)
    if not one or not other or one == other:
        raise click.UsageError("a decision is about two ids")
    return one, other


def _readable(text: str) -> str:
    """Arguments that are not UTF-8 arrive as lone surrogates, which no file can hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
