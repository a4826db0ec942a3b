"""Parties of a table without ids: a key from what is printed, and names with the kind that they can bear."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from beholden.schema.rows import Entity, Name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.record import Record

_NO_LETTER = re.compile(r"[\W_]+")
_IN_ADDRESS = re.compile(r"federalregister\.gov/documents/(\d{4})/(\d{2})/(\d{2})/")
# A short abbreviation means too many things in a ledger to stand for a party on its own.
_SHORT = re.compile(r"[A-Z0-9]{1,3}")
DAYS = ("%Y-%m-%d", "%B %d, %Y")


def name_key(*printed: str) -> str:
    """A key that is the same for one name however its case, width and punctuation are printed."""
    plain = unicodedata.normalize("NFKC", " ".join(printed)).casefold()
    return _NO_LETTER.sub("-", plain).strip("-")


def party_key(record: Record, *printed: str) -> str:
    """`name_key`, which has to have a letter or digit.

    Raises:
        UnexpectedValueError: It has none.
    """
    key = name_key(*printed)
    if not key:
        raise record.error("a name without letters", repr(printed))
    return key


def alias_kind(name: str) -> str:
    """`weak` for an abbreviation of up to three letters, `alias` for any other name."""
    return "weak" if _SHORT.fullmatch(name) else "alias"


def gazette_day(record: Record, address: str | None) -> date | None:
    """The day in the address of a document of the Federal Register.

    Raises:
        UnexpectedValueError: It is no day.
    """
    match = _IN_ADDRESS.search(address or "")
    return record.as_day("address", "-".join(match.groups())) if match else None


class Parties:
    """Entities of a table with several rows for one party: the first row gives the entity, later ones what is new."""

    def __init__(self) -> None:
        self._entities: dict[str, Entity] = {}
        self._names: set[tuple[str, str]] = set()

    def rows(self, entity: Entity, aliases: Iterable[str], kind: str | None = None) -> list[Row]:
        """Rows for a party that a record prints.

        Args:
            entity: As this record prints it.
            aliases: Its other names.
            kind: Of those names; None: see `alias_kind`.
        """
        known = self._entities.setdefault(entity.id, entity)
        rows: list[Row] = [entity] if known is entity else []
        names = [*aliases, entity.caption] if known.caption != entity.caption else list(aliases)
        for name in names:
            if name != known.caption and (entity.id, name) not in self._names:
                self._names.add((entity.id, name))
                rows.append(
                    Name(
                        entity_id=entity.id,
                        name=name,
                        kind=kind or alias_kind(name),
                        published_at=entity.published_at,
                    )
                )
        return rows
