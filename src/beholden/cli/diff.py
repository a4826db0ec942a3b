"""`beholden diff A B`: what came, went and changed between two results, two dates or two knowledge bases."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.cli.options import (
    IsoDate,
    clocks,
    day_asked,
    existing,
    output_format,
    print_comparison,
    today,
    who_we_are,
)
from beholden.cli.options import max_age as with_max_age
from beholden.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.run.compare import Compared


_DIGEST = re.compile(r"[0-9a-f]{4,64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--input", "inputs", multiple=True, metavar="PATH", help="What two dates or bases judge (repeatable).")
@clocks
@who_we_are
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 even where an input was rejected in whole or part.")
@with_max_age
@output_format("table", "json", "jsonl")
def diff(
    a: str,
    b: str,
    inputs: tuple[str, ...],
    as_of: date | None,
    known_at: date | None,
    profile: str | None,
    roles: tuple[str, ...],
    allow_incomplete: bool,
    max_age: int | None,
    form: str,
) -> int:
    """Compare A with B: two JSON results, two dates (YYYY-MM-DD) or two knowledge bases.

    A base is a folder, the start of a digest below the home folder, `core` (the packs) or `current` (the base in use).

    Dates and bases judge what --input names; it is read once. Each difference comes with its reason: a list, a
    suspension, a stake, a rule's own date, or our own records.

    Exit codes: 0 compared, 2 usage, 3 an input was rejected in whole or part, 4 a knowledge base is missing, 70 bug.
    """
    from beholden.run.compare import compare_bases, compare_dates, compare_results
    from beholden.run.job import Job

    kinds = [_kind(name) for name in (a, b)]
    if kinds[0] != kinds[1]:
        raise click.UsageError(f"{a} is a {kinds[0]} and {b} a {kinds[1]}; compare two of a kind")
    given = {"--input": inputs, "--as-of": as_of, "--known-at": known_at, "--profile": profile, "--role": roles}
    if kinds[0] != "date" and max_age is not None:
        raise click.UsageError("--max-age is for two dates: it asks how old the lists of the base in use are")
    if kinds[0] == "result":
        _refuse(given, tuple(given), "two results say by themselves what was read, for whom and as of when")
        print_comparison(compare_results(Path(a), Path(b)).document, form)
        return 0
    if kinds[0] == "date":
        _refuse(given, ("--as-of",), "the two dates are the dates to answer for")
    if not inputs:
        raise click.UsageError(f"name what the two {kinds[0]}s judge with --input")
    for name in (*inputs, *filter(None, (profile,))):
        existing(name)
    job = Job(
        paths=inputs,
        as_of=day_asked(as_of, known_at, today()),
        known_at=known_at,
        profile=profile,
        roles=roles,
        max_age=max_age,
    )
    with Progress(sys.stderr) as progress:
        compared: Compared
        if kinds[0] == "date":
            compared = compare_dates(job, date.fromisoformat(a), date.fromisoformat(b), progress=progress.step)
        else:
            compared = compare_bases(job, a, b, progress=progress.step)
    print_comparison(compared.document, form)
    return 3 if compared.has_rejects and not allow_incomplete else 0


def _kind(name: str) -> str:
    """What is meant; a file or folder that is called like a date is named as `./2026-08-01`."""
    if _DATE.fullmatch(name):
        IsoDate().convert(name, None, None)
        return "date"
    if name in ("core", "current") or (_DIGEST.fullmatch(name) and not Path(name).exists()):
        return "base"
    return "base" if existing(name).is_dir() else "result"


def _refuse(given: Mapping[str, object], names: tuple[str, ...], because: str) -> None:
    unwanted = [name for name in names if given[name]]
    if unwanted:
        raise click.UsageError(f"{', '.join(unwanted)} cannot be given: {because}")
