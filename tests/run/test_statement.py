"""The sentence of a receipt claims neither more nor less than what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from tests.builders_result import make_result, sample_result

from beholden.run.statement import statement_of
from beholden.schema.receipt import CoverageTotals, InputEntry
from beholden.schema.result import Coverage, KnowledgeBaseInfo, ScanResult, SourceInfo

MOMENT = datetime(2026, 11, 26, 9, 5, 7, tzinfo=UTC)
READ = [Coverage(file="a.csv", reader="ledger", status="read", records_read=3)]
TOTALS = CoverageTotals(files={"read": 1}, records_read=3, records_rejected=0, not_resolved={})


def says(result: ScanResult, totals: CoverageTotals = TOTALS) -> str:
    return statement_of(result, [InputEntry(path="a.csv", bytes=1, sha256="0")], totals, MOMENT)


def searched(as_of: str, *lists: SourceInfo) -> ScanResult:
    kb = KnowledgeBaseInfo(digest="0", sources=list(lists))
    return msgspec.structs.replace(make_result(), as_of=as_of, coverage=READ, kb=kb)


def one(start: str | None, end: str | None, *, loaded: bool = True) -> SourceInfo:
    return SourceInfo(id="xx-list", edition=None, covered_from=start, checked_until=end, loaded=loaded)


@pytest.mark.parametrize(
    ("start", "end", "covers"),
    [
        pytest.param(None, "2026-08-01", True, id="last-day"),
        pytest.param(None, "2026-07-31", False, id="day-after-the-last"),
        pytest.param("2026-08-01", None, True, id="first-day"),
        pytest.param("2026-08-02", None, False, id="day-before-the-first"),
        pytest.param(None, None, True, id="no-bounds"),
    ],
)
def test_a_list_counts_as_covering_the_day_from_its_first_to_its_last_checked(
    start: str | None, end: str | None, covers: bool
) -> None:
    text = says(searched("2026-08-01", one(start, end)))
    assert ("Lists searched whose copy covers that day: xx-list" in text) is covers
    assert ("so that absence from them is unknown: xx-list" in text) is not covers


def test_a_list_held_in_part_never_counts_as_covered() -> None:
    text = says(searched("2026-08-01", msgspec.structs.replace(one(None, None), is_partial=True)))
    assert "of which the base holds some parties only, so that absence from them is unknown: xx-list" in text
    assert "whose copy covers that day" not in text


def test_lists_that_are_not_loaded_are_unknown_by_name() -> None:
    text = says(searched("2026-08-01", one(None, None, loaded=False)))
    assert "1 list not loaded, so unknown: xx-list." in text
    assert "Lists searched" not in text


def test_the_moment_and_both_clocks_are_said() -> None:
    result = msgspec.structs.replace(searched("2026-08-01"), known_at="2026-06-09")
    assert says(result).startswith(
        "A search begun on 2026-11-26 at 09:05:07 UTC asked how things stand on 2026-08-01, with what was public by "
        "2026-06-09. Below the paths: 1 read; 3 records read, 0 rejected."
    )


def test_nothing_found_is_said_as_that_and_bounded() -> None:
    assert says(searched("2026-08-01")).endswith(
        "It returned nothing: no finding came out. That is bounded by these files, these lists and these dates."
    )


def test_findings_are_counted_by_level() -> None:
    result = msgspec.structs.replace(sample_result(), coverage=READ)
    levels = ", ".join(f"{count} {level}" for level, count in result.summary.by_level.items() if count)
    assert levels
    assert f"It returned {len(result.findings)} findings: {levels}." in says(result)


def test_what_was_not_read_is_counted_beside_what_was() -> None:
    totals = CoverageTotals(
        files={"no_reader": 2, "partial": 1, "rejected": 4}, records_read=1, records_rejected=5, not_resolved={"ip": 1}
    )
    text = says(searched("2026-08-01"), totals)
    assert "1 read in part, 4 rejected, 2 not read (" in text
    assert "1 record read, 5 rejected; 1 value led to nobody in the base or could not be read." in text
