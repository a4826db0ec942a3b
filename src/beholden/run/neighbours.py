"""A copy that comes in, beside the whole copies before and after it that are held; each is read once more for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import SourceError
from beholden.run.turnover import Entries, lacking, turnover
from beholden.sources.interface import Reading

if TYPE_CHECKING:
    from datetime import date

    from beholden.run.turnover import Lacking, Turnover
    from beholden.sources.held import Held
    from beholden.sources.interface import Source
    from beholden.sources.snapshot import Store


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
    earlier = [one for one in store.held(source.descriptor.slug) if one.edition <= day and not one.is_partial]
    before = max(earlier, key=lambda one: (one.edition, one.held_at), default=None)
    if not entries or before is None or before.digest == digest:
        return None
    was = _entries(store, source, before)
    return turnover(was, before.edition, entries, day) if was is not None else None


def lacks(store: Store, source: Source, entries: Entries, day: date) -> Lacking | None:
    """Who is in the next later whole copy only; a registry is held in its latest state, so nobody asks it.

    Args and what it returns: see `changed`.
    """
    later = [one for one in store.held(source.descriptor.slug) if one.edition > day and not one.is_partial]
    after = min(later, key=lambda one: (one.edition, -one.held_at.timestamp()), default=None)
    if not entries or entries.is_registry or after is None:
        return None
    found = _entries(store, source, after)
    return lacking(entries, day, found, after.edition) if found is not None else None


def _entries(store: Store, source: Source, held: Held) -> Entries | None:
    """The entries of what is held; None where it is damaged, or a newer parser refuses it: the build says so."""
    found = Entries(source.descriptor)
    try:
        for row in source.parse(store.publication(held, source.descriptor), Reading()):
            found.see(row)
    except SourceError:
        return None
    return found
