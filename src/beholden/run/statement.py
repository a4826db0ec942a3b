"""What a receipt says in plain words: what was searched, when, with which lists, what came out, its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from beholden.schema.receipt import CoverageTotals, InputEntry
    from beholden.schema.result import ScanResult, SourceInfo

_STATUSES = {
    "read": "{} read",
    "partial": "{} read in part",
    "rejected": "{} rejected",
    "no_reader": "{} not read (no reader claims it, or it is a link or a folder of a tool)",
}


def statement_of(result: ScanResult, inputs: list[InputEntry], totals: CoverageTotals, made_at: datetime) -> str:
    """The sentences of one search.

    Args:
        result: What came out.
        inputs: Every entry below the paths.
        totals: What was read and what was not.
        made_at: When the search began.
    """
    return " ".join(
        (
            _searched(result, inputs, totals, made_at),
            *_lists(result),
            _outcome(result),
            "That is bounded by these files, these lists and these dates.",
        )
    )


def _searched(result: ScanResult, inputs: list[InputEntry], totals: CoverageTotals, made_at: datetime) -> str:
    known = f"what was public by {result.known_at}" if result.known_at else "everything its base holds"
    begun = (
        f"A search begun on {made_at:%Y-%m-%d at %H:%M:%S} UTC asked how things stand on {result.as_of}, with {known}."
    )
    if not inputs:
        return f"{begun} There was no file below the paths."
    shown = ", ".join(
        text.format(totals.files[status]) for status, text in _STATUSES.items() if totals.files.get(status)
    )
    unknown = sum(totals.not_resolved.values())
    records = f"{_counted(totals.records_read, 'record')} read, {totals.records_rejected} rejected"
    resolved = f"; {_counted(unknown, 'value')} led to nobody in the base or could not be read" if unknown else ""
    return f"{begun} Below the paths: {shown}; {records}{resolved}."


def _lists(result: ScanResult) -> Iterable[str]:
    loaded = [item for item in result.kb.sources if item.loaded]
    within = [item for item in loaded if _covers(item, result.as_of) and not item.is_partial]
    partial = [item for item in loaded if item.is_partial]
    outside = [item for item in loaded if not _covers(item, result.as_of) and not item.is_partial]
    absent = [item.id for item in result.kb.sources if not item.loaded]
    if within:
        yield f"Lists searched whose copy covers that day: {_described(within)}."
    if outside:
        yield (
            f"Lists searched whose copy does not cover that day, so that absence from them is unknown: "
            f"{_described(outside)}."
        )
    if partial:
        yield (
            f"Lists searched of which the base holds some parties only, so that absence from them is unknown: "
            f"{_described(partial)}."
        )
    if absent:
        yield f"{_counted(len(absent), 'list')} not loaded, so unknown: {', '.join(absent)}."


def _covers(item: SourceInfo, day: str) -> bool:
    # ISO dates sort as text.
    return (item.covered_from is None or item.covered_from <= day) and (
        item.checked_until is None or day <= item.checked_until
    )


def _described(lists: Iterable[SourceInfo]) -> str:
    return "; ".join(
        item.id
        + "".join(
            f", {words} {day}"
            for words, day in (
                ("edition", item.edition),
                ("covered from", item.covered_from),
                ("checked until", item.checked_until),
            )
            if day is not None
        )
        for item in lists
    )


def _outcome(result: ScanResult) -> str:
    if not any(row.status in ("read", "partial") for row in result.coverage):
        return "Nothing was read, so nothing could be found."
    if not result.findings:
        return "It returned nothing: no finding came out."
    levels = ", ".join(f"{count} {level}" for level, count in result.summary.by_level.items() if count)
    return f"It returned {_counted(len(result.findings), 'finding')}: {levels}."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
