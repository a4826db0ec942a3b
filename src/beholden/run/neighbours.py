"""A copy that comes in, beside the whole copies before and after it that are held; each is read once more for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.errors import SourceError
from beholden.run.turnover import Entries, lacking, turnover
from beholden.sources.held import digest_of
from beholden.sources.interface import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from beholden.run.turnover import Lacking, Turnover
    from beholden.sources.held import Held, HeldDocument
    from beholden.sources.interface import Source
    from beholden.sources.snapshot import Store

_DIGITS = re.compile(r"\d+")
_NAMED = 3


def changed(store: Store, source: Source, entries: Entries, day: date, digest: str) -> Turnover | None:
    """Who is gone and new since the whole copy before.

    Args:
        store: Holds it.
        source: The importer.
        entries: Of the copy that comes in.
        day: Its day.
        digest: Over its files; of the same files nothing has changed.

    Returns:
        What changed; None where there is no copy before, or it cannot be compared.
    """
    before = _before(store.held(source.descriptor.slug), day)
    if not entries or before is None or before.digest == digest:
        return None
    was = _entries(store, source, before)
    return turnover(was, before.edition, entries, day) if was is not None else None


def incomparable(held: Iterable[Held], layout: str | None, documents: Sequence[HeldDocument], day: date) -> str | None:
    """Why a copy of a registry, whose entries are not compared, may not take the place of the one before.

    Files of another layout, or of another name but for its digits, may be other files of the same publication.

    Args:
        held: What is held of it.
        layout: Of the copy that comes in.
        documents: Its files.
        day: Its day.

    Returns:
        In words; None where there is no copy before, it has the same files, or its number of records can be compared.
    """
    before = _before(held, day)
    if before is None or before.digest == digest_of(documents):
        return None
    of_it = f"the whole copy of {before.edition}"
    if before.layout != layout:
        return f"{of_it} is in layout {before.layout}, this one in {layout}, and their entries cannot be compared"
    if _kinds_of_files(before.documents) != _kinds_of_files(documents):
        names = ", ".join(item.name for item in before.documents[:_NAMED])
        more = ", …" if len(before.documents) > _NAMED else ""
        return f"{of_it} has files of other names ({names}{more}), and their entries cannot be compared"
    return None


def lacks(store: Store, source: Source, entries: Entries, day: date) -> Lacking | None:
    """Who is in the next later whole copy only; a registry is held in its latest state, so nobody asks it.

    Args and what it returns: see `changed`.
    """
    after = _after(store.held(source.descriptor.slug), day)
    if not entries or entries.is_registry or after is None:
        return None
    found = _entries(store, source, after)
    return lacking(entries, day, found, after.edition) if found is not None else None


def reconsider(store: Store, source: Source, entries: Entries, day: date, at: datetime) -> str | None:
    """Treat the next later whole copy as a part where this whole one shows that it is, and the user did not say it.

    Which of the two came in first says nothing of what is in them.

    Args:
        store: Holds both.
        source: The importer.
        entries: Of this copy.
        day: Its day.
        at: The present time.

    Returns:
        What to say of it; None where nothing speaks for it.
    """
    later = _after(store.held(source.descriptor.slug), day)
    if not entries or entries.is_registry or later is None or later.is_said:
        return None
    found = _entries(store, source, later)
    turned = turnover(entries, day, found, later.edition) if found is not None else None
    doubts = turned.doubts() if turned is not None else []
    if turned is None or not doubts:
        return None
    with store.staging(later.slug) as staged:
        for item in later.documents:
            staged.add(item, store.path(later, item))
        store.keep(replace(later, held_at=at, is_partial=True), staged)
    return (
        f"the copy of {later.edition} is treated as a part from now on: {'; '.join([turned.note(), *doubts])}; if so "
        "many are gone, import it again with --whole"
    )


def beside_later(newest: Held | None, kept: Held) -> list[str]:
    """What to say of a publication that is older than one that is held."""
    if newest is None or newest.edition <= kept.edition:
        return []
    if newest.is_partial:
        return [f"a part of {newest.edition} is held too, and adds to it from that day on"]
    return [f"the edition of {newest.edition} is held too and stays the latest; this one tells of its own day"]


def unused_beside(held: Iterable[Held], kept: Held) -> str | None:
    """What to say of a state of a registry that goes into no base, because a whole one of a later day is held."""
    later = max((one.edition for one in held if not one.is_partial), default=kept.edition)
    if later <= kept.edition:
        return None
    why = f"the edition of {later} is held, and of a registry only the latest counts"
    return f"not used: {why}; files that belong together go into one call"


def _before(held: Iterable[Held], day: date) -> Held | None:
    """The newest whole copy of an earlier day, or of this one."""
    earlier = [one for one in held if one.edition <= day and not one.is_partial]
    return max(earlier, key=lambda one: (one.edition, one.held_at), default=None)


def _after(held: Iterable[Held], day: date) -> Held | None:
    """The next whole copy of a later day."""
    later = [one for one in held if one.edition > day and not one.is_partial]
    return min(later, key=lambda one: (one.edition, -one.held_at.timestamp()), default=None)


def _kinds_of_files(documents: Iterable[HeldDocument]) -> list[str]:
    """Names of files without the digits that tell their day or number."""
    return sorted(_DIGITS.sub("", item.name) for item in documents)


def _entries(store: Store, source: Source, held: Held) -> Entries | None:
    """The entries of what is held; None where it is damaged, or a newer parser refuses it: the build says so."""
    found = Entries(source.descriptor)
    try:
        for row in source.parse(store.publication(held, source.descriptor), Reading()):
            found.see(row)
    except SourceError:
        return None
    return found
