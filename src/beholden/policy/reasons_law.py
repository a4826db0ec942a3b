"""Why a rule does not stand the same on two sides; a base at hand adds the day and citation of a suspension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.law import ownership_rule_state
from beholden.policy.reason_words import plain_words, switch_of
from beholden.schema.comparison import Reason
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.policy.between import Between
    from beholden.schema.result import ConsequenceResult, Finding
    from beholden.schema.rows import EffectRow

_SWITCHED_OFF = (ConsequenceStatus.SUSPENDED, ConsequenceStatus.STAYED)


def status_reasons(
    old: ConsequenceResult, new: ConsequenceResult, finding: Finding, between: Between
) -> Iterator[Reason]:
    """Why a rule stands otherwise: an ownership rule, a suspension, stay or stop, or its own date or text."""
    was, now = (row.consequence_status for row in (old, new))
    regime = finding.listing.regime if finding.listing else None
    by_rule = list(ownership_rule_reasons(finding, between)) if finding.arithmetic is not None else []
    if by_rule:
        yield from by_rule
        return
    early, late = (old, new) if between.early is between.before else (new, old)
    effects = list(_effects(finding, new.id, between))
    if effects:
        yield from (_turned(row, new.id, regime, between) for row in effects)
    elif was in _SWITCHED_OFF or now in _SWITCHED_OFF:
        # That a text sets an end does not tell that it came: where nobody knows, it is not told as an end.
        is_over = early.consequence_status in _SWITCHED_OFF and late.consequence_status != ConsequenceStatus.UNKNOWN
        day = early.until if is_over and between.has(early.until) else None
        if finding.arithmetic is not None and between.after.kb is None:
            # Whether the rule or the ownership rule that it rests on was switched is not in the results.
            day = None
        end = (
            f"The {switch_of(early)} of {new.id} ended on {day}."
            if day
            else f"{new.id}: {plain_words(was)} → {plain_words(now)}."
        )
        yield Reason(kind="effect", text=end, day=day, regime=regime, rule=new.id)
    elif between.has(late.applies_from) and late.consequence_status == ConsequenceStatus.IN_FORCE:
        text = f"{new.id} applies from {late.applies_from}."
        yield Reason(kind="rule", text=text, day=late.applies_from, regime=regime, rule=new.id)
    elif ConsequenceStatus.ENDED in (was, now) and between.has(early.until):
        yield Reason(kind="rule", text=f"{new.id} ended on {early.until}.", day=early.until, regime=regime, rule=new.id)
    else:
        yield Reason(
            kind="rule",
            text=f"{new.id}: {plain_words(was)} → {plain_words(now)}.",
            regime=regime,
            rule=new.id,
        )


def _effects(finding: Finding, rule: str, between: Between) -> Iterator[EffectRow]:
    """Suspensions, stays and stops of this rule and party that hold on one of the two days only."""
    regime = finding.listing.regime if finding.listing else ""
    rows: dict[str, tuple[EffectRow, set[bool]]] = {}
    for view in (between.before, between.after):
        kb = view.kb
        if kb is None:
            return
        for row in (*kb.effects.get(rule, ()), *kb.effects.get(regime, ())):
            is_ours = row.entity_id in (None, finding.listed_entity.id)
            is_entry = row.designation_id in (None, finding.listing.designation if finding.listing else None)
            if is_ours and is_entry and row.is_known(view.known_at) and row.holds(view.as_of):
                rows.setdefault(row.id, (row, set()))[1].add(view is between.after)
    yield from (row for _, (row, sides) in sorted(rows.items()) if len(sides) == 1)


def _turned(row: EffectRow, rule: str, regime: str | None, between: Between) -> Reason:
    ended = row.valid_to.isoformat() if row.valid_to else None
    began = row.valid_from.isoformat() if row.valid_from else None
    cited = f" ({row.citation})" if row.citation else ""
    if between.has(ended) and not between.has(began):
        text, day = f"The {row.kind} of {rule}{cited} ended on {ended}.", ended
    else:
        text, day = f"The {row.kind} of {rule}{cited} began on {began}.", began
    return Reason(kind="effect", text=text, day=day, regime=regime, rule=rule, source=row.source_id)


def ownership_rule_reasons(finding: Finding, between: Between) -> Iterator[Reason]:
    """Ownership rules of the list whose own standing is another on the two days."""
    regime = finding.listing.regime if finding.listing else None
    kb = between.after.kb
    if kb is None or between.before.kb is None:
        return
    for row in kb.ownership_rules:
        if row.regime_id != regime and regime not in row.lists:
            continue
        states = [
            ownership_rule_state(view.kb, row, as_of=view.as_of, known_at=view.known_at)
            for view in (between.before, between.after)
            if view.kb is not None
        ]
        if states[0].status == states[1].status:
            continue
        days = [
            row.published_at,
            row.valid_from,
            row.valid_to,
            *(day for state in states for day in _days(state.effect)),
        ]
        turns = sorted(day.isoformat() for day in days if day is not None and between.has(day.isoformat()))
        turned = f" It turned on {turns[-1]}." if turns else ""
        was, now = (plain_words(state.status) for state in states)
        yield Reason(
            kind="ownership",
            text=f"The ownership rule {row.id}: {was} → {now}.{turned}",
            day=turns[-1] if turns else None,
            regime=regime,
            rule=row.id,
            source=row.source_id,
        )


def _days(row: EffectRow | None) -> list[date | None]:
    return [row.valid_from, row.valid_to] if row is not None else []
