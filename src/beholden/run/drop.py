"""Takes publications out of what is held: a dated record, so that the bases of earlier days stay what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from beholden.errors import BeholdenError, UsageError
from beholden.run.publish import Outcome, published
from beholden.sources import source_called

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from beholden.run.publish import Desk
    from beholden.schema.publication import Publications
    from beholden.sources.held import Held


def drop(desk: Desk, slug: str, edition: date | None) -> list[Outcome]:
    """Take all that is held of an importer, or one edition, out of what is in force.

    Args:
        desk: Where publications come in.
        slug: The importer, or one that is no longer installed and of which something is held.
        edition: The day of the publication; None: all days.

    Returns:
        One outcome for each publication that was dropped, oldest first.

    Raises:
        UsageError: No importer has this id, or nothing is held of it or of that day.
        SourceError: A record of it is damaged.
        KnowledgeBaseError: The home folder cannot be written; nothing is dropped.
    """
    store = desk.store
    if slug not in store.slugs():
        source_called(slug)
        raise UsageError(f"nothing of {slug} is held", code="source.not-held", hint="`beholden kb info` lists them")
    found, at = store.drop(slug, edition, desk.clock())
    if not found:
        days = sorted({held.edition.isoformat() for held in store.held(slug)})
        raise UsageError(f"no edition of {edition} of {slug} is held", code="source.not-held", hint=", ".join(days))
    notes = _notes(desk, slug)
    return [
        Outcome(
            msgspec.structs.replace(
                desk.told(held, "dropped"),
                dropped_at=at.isoformat().replace("+00:00", "Z"),
                notes=[*notes[:1], _kept(held, at), *notes[1:]],
            )
        )
        for held in found
    ]


def _kept(held: Held, at: datetime) -> str:
    """Where what was dropped can still be had."""
    if held.held_at.date() >= at.date():
        return "its files stay; it came in today, so that the base of no earlier day has it: import it again to have it"
    return "its files stay, and `beholden kb build --as-held` of an earlier day has it"


def compiled(command: str, outcomes: list[Outcome], desk: Desk, home: Path) -> Publications:
    """Compile what is still held.

    Where that fails, what was dropped stays so: a second publication that does not fit must not hold back the first.

    Raises:
        BeholdenError: As of `published`; the hint says that the drop stands.
    """
    try:
        return published(command, outcomes, desk, home)
    except BeholdenError as error:
        days = ", ".join(dict.fromkeys(str(outcome.info.edition) for outcome in outcomes))
        stands = f"{outcomes[0].info.source} of {days} is dropped all the same, and the base in use is as before"
        error.hint = f"{stands}; {error.hint}" if error.hint else stands
        raise


def _notes(desk: Desk, slug: str) -> list[str]:
    left = desk.store.newest(slug)
    notes = [f"in force now: edition {left.edition}" if left is not None else "nothing of it is in force now"]
    try:
        told = source_called(slug).descriptor
    except UsageError:
        return notes
    if told.addresses and (told.by_default or left is not None):
        notes.append("`beholden kb update` without a name fetches what the publisher has now")
    return notes
