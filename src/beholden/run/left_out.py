"""Which rows may not be passed on: those of a source that does not allow it, and those that refer to such a row."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.schema.rows import Entity, Regime, Resolution
from beholden.schema.told import together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Row

# Per table, the columns that name rows of other tables, and those tables. A row is left out with any that it names.
REFERENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "names": {"entity_id": ("entities",)},
    "identifiers": {"entity_id": ("entities",)},
    "resolutions": {"entity_id": ("entities",), "referent": ("entities",)},
    "assets": {"entity_id": ("entities",)},
    "prefixes": {"asset_id": ("assets",)},
    "ownership": {"owner_id": ("entities",), "owned_id": ("entities",), "beneficiary_id": ("entities",)},
    "editions": {"regime_id": ("regimes",)},
    "entries": {"regime_id": ("regimes",), "entity_id": ("entities",)},
    "designations": {"regime_id": ("regimes",), "entity_id": ("entities",)},
    "consequences": {"regime_id": ("regimes",), "scope_entities": ("entities",)},
    "ownership_rules": {"regime_id": ("regimes",)},
    "effects": {
        "target_id": ("consequences", "ownership_rules", "regimes"),
        "designation_id": ("designations",),
        "entity_id": ("entities",),
    },
    "events": {"entity_ids": ("entities",), "regime_id": ("regimes",), "consequence_id": ("consequences",)},
    "claims": {"speaker_id": ("entities",), "target_ids": ("entities",), "answers": ("claims", "events")},
}
# Joins that the program found by itself and keeps with both sides, so that it is known whose words they are. Not those
# by a number: their reason may name an id that is nobody else's business. The reasons of people are theirs.
_FOUND = frozenset({"same_entry", "name_and_more"})
# Tables that others name, each after those that it names itself; claims name claims.
_NAMED = ("entities", "regimes", "assets", "designations", "consequences", "ownership_rules", "events", "claims")


class LeftOut:
    """Rows that may not be passed on; their ids lie in a temporary file, so that memory does not grow with them.

    Args:
        kb: The base.
        allowed: Source → whether its rows may be passed on. A source that is not there allows nothing.
    """

    def __init__(self, kb: KnowledgeBase, allowed: Mapping[str, bool]) -> None:
        self._allowed = allowed
        # An empty name: SQLite keeps it in a file of its own that nobody else sees, and removes it.
        self._ids = sqlite3.connect("")
        self._ids.execute("CREATE TABLE ids (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID")
        self._any: set[str] = set()
        for table in _NAMED:
            # Claims name claims: again, until one more reading finds no more.
            while self._note(kb, table) and table == "claims":
                pass

    def close(self) -> None:
        """Give the temporary file back."""
        self._ids.close()

    def for_its_source(self, row: Row) -> bool:
        """Whether the source of a row does not allow it; what this program itself says has none, and may leave."""
        if row.source_id is None and (
            isinstance(row, Regime) or (isinstance(row, Resolution) and row.rule in _FOUND and row.sides)
        ):
            return False
        return not self._allows(row.source_id)

    def with_another(self, table: str, row: Row) -> bool:
        """Whether a row names one that is left out, or holds texts of a source that does not allow it."""
        if isinstance(row, Resolution) and not all(self._allows(one) for side in row.sides for one in side.sources):
            return True
        return any(
            kind in self._any and self._has(kind, value)
            for column, kinds in REFERENCES.get(table, {}).items()
            for value in _values(getattr(row, column))
            for kind in kinds
        )

    def without_others(self, row: Row) -> Row:
        """A row that is passed on, without what sources say in it that do not allow it."""
        if not isinstance(row, Entity) or not row.told:
            return row
        told = [one for one in row.told if self._allows(one.source_id)]
        return msgspec.structs.replace(row, told=told, **together(told))

    def _allows(self, source_id: str | None) -> bool:
        return source_id is not None and self._allowed.get(source_id, False)

    def _note(self, kb: KnowledgeBase, table: str) -> bool:
        found = 0
        for row_id in self._found(kb, table):
            found += self._ids.execute("INSERT OR IGNORE INTO ids VALUES (?, ?)", (table, row_id)).rowcount
            self._any.add(table)
        return found > 0

    def _found(self, kb: KnowledgeBase, table: str) -> Iterator[str]:
        for row in kb.rows(table):
            if self.for_its_source(row) or self.with_another(table, row):
                yield row.id  # type: ignore[attr-defined]  # every table of _NAMED has ids
            elif isinstance(row, Entity):
                # Ids that stand for the party, and that only such sources have.
                named = {one.id for one in row.told if self._allows(one.source_id)}
                yield from sorted({one.id for one in row.told} - named - {row.id})

    def _has(self, kind: str, value: str) -> bool:
        return self._ids.execute("SELECT 1 FROM ids WHERE kind = ? AND id = ?", (kind, value)).fetchone() is not None


def _values(value: Any) -> list[str]:  # noqa: ANN401 (a column)
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]
