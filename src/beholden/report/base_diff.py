"""`kb diff` for the terminal: lists first, then the law, then how many rows of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.text import visible
from beholden.report.wording import NEUTRALITY, count, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.bases import (
        BaseComparison,
        FieldChange,
        LawChange,
        ListChange,
        ListState,
        PartyChange,
        ResultOutlook,
    )

_SHOWN = 20
_CELL = 100  # of a value in the terminal; the JSON has it whole
# What of a list says only how our copy stands: told with the list, not again as law.
_OF_OUR_COPY = frozenset(
    {"loaded", "is_partial", "covered_from", "checked_until", "files", "source_id", "grade", "published_at"}
)
_HOW = {
    "new": "new",
    "again": "listed again",
    "ended": "ended",
    "not_held": "no longer held",
    "changed": "changed",
}
_CHANGE = {
    "missing": "the party or the list is not in both bases",
    "ends": "would no longer be listed",
    "listed": "would be listed",
    "unknown": "would be unknown",
    "rule": "a rule stands otherwise",
    "ownership": "holdings or their test differ",
    "entry": "the entry says something else",
    "copy": "only the span of our copy differs",
    "claim": "claims differ",
}


def render_base_diff(document: BaseComparison) -> str:
    """A comparison of two bases as text; ends with a line end."""
    lines = [
        f"as of {document.as_of}",
        f"before: {document.from_.digest[:12]} ({document.from_.name}), {document.from_.rows:,} rows",
        f"after:  {document.to.digest[:12]} ({document.to.name}), {document.to.rows:,} rows",
    ]
    if document.from_.digest == document.to.digest:
        lines.append("The two are the same base.")
    lines += _lists(document)
    lines += _law(document.law)
    lines += _tables(document)
    if document.result is not None:
        lines += _result(document.result)
    lines += ["", NEUTRALITY]
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"


def _lists(document: BaseComparison) -> Iterator[str]:
    for row in document.lists:
        yield ""
        yield from _list(row, document.as_of)
    same = len(document.same_lists)
    if same:
        yield ""
        yield f"{count(same, 'list')} {'is' if same == 1 else 'are'} the same in both."


def _list(row: ListChange, as_of: str) -> Iterator[str]:
    yield f"{row.id}  {row.title}"
    there = sum(change.after is not None and change.after.running for change in row.added)
    # Who left again by the day, or comes later, is new in the base and not on the list.
    told = f" ({there:,} of them on the list on {as_of})" if there != len(row.added) else ""
    added = f"{count(len(row.added), 'party', 'parties')} added{told}"
    yield f"  {added}, {len(row.gone):,} gone, {len(row.changed):,} changed"
    before, after = row.before, row.after
    if before is None or after is None:
        yield f"  only the {'second' if before is None else 'first'} base knows this list"
    else:
        for what, one, other in (
            ("edition", before.edition, after.edition),
            ("editions held", str(before.editions), str(after.editions)),
            ("checked until", before.checked_until, after.checked_until),
            ("reaches back to", _reaches(before), _reaches(after)),
            ("loaded", _yes(before.loaded), _yes(after.loaded)),
            ("held in part", _yes(before.is_partial), _yes(after.is_partial)),
            (f"parties on {as_of}", f"{before.parties:,}", f"{after.parties:,}"),
        ):
            if one != other:
                yield f"  {what}: {one or '–'} → {other or '–'}"
    for title, changes in (("added", row.added), ("gone", row.gone), ("changed", row.changed)):
        for change in changes[:_SHOWN]:
            yield f"    {title}  {_party(change)}"
        if len(changes) > _SHOWN:
            yield f"    … {len(changes) - _SHOWN:,} more {title}; --format json has them all"


def _party(change: PartyChange) -> str:
    parts = [f"{change.caption} ({change.entity})"]
    if change.how != "changed":
        parts.append(_HOW[change.how] + (f" {change.day}" if change.day else ""))
    state = change.after or change.before
    if state is not None and change.how != "changed":
        parts += [f"as “{name}”" for name in state.listed_as[:1] if name != change.caption]
        parts += [", ".join(state.programmes)] if state.programmes else []
    if change.how in ("changed", "again"):
        parts += [_field(item) for item in change.fields]
    return ", ".join(parts)


def _field(item: FieldChange) -> str:
    before, after = item.before or "", item.after or ""
    start = 0
    if max(len(before), len(after)) > _CELL:
        # Of two long texts, what differs counts, and it may stand at their ends.
        pairs = enumerate(zip(before, after, strict=False))
        first = next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))
        start = max(first - _CELL // 3, 0)
    return f"{words(item.field)}: {_short(item.before, start)} → {_short(item.after, start)}"


def _short(value: str | None, start: int) -> str:
    if value is None:
        return "–"
    seen = f"…{value[start:]}" if start else value
    return seen if len(seen) <= _CELL else f"{seen[: _CELL - 1]}…"


def _reaches(state: ListState) -> str | None:
    """How far back our copies go: no day means the first edition, but of a list that is not loaded nothing."""
    return (state.covered_from or "the first") if state.loaded else None


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _law(rows: list[LawChange]) -> Iterator[str]:
    told = [row for row in rows if not _is_of_our_copy(row)]
    if not told:
        return
    yield ""
    yield "Law"
    for row in told:
        yield f"  {row.change}  {words(row.table)} {row.id}  {row.title}"
        if row.change == "changed":
            yield from (f"      {_field(item)}" for item in row.fields)


def _is_of_our_copy(row: LawChange) -> bool:
    return row.table == "regimes" and row.change == "changed" and {item.field for item in row.fields} <= _OF_OUR_COPY


def _tables(document: BaseComparison) -> Iterator[str]:
    told = [row for row in document.tables if row.added or row.removed or row.changed]
    yield ""
    yield "Rows" if told else "Every table has the same rows in both."
    for row in told:
        parts = ((row.added, "added"), (row.removed, "removed"), (row.changed, "changed"))
        yield (
            f"  {words(row.table)}: {row.before:,} → {row.after:,}: "
            + ", ".join(f"{number:,} {what}" for number, what in parts if number)
        )


def _result(result: ResultOutlook) -> Iterator[str]:
    made = {"from": "the first base", "to": "the second base", "other": "neither of these bases"}[result.made_by]
    total = len(result.findings) + result.same + len(result.not_held)
    yield ""
    yield f"Findings of {result.name} as of {result.as_of}; the result was made by {made}"
    yield f"  {len(result.findings)} of {total} rest on something that differs; {result.same} on the same"
    shown = ""
    for row in result.findings:
        if row.change != shown:
            shown = row.change
            yield f"  {_CHANGE[shown]} ({result.by_change[shown]}):"
        yield f"    {row.id[:8]}  {row.level}  {row.operator.caption}: {'; '.join(row.because)}"
    if result.not_held:
        yield f"  {count(len(result.not_held), 'finding')} about parties that neither base holds: an in-house pack?"
    yield f"  {result.note}"
