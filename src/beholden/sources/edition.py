"""Of which day a publication is: without a day, a list would answer for days it knows nothing about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from beholden.errors import Origin, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from beholden.sources.document import Document
    from beholden.sources.held import HeldDocument
    from beholden.sources.interface import Source

_OWN = "own records"
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(-?)([01]\d)\2([0-3]\d)(?!\d)")
# Publishers east of us print the day that begins there.
_AHEAD = timedelta(days=1)
# No list is a file of an earlier day; the first that OFAC put on a network is of 1994.
_FIRST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Edition:
    """A day and how it was found, a word of `sources.held.EDITION_FROM`."""

    day: date
    found: str


def edition_of(
    source: Source,
    documents: tuple[Document, ...],
    served: Sequence[HeldDocument],
    *,
    today: date,
    given: date | None = None,
    is_from_publisher: bool = False,
) -> Edition:
    """The day of a publication.

    Args:
        source: Its importer.
        documents: Its files.
        served: The same files with what the server said of them.
        today: Day on which it comes in.
        given: Day that the user says.
        is_from_publisher: Fetched where the publisher serves its current state.

    Raises:
        UsageError: None is known, two are said, or it is in the future or before any publication.
        SourceError: A file cannot be read.
    """
    printed = source.printed_date(documents, source.descriptor) if source.printed_date is not None else None
    found = _found(source, printed, served, today=today, given=given, is_from_publisher=is_from_publisher)
    if found.day < _FIRST:
        raise UsageError(
            f"{found.day} is before any publication that is read here",
            code="source.early-date",
            hint="say of which day it is with --edition YYYY-MM-DD",
        )
    if found.day > today + _AHEAD:
        raise UsageError(
            f"{source.descriptor.slug} would be of {found.day} ({found.found}), which is after today, {today}",
            code="source.future-date",
            hint="give its day with --edition",
        )
    return found


def _found(
    source: Source,
    printed: date | None,
    served: Sequence[HeldDocument],
    *,
    today: date,
    given: date | None,
    is_from_publisher: bool,
) -> Edition:
    slug = source.descriptor.slug
    if printed is not None:
        if given is not None and given != printed:
            raise UsageError(
                f"{slug} prints {printed} as its day, --edition says {given}; one of them is wrong",
                code="source.two-dates",
                hint="leave --edition out: a copy speaks for the day that it prints; fetch it anew for a later one",
            )
        return Edition(printed, "printed")
    named = dates_in_names(item.name for item in served)
    if given is not None:
        if len(named) == 1 and given not in named:
            raise UsageError(
                f"the name of {served[0].name if len(served) == 1 else 'a file'} says {named.pop()}, "
                f"--edition says {given}; one of them is wrong",
                code="source.two-dates",
                hint="leave --edition out, or give the file a name without a day if it is of another one",
            )
        return Edition(given, "given")
    if len(named) == 1:
        return Edition(named.pop(), "file name")
    modified = [day for item in served if (day := modified_on(item)) is not None]
    if not named and modified:
        return Edition(max(modified), "Last-Modified")
    if not named and is_from_publisher:
        # What a publisher serves today is its list of today.
        return Edition(today, "fetched")
    if not named and source.descriptor.class_ == _OWN:
        return Edition(today, "imported")
    several = f"the names of its files hold several days ({', '.join(map(str, sorted(named)))})"
    raise UsageError(
        f"{slug} prints no day, and {several if named else 'neither do the names of its files'}; "
        "without one it would answer for days that it knows nothing about",
        code="source.no-date",
        hint="say of which day it is with --edition YYYY-MM-DD",
        origin=Origin(served[0].name),
    )


def dates_in_names(names: Iterable[str]) -> set[date]:
    """Days in names of files, written 2026-08-20 or 20260820."""
    found = set()
    for name in names:
        for year, _, month, day in _IN_NAME.findall(name.rsplit("/", 1)[-1]):
            try:
                found.add(date(int(year), int(month), int(day)))
            except ValueError:
                # Eight digits that are no day are a number.
                continue
    return found


def modified_on(document: HeldDocument) -> date | None:
    """Day of the Last-Modified header."""
    try:
        return parsedate_to_datetime(document.headers["Last-Modified"]).date()
    except (KeyError, ValueError):
        return None
