"""`kb diff` on a terminal: what is said of spans and of rows."""

from __future__ import annotations

import msgspec

from beholden.report.base_diff import render_base_diff
from beholden.schema.bases import BaseComparison, BaseSide, ListChange, ListState, TableChange
from beholden.schema.result import KnowledgeBaseInfo

ABSENT = ListState(
    loaded=False,
    is_partial=False,
    edition=None,
    editions=0,
    covered_from=None,
    checked_until=None,
    parties=0,
    ended=0,
)
WHOLE = msgspec.structs.replace(ABSENT, loaded=True, checked_until="2026-08-20", parties=3)


def shown(before: ListState, after: ListState, *tables: TableChange) -> str:
    change = ListChange(
        id="xx-example", title="Example list", before=before, after=after, added=[], gone=[], changed=[], unchanged=0
    )
    return render_base_diff(
        BaseComparison(
            as_of="2026-09-01",
            kb=KnowledgeBaseInfo(digest="b" * 64, sources=[]),
            from_=BaseSide(name="core", digest="a" * 64, rows=1),
            to=BaseSide(name="current", digest="b" * 64, rows=2),
            lists=[change],
            same_lists=[],
            tables=list(tables),
            law=[],
        )
    )


def test_no_first_day_of_a_loaded_list_means_its_first_edition() -> None:
    assert "reaches back to: – → the first" in shown(ABSENT, WHOLE)
    later = msgspec.structs.replace(WHOLE, covered_from="2026-08-01")
    assert "reaches back to: – → 2026-08-01" in shown(ABSENT, later)
    assert "reaches back to: 2026-08-01 → the first" in shown(later, WHOLE)
    assert "reaches back" not in shown(WHOLE, msgspec.structs.replace(WHOLE, checked_until="2026-08-27"))


def test_rows_say_only_what_happened() -> None:
    text = shown(WHOLE, WHOLE, TableChange(table="names", before=5, after=4, added=1, removed=2, changed=0))
    assert "  names: 5 → 4: 1 added, 2 removed\n" in text
