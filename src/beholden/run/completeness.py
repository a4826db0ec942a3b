"""Whether a publication that was read is the whole of it, by what it ever had and by what we hold of it.

A table that was cut between two rows reads like a whole one. Taken for whole, it would take everybody behind the cut
off the list. And a file of another publication may fit a layout, and put parties on a list on which they are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from beholden.run.turnover import Lacking, Turnover
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.held import Held
    from beholden.sources.interface import Reading

# Of the records of the copy before, those beside its entries too: fewer than these are gone on an ordinary day. In a
# list of a few, two may go.
_GONE_AT_ONCE, _GONE_OF_FEW = 0.1, 2
# Of a file of a few records most may be damaged, and the rest is still what it is.
_REJECTED_OF_FEW = 10
_PART = "treated as a part of the publication: who is not in this copy may still be in the whole"


@dataclass(frozen=True, slots=True)
class Completeness:
    """What to say of a publication that lacks records, and whether it stands for a part of the list only."""

    notes: list[str]
    is_partial: bool


def completeness(
    descriptor: Descriptor,
    reading: Reading,
    day: date,
    held: Iterable[Held],
    *,
    changed: Turnover | None = None,
    lacks: Lacking | None = None,
    doubted: Sequence[str] = (),
    is_given: bool,
    is_whole: bool,
    is_part: bool = False,
) -> Completeness:
    """Look at the number of records and at who is gone.

    Args:
        descriptor: Of the importer: how many records a layout ever had.
        reading: What was read.
        day: Of the publication.
        held: What is held of it.
        changed: Who is gone and new since the copy before; None: there is none, or it cannot be compared.
        lacks: Who is in the next later copy only; None: the same.
        doubted: What else speaks for a part, until the user says what it is.
        is_given: The user gave the files; they are taken as they are, as a part where they are few.
        is_whole: The user says that it is the whole list, though many records are gone or more than it ever had are in
            it.
        is_part: The user says that it is a part.

    Raises:
        SourceError: Most records cannot be read, there are more than the publication ever had, or what was served has
            far fewer.
    """
    records = reading.read + reading.rejects
    if reading.rejects > max(reading.read, _REJECTED_OF_FEW):
        raise SourceError(
            f"{descriptor.slug}: {reading.rejects} of {records} records cannot be read, the first: "
            f"{reading.rejected[0]}",
            code="source.most-rejected",
            hint="look whether these are files of this publication; one whose layout changed needs a newer beholden",
        )
    expected = next((item.records for item in descriptor.layouts if item.name == reading.layout), None)
    low, high = expected if expected is not None else (0, None)
    range_ = f"{records} records; a complete publication has {low} to {high}"
    wrong = [range_] if records < low else []
    before = _before(held, reading, day)
    is_cut = before is not None and _is_cut(records, before.records_read or 0) and not is_whole
    compared = f"{records} records; the whole copy of {before.edition} has {before.records_read}" if before else ""
    if is_cut:
        wrong.append(compared)
    is_too_long = high is not None and records > high and not is_whole
    if is_too_long or (wrong and not is_given):
        raise SourceError(
            f"{descriptor.slug} has {'; '.join([range_] if is_too_long else wrong)}",
            code="source.unexpected-count",
            hint="look whether these are files of this publication; if it has grown so much, say --whole"
            if is_too_long
            else "look at the files at the publisher; if so many are gone, say --whole",
        )
    is_said = is_whole or is_part
    found = [doubt for one in (changed, lacks) if one is not None for doubt in one.doubts()]
    doubts = [] if is_said else [*found, *doubted]
    is_unknown = expected is None and bool(descriptor.restated) and not is_said
    unknown = (
        f"{records} records; how many a complete publication has in layout {reading.layout} is not known: say --whole "
        "if it is all of it"
    )
    # Where entries cannot be compared, their number is told at least.
    differs = changed is None and before is not None and before.records_read != records and not is_cut
    notes = [
        *([changed.note()] if changed is not None else []),
        *([compared] if differs else []),
        *wrong,
        *([unknown] if is_unknown else []),
        *doubts,
    ]
    if reading.rejects:
        notes.append(f"{reading.rejects} of {records} records could not be read")
    is_partial = is_part or reading.rejects > 0 or records < low or is_cut or is_unknown or bool(doubts)
    if is_partial:
        notes.append(
            _PART + (" (if so many are gone from the list, say --whole)" if (is_cut or doubts) and not is_part else "")
        )
    return Completeness(notes, is_partial)


def _before(held: Iterable[Held], reading: Reading, day: date) -> Held | None:
    """The newest whole copy of an earlier day, or of this one, in the same layout."""
    earlier = [
        one
        for one in held
        if one.edition <= day and not one.is_partial and one.layout == reading.layout and one.records_read
    ]
    return max(earlier, key=lambda one: (one.edition, one.held_at), default=None)


def _is_cut(records: int, before: int) -> bool:
    return before - records > max(_GONE_OF_FEW, before * _GONE_AT_ONCE)
