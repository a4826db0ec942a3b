"""Two knowledge bases side by side: the work behind `kb diff`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.kb.changes import changes
from beholden.kb.manifest import Manifest
from beholden.run.base_lists import list_changes
from beholden.run.base_outlook import outlook
from beholden.run.describe import describe
from beholden.schema.bases import BaseComparison, BaseSide, FieldChange, LawChange, TableChange
from beholden.schema.knowledge import TABLES

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase
    from beholden.run.interface import Progress
    from beholden.schema.result import ScanResult
    from beholden.schema.rows import Row

LAW = ("regimes", "consequences", "ownership_rules", "effects")


def compare_bases(
    before: tuple[str, KnowledgeBase],
    after: tuple[str, KnowledgeBase],
    *,
    as_of: date,
    result: tuple[str, ScanResult] | None = None,
    progress: Progress = lambda _: None,
) -> BaseComparison:
    """What differs between two bases.

    Tables are read side by side in their order; memory holds the changes, and the entries of one list at a time.

    Args:
        before: What the user called it, and the base.
        after: The same of the second.
        as_of: The day on which entries count as running.
        result: Name and content of a result of `scan`, to say which of its findings would change.
        progress: Called with the name of each table before it is read.

    Raises:
        KnowledgeBaseError: A base is damaged.
    """
    ours, theirs = before[1], after[1]
    tables, law = _tables(ours, theirs, progress)
    progress("lists")
    differing, same = list_changes(ours, theirs, as_of=as_of)
    return BaseComparison(
        as_of=as_of.isoformat(),
        known_at=result[1].known_at if result else None,
        kb=describe(theirs, as_of, None),
        from_=_side(*before),
        to=_side(*after),
        lists=differing,
        same_lists=same,
        tables=tables,
        law=law,
        result=None if result is None else outlook(ours, theirs, *result, as_of=as_of),
    )


def _side(name: str, kb: KnowledgeBase) -> BaseSide:
    return BaseSide(name=name, digest=kb.digest, rows=sum(kb.rows_per_table().values()))


def _tables(
    before: KnowledgeBase, after: KnowledgeBase, progress: Progress
) -> tuple[list[TableChange], list[LawChange]]:
    counts = [kb.rows_per_table() for kb in (before, after)]
    digests = [_digests(kb.folder) for kb in (before, after)]
    tables: list[TableChange] = []
    law: list[LawChange] = []
    for table in TABLES:
        found: Counter[str] = Counter()
        # Equal digests are equal rows: most tables are, from one update to the next.
        if table not in digests[0] or digests[0][table] != digests[1].get(table):
            progress(table)
            for one, other in changes(before, after, table):
                if table not in LAW and _is_retold(one, other):
                    continue
                found["removed" if other is None else "added" if one is None else "changed"] += 1
                if table in LAW:
                    law.append(_law(table, one, other))
        tables.append(
            TableChange(
                table=table,
                before=counts[0].get(table, 0),
                after=counts[1].get(table, 0),
                added=found["added"],
                removed=found["removed"],
                changed=found["changed"],
            )
        )
    return tables, law


def _is_retold(one: Row | None, other: Row | None) -> bool:
    """Whether a row says the same and only rests on another publication: every newer copy restates most of a list."""
    return one is not None and other is not None and msgspec.structs.replace(one, source_id=other.source_id) == other


def _digests(folder: Path | None) -> dict[str, str]:
    """Digests of the tables of a written base; opening it has already checked that they can be read."""
    if folder is None:
        return {}
    return msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest).tables


def _law(table: str, before: Row | None, after: Row | None) -> LawChange:
    row = after if after is not None else before
    assert row is not None
    one, other = _plain(before), _plain(after)
    names = [name for name in TABLES[table].names if one.get(name) != other.get(name)]
    row_id = str(getattr(row, "id", ""))
    return LawChange(
        table=table,
        id=row_id,
        change="added" if before is None else "removed" if after is None else "changed",
        regime=row_id if table == "regimes" else getattr(row, "regime_id", None) or getattr(row, "target_id", None),
        title=str(getattr(row, "title", None) or getattr(row, "rule", None) or getattr(row, "kind", "")),
        fields=[
            FieldChange(field=name, before=_text(one.get(name)), after=_text(other.get(name)))
            for name in names
            if one.get(name) not in (None, []) or other.get(name) not in (None, [])
        ],
    )


def _plain(row: Row | None) -> dict[str, Any]:
    plain: dict[str, Any] = {} if row is None else msgspec.to_builtins(row)
    return plain


def _text(value: Any) -> str | None:  # noqa: ANN401 (a column)
    if value is None or value == []:
        return None
    return value if isinstance(value, str) else msgspec.json.encode(value, order="deterministic").decode()
