"""What differs between two bases, table by table: both are read once, in order, and nothing is kept."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from beholden.errors import KnowledgeBaseError
from beholden.kb.order import Key, row_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Row

# Before and after; one of them is missing where a row was added or removed.
Changed = tuple["Row | None", "Row | None"]
_Group = tuple[Key, list["Row"]]
_END: _Group = ((), [])


def changes(before: KnowledgeBase, after: KnowledgeBase, table: str) -> Iterator[Changed]:
    """Rows of a table that are not the same in both bases, in table order.

    Rows are joined by what the table is sorted by. Memory holds the rows of one key, whatever the size of the table.

    Raises:
        KnowledgeBaseError: A base does not keep the order of its table.
    """
    ours, theirs = _groups(before, table), _groups(after, table)
    one, other = next(ours, _END), next(theirs, _END)
    while one[1] or other[1]:
        if not other[1] or (one[1] and one[0] < other[0]):
            yield from ((row, None) for row in one[1])
            one = next(ours, _END)
        elif not one[1] or other[0] < one[0]:
            yield from ((None, row) for row in other[1])
            other = next(theirs, _END)
        else:
            yield from _paired(one[1], other[1])
            one, other = next(ours, _END), next(theirs, _END)


def _groups(kb: KnowledgeBase, table: str) -> Iterator[_Group]:
    last: Key | None = None
    for key, rows in groupby(kb.rows(table), key=lambda row: row_key(table, row)):
        if last is not None and key <= last:
            raise KnowledgeBaseError(
                f"the rows of {table} in {kb.folder or 'the base in memory'} are not in their order at {key}",
                code="kb.damaged",
                hint="run `beholden kb build`",
            )
        last = key
        yield key, list(rows)


def _paired(before: list[Row], after: list[Row]) -> Iterator[Changed]:
    """Rows of one key: equal ones are the same, the others change one into another in their order."""
    if before == after:
        return
    rest = list(after)
    gone: list[Row] = []
    for row in before:
        if row in rest:
            rest.remove(row)
        else:
            gone.append(row)
    yield from zip(gone, rest, strict=False)
    yield from ((row, None) for row in gone[len(rest) :])
    yield from ((None, row) for row in rest[len(gone) :])
