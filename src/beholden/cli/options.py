"""Options that several commands share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from beholden.schema.comparison import Comparison, Supposition
    from beholden.schema.document import Document

F = TypeVar("F", bound=Callable[..., Any])


class IsoDate(click.ParamType):  # type: ignore[type-arg]  # generic only in the newest click
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Parse, or fail with what was expected."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; expected YYYY-MM-DD", param, ctx)


def now() -> datetime:
    """The clock, read here and nowhere else."""
    return datetime.now(tz=UTC).replace(microsecond=0)


def today() -> date:
    """The day of it."""
    return now().date()


def day_asked(as_of: date | None, known_at: date | None, today: date) -> date:
    """The day to answer for: the one given; else that of what was public, as nothing then tells more; else today."""
    return as_of or (today if known_at is None else min(known_at, today))


def clocks(command: F) -> F:
    """Add `--as-of` and `--known-at`."""
    command = click.option(
        "--known-at", type=IsoDate(), metavar="DATE", help="Use only what the public could know on this day."
    )(command)
    return click.option(
        "--as-of", type=IsoDate(), metavar="DATE", help="Answer for this day (default: --known-at, else today)."
    )(command)


def who_we_are(command: F) -> F:
    """Add `--profile` and `--role`."""
    command = click.option(
        "--role",
        "roles",
        multiple=True,
        metavar="ROLE",
        help="A role we hold, added to the profile's; without a profile, the only ones (repeatable).",
    )(command)
    return click.option("--profile", metavar="FILE", help="Who we are (default: beholden.toml in the input folder).")(
        command
    )


def max_age(command: F) -> F:
    """Add `--max-age`."""
    return click.option(
        "--max-age",
        type=click.IntRange(min=0),
        metavar="DAYS",
        help="Exit 4 if a loaded list is this old on the day asked (--as-of).",
    )(command)


def output_format(*choices: str) -> Callable[[F], F]:
    """Add `--format`; the first choice is the default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help="Standard output."
    )


def existing(path: str) -> Path:
    """A path that must exist.

    Raises:
        click.UsageError: It does not.
        UsageError: It is an address of a store.
    """
    if "://" in path:
        # It loads the readers, which most commands do without.
        from beholden.run.stores import refuse_addresses

        refuse_addresses([path])
    found = Path(path)
    if not found.exists() and not found.is_symlink():
        raise click.UsageError(f"{path}: no such file or folder")
    return found


def print_comparison(document: Comparison | Supposition, form: str) -> None:
    """Write a comparison to standard output: it is the user's own, so nothing is pseudonymised."""
    if form == "json":
        print_document(document)
        return
    from beholden.report.comparison import lines_of, render_comparison

    if form == "jsonl":
        write_bytes(lines_of(document))
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    render_comparison(document, sys.stdout, colour=colour, width=width)


def print_document(document: Document) -> None:
    """Write a document to standard output, and nothing else."""
    import msgspec

    from beholden.report.json import encode

    write_bytes(msgspec.json.format(encode(document), indent=2) + b"\n")


def write_bytes(content: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.buffer.write(content)
    sys.stdout.flush()
