"""A comparison or a supposition for the terminal: the answer in a sentence, a table per rule, what differs and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

import msgspec

from beholden.policy.impact import begins
from beholden.policy.reason_words import sum_of
from beholden.report.base_words import base_words
from beholden.report.json import encode
from beholden.report.paint import Paint, write_lines
from beholden.report.text import display_width, pad, visible
from beholden.report.wording import (
    NEUTRALITY,
    count,
    far_apart,
    is_behind,
    party,
    quantities,
    rank,
    reasons_of,
    short_why,
    standing,
    who,
    words,
)
from beholden.schema.comparison import Comparison, Reason, Supposition
from beholden.schema.document import Document
from beholden.schema.result import Finding
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.schema.comparison import LevelImpact, RuleImpact, Side
    from beholden.schema.result import Claim, ConsequenceResult

_SHOWN = 20
_INFO_SHOWN = 8
_ID_SHOWN = 8  # of a finding's id: enough for `explain --result`
_GAP = "  "
_LEVEL_WORDS = {
    Level.PROHIBITED: "prohibited",
    Level.RESTRICTED: "restricted",
    Level.REVIEW: "open to review",
    Level.UPCOMING: "prohibited or restricted later",
}
_YOU = {True: "yes", False: "no", None: "–"}
_HEADS = {"touched": "Newly touched, by rule", "freed": "Freed, by rule", "beside": "Beside it, without bearing on you"}
_COUNTED = ("devices", "packages")  # what there is, and not what was done
_COLUMNS = ("rule", "level", "you", "status", "from", "days", "findings")


class Line(Document, kw_only=True):
    """One difference as a line of JSON."""

    change: str  # added | gone | changed
    id: str
    before: Finding | None
    after: Finding | None
    because: list[Reason]


def lines_of(document: Comparison | Supposition) -> bytes:
    """Return one line of JSON per finding that differs: added, then gone, then changed."""
    rows = [
        *(
            Line(change="added", id=row.id, before=None, after=row, because=document.because[row.id])
            for row in document.added
        ),
        *(
            Line(change="gone", id=row.id, before=row, after=None, because=document.because[row.id])
            for row in document.gone
        ),
        *(
            Line(change="changed", id=row.id, before=row.before, after=row.after, because=row.because)
            for row in document.changed
        ),
    ]
    return b"".join(encode(row) + b"\n" for row in rows)


def render_comparison(document: Comparison | Supposition, out: TextIO, *, colour: bool, width: int | None) -> None:
    """Write a comparison.

    Args:
        document: What differs.
        out: Where to write.
        colour: Whether to mark levels with ANSI colours.
        width: Columns at which lines are wrapped; None: as long as they are.
    """
    paint = Paint(colour)
    lines = [*_head(document, paint), ""]
    lines += _question(document) if isinstance(document, Supposition) else _sides(document)
    lines += _answer(document, paint)
    for change, head in _HEADS.items():
        rows = [row for row in document.by_rule if row.change == change]
        if rows:
            lines += ["", paint.bold(head), *_table(rows, paint)]
    lines += [*_differences(document, paint), *_blind(document), "", NEUTRALITY]
    write_lines(out, lines, width)


def _head(document: Comparison | Supposition, paint: Paint) -> Iterator[str]:
    known = f" · known at {document.known_at}" if document.known_at else ""
    about = f"as of {document.as_of}{known} · {base_words(document.kb)}"
    yield f"{paint.bold('beholden ' + visible(document.command))} · {visible(about)}"
    profile = document.profile if isinstance(document, Supposition) else document.to.profile
    if profile is not None:
        yield visible(who(profile))


# --- what was asked -------------------------------------------------------------------------------------------------


def _question(document: Supposition) -> Iterator[str]:
    for number, row in enumerate(document.hypotheses):
        yield visible(f"{'If' if not number else 'and if'} {row.text}:")
        if row.note:
            yield visible(f"  {'this changes nothing: ' if row.changes_nothing else ''}{row.note}")
    days = sorted({*document.judged_on.values(), document.judged_as_of})
    if days != [document.as_of]:
        first = "; a finding is told on the first day on which it differs" if len(days) > 1 else ""
        yield f"  (judged on {', '.join(days)}, with and without it{first}; days count from {document.as_of})"
        if not document.by_level:
            yield f"  (what was last recorded a year or more before {days[-1]} does not tell what stands then)"


def _sides(document: Comparison) -> Iterator[str]:
    for word, side in (("From", document.from_), ("to  ", document.to)):
        yield visible(f"{word} {_side(side)}: {count(side.findings, 'finding')}")


def _side(side: Side) -> str:
    known = f", known at {side.known_at}" if side.known_at else ""
    base = f"knowledge base {side.kb_digest[:12]}"
    match side.kind:
        case "date":
            return f"{side.name}{known}"
        case "base":
            return f"{base}, as of {side.as_of}{known}"
        case _:
            return f"{side.name}, as of {side.as_of}{known}, {base}"


# --- the answer -----------------------------------------------------------------------------------------------------


def _answer(document: Comparison | Supposition, paint: Paint) -> Iterator[str]:
    is_supposed = isinstance(document, Supposition)
    if isinstance(document, Comparison):
        numbers = ((len(document.added), "came"), (len(document.gone), "went"), (len(document.changed), "changed"))
        yield "Findings: " + ", ".join(f"{number:,} {what}" for number, what in numbers) + "."
    touched = [row for row in document.by_level if row.change == "touched"]
    freed = [row for row in document.by_level if row.change == "freed"]
    for row in touched:
        would = "would be" if is_supposed else "is" if row.findings == 1 else "are"
        yield f"{_count(row)} {would} newly {paint.level(_LEVEL_WORDS[Level(row.level)], row.level)}{_how_much(row)}."
    for row in freed:
        no_longer = "would no longer be" if is_supposed else "is no longer" if row.findings == 1 else "are no longer"
        yield f"{_count(row)} {no_longer} {_LEVEL_WORDS[Level(row.level)]}{_how_much(row)}."
    yield from _coming_back(document)
    if not touched and not freed:
        nothing = "nothing in these records would change" if isinstance(document, Supposition) else "nothing changed"
        if document.added or document.gone or document.changed:
            nothing = "no rule newly touches, or frees, anything in these records"
        yield f"{nothing.capitalize()}{_beside(document)}."
    if touched:
        yield _when(document)


def _coming_back(document: Comparison | Supposition) -> Iterator[str]:
    """What only rests is not gone."""
    resting = [row.after for row in document.changed if rank(row.before.level) < rank(row.after.level)]
    resting = [row for row in resting if row.level == Level.UPCOMING]
    if resting:
        days = sorted({duty.due for row in resting for rule in row.consequences for duty in rule.duties if duty.due})
        yield f"{count(len(resting), 'of them', 'of them')} can come back{f', first on {days[0]}' if days else ''}."


def _count(row: LevelImpact) -> str:
    return count(row.findings, "finding")


def _how_much(row: LevelImpact) -> str:
    kept = f"; what was done while it applied stays: {quantities(row.kept)}" if row.kept else ""
    if not row.impact:
        return visible(kept)
    return visible(f": {quantities(row.impact)}{_done_before(row)}{kept}")


def _beside(document: Comparison | Supposition) -> str:
    sides = [
        *((None, row) for row in document.added),
        *((row, None) for row in document.gone),
        *((row.before, row.after) for row in document.changed),
    ]
    if not sides:
        return ""
    differ = f"; {count(len(sides), 'finding differs', 'findings differ')}"
    if any(side is not None and rank(side.level) <= rank(Level.UPCOMING) for pair in sides for side in pair):
        return f"{differ}, with what bears on you in all as it was"
    return f"{differ} without bearing on you"


def _when(document: Comparison | Supposition) -> str:
    days = document.days_until
    if days is None:
        return "No date is known from which a rule applies."
    rows = [row for row in document.by_rule if row.change == "touched" and row.days_until == days]
    rules = ", ".join(dict.fromkeys(row.rule for row in rows))
    day = min((row.applies_from for row in rows if row.applies_from), default=None)
    if days == 0:
        return visible(f"In force at once: {rules}.")
    return visible(f"First in {count(days, 'day')}{f', on {day}' if day else ''}: {rules}.")


# --- per rule -------------------------------------------------------------------------------------------------------


def _table(rows: list[RuleImpact], paint: Paint) -> Iterator[str]:
    cells = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(display_width(row[index]) for row in cells) for index in range(len(_COLUMNS))]
    yield _GAP + _line(_COLUMNS, widths)
    for row, cell in zip(rows, cells[1:], strict=True):
        padded = [pad(text, width) for text, width in zip(cell, widths, strict=True)]
        padded[1] = paint.level(padded[1], row.level)
        yield _GAP + _GAP.join(padded).rstrip()
        if len(row.levels) > 1:
            yield f"      {', '.join(f'{number:,} {level}' for level, number in row.levels.items())}"
        if row.impact:
            yield visible(f"      {quantities(row.impact)}{_done_before(row)}")
        if row.kept:
            yield visible(f"      done while it applied, and stays: {quantities(row.kept)}")
        if row.change == "beside" and row.why:
            yield visible(f"      {row.why}")


def _done_before(row: RuleImpact | LevelImpact) -> str:
    if not row.done_before:
        return ""
    acts = [item for item in row.impact if item.what not in _COUNTED]
    if acts == row.done_before:
        return " (all done before it applied)"
    whole = {(item.unit, item.what): Decimal(item.amount) for item in row.impact}
    # A credit note makes the whole smaller than what was paid before.
    is_part = all(Decimal(item.amount) <= whole.get((item.unit, item.what), Decimal(0)) for item in row.done_before)
    return f" ({quantities(row.done_before)}{' of it' if is_part else ''} before it applied)"


def _cells(row: RuleImpact) -> tuple[str, ...]:
    return tuple(
        visible(cell)
        for cell in (
            row.rule,
            row.level,
            # A rule that binds our customers can bear on us through what we deliver.
            "via" if row.binds_you is False and row.change != "beside" else _YOU[row.binds_you],
            words(row.consequence_status),
            row.applies_from or "–",
            "–" if row.days_until is None else f"{row.days_until:,}",
            f"{row.findings:,}",
        )
    )


def _line(cells: Iterable[str], widths: list[int]) -> str:
    return _GAP.join(pad(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


# --- per finding ----------------------------------------------------------------------------------------------------


def _differences(document: Comparison | Supposition, paint: Paint) -> Iterator[str]:
    rows = [
        *((None, row, document.because.get(row.id, [])) for row in document.added),
        *((row, None, document.because.get(row.id, [])) for row in document.gone),
        *((row.before, row.after, row.because) for row in document.changed),
    ]
    rows.sort(key=lambda row: min(rank(side.level) for side in row[:2] if side is not None))
    bearing = [row for row in rows if any(side is not None and side.level != Level.INFO for side in row[:2])]
    shown = bearing[:_SHOWN] or rows[:_INFO_SHOWN]
    if rows:
        yield ""
        yield paint.bold("Findings that differ")
    # With one hypothesis there is one reason, and the question has said it.
    is_told = isinstance(document, Supposition) and len(document.hypotheses) == 1
    for before, after, because in shown:
        finding = after or before
        assert finding is not None
        yield from _difference(finding, before, after, paint)
        through = document.still.get(finding.id)
        if through:
            yield visible(f"      still reached through {', '.join(through)}")
        for said in _said_of(finding, document.claims):
            yield visible(f"      {said}")
        if not is_told:
            for reason in because:
                yield visible(f"      because: {reason.text}")
    if len(shown) < len(rows):
        hidden = [row for row in rows if row not in shown]
        info = sum(all(side is None or side.level == Level.INFO for side in row[:2]) for row in hidden)
        other = len(hidden) - info
        parts = [f"{info:,} at info on both sides" if info else "", f"{other:,} more" if other else ""]
        yield f"  not shown: {', '.join(part for part in parts if part)}; --format json has all of them"


def _said_of(finding: Finding, claims: list[Claim]) -> Iterator[str]:
    """What a reader must not miss: attributed claims with their answers, and what is open."""
    if finding.claims:
        yield short_why(finding, claims)
    if finding.level == Level.REVIEW and finding.questions:
        confirmed = f" ({finding.level_if_confirmed} if confirmed)" if finding.level_if_confirmed else ""
        yield f"open{confirmed}: {finding.questions[0]}"


def _difference(finding: Finding, before: Finding | None, after: Finding | None, paint: Paint) -> Iterator[str]:
    old = before.level if before is not None else "none"
    new = after.level if after is not None else "none"
    step = paint.level(new, new) if old == new else f"{old} → {paint.level(new, new)}"
    artefact = finding.artefact
    amounts = quantities(artefact.quantities)
    yield f"  {step}  {visible(party(finding))}  {finding.id[:_ID_SHOWN]}"
    shown = f"{words(artefact.relation)} · {artefact.kind} {artefact.value}{f' · {amounts}' if amounts else ''}"
    yield visible(f"      {shown}")
    deciding = _deciding(before, after)
    if deciding:
        yield visible(f"      {deciding}")


def _deciding(before: Finding | None, after: Finding | None) -> str:
    """What is not the same on both sides: the standing of the entry, and of each rule; else what else differs."""
    left, right = ({rule.id: rule for rule in row.consequences} if row else {} for row in (before, after))
    steps = []
    if before is not None and after is not None and before.listing is not None and after.listing is not None:
        stood, stands = before.listing.listing_status, after.listing.listing_status
        if stood != stands:
            steps.append(f"{after.listing.regime} {words(stood)} → {words(stands)}")
    for one in sorted(left.keys() | right.keys()):
        steps += _step(one, left.get(one), right.get(one), after or before)
    if not steps and before is not None and after is not None:
        steps += _beside_rules(before, after)
    return "; ".join(steps)


def _beside_rules(before: Finding, after: Finding) -> Iterator[str]:
    if before.arithmetic != after.arithmetic:
        told = dict.fromkeys(map(sum_of, (before, after)))
        yield f"{'sum of stakes' if len(told) > 1 else 'other stakes count'}: {' → '.join(told)}"
    if [rule.acts for rule in before.consequences] != [rule.acts for rule in after.consequences]:
        yield "what was done is judged otherwise"
    if before.questions != after.questions:
        yield "another question is open"


def _step(
    rule: str, old: ConsequenceResult | None, new: ConsequenceResult | None, finding: Finding | None
) -> list[str]:
    if old is None or new is None:
        there = new or old
        return [f"{rule} {there.level}, {_standing(there, finding)}"] if there is not None else []
    if old.level != new.level:
        return [f"{rule} {old.level} → {new.level}, {_standing(new, finding)}"]
    if old.consequence_status != new.consequence_status:
        return [f"{rule} {words(old.consequence_status)} → {_standing(new, finding)}"]
    if old.standing_level != new.standing_level and new.level != new.standing_level:
        stands = new.standing_level or "nothing"
        return [f"{rule}: what stands {old.standing_level or 'nothing'} → {stands}; what was done stays {new.level}"]
    return []


def _standing(rule: ConsequenceResult, finding: Finding | None) -> str:
    """As the table has it: a rule is about a finding from the later of its own day, the entry's and the stakes'."""
    since = begins(finding, rule) if finding is not None else None
    return standing(msgspec.structs.replace(rule, applies_from=since)) if since else standing(rule)


def _blind(document: Comparison | Supposition) -> Iterator[str]:
    """What was not read, and which lists end before the date."""
    unread = [row for row in document.coverage if row.status in ("partial", "rejected")]
    behind = [source for source in document.kb.sources if is_behind(source, document.as_of)]
    if unread or behind:
        yield ""
    for row in unread:
        yield visible(f"not read whole: {row.file}: {'; '.join(reasons_of(row))}")
    if behind:
        named = ", ".join(f"{source.id} ({source.checked_until})" for source in behind)
        yield visible(f"lists last checked before {document.as_of}: {named}")
    if apart := far_apart(document.kb.sources):
        yield visible(f"{document.as_of} is {apart}")
