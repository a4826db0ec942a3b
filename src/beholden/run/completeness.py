"""Whether a publication that was read is the whole of it, by what it ever had and by what we hold of it.

A table that was cut between two rows reads like a whole one. Taken for whole, it would take everybody behind the cut
off the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.held import Held
    from beholden.sources.interface import Reading

# Of the records of the copy before: fewer than these are gone on an ordinary day. In a list of a few, two may go.
_GONE_AT_ONCE, _GONE_OF_FEW = 0.1, 2
_PART = "treated as a part of the publication: who is not in this copy may still be in the whole"


@dataclass(frozen=True, slots=True)
class Completeness:
    """What to say of a publication that lacks records, and whether it stands for a part of the list only."""

    notes: list[str]
    is_partial: bool


def completeness(
    descriptor: Descriptor, reading: Reading, day: date, held: Iterable[Held], *, is_given: bool, is_whole: bool
) -> Completeness:
    """Look at the number of records.

    Args:
        descriptor: Of the importer: how many records a layout ever had.
        reading: What was read.
        day: Of the publication.
        held: What is held of it.
        is_given: The user gave the files; they are taken as they are, as a part where they are few.
        is_whole: The user says that it is the whole list, though many records are gone.

    Raises:
        SourceError: What was served has another number of records than the publication ever had, or far fewer than the
            copy before.
    """
    notes: list[str] = []
    records = reading.read + reading.rejects
    expected = next((item.records for item in descriptor.layouts if item.name == reading.layout), None)
    low, high = expected if expected is not None else (0, None)
    wrong = []
    if records < low or (high is not None and records > high):
        wrong.append(f"{records} records; a complete publication has {low} to {high}")
    before = _before(held, reading, day) if expected is not None else None
    is_cut = before is not None and _is_cut(records, before.records_read or 0) and not is_whole
    if before is not None and is_cut:
        wrong.append(f"{records} records; the whole copy of {before.edition} has {before.records_read}")
    if wrong and not is_given:
        raise SourceError(
            f"{descriptor.slug} has {'; '.join(wrong)}",
            code="source.unexpected-count",
            hint="look at the files at the publisher; if so many are gone, `beholden kb import --whole` takes them",
        )
    notes += wrong
    if reading.rejects:
        notes.append(f"{reading.rejects} of {records} records could not be read")
    is_partial = reading.rejects > 0 or records < low or is_cut
    if is_partial:
        notes.append(_PART + (" (if so many are gone from the list, say --whole)" if is_cut and is_given else ""))
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
