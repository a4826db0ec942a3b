"""The sum that a finding rests on, as a result shows it: each stake, its holder's list, the bound it counts in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.kb.ownership import Coverage
from beholden.schema.result import Arithmetic, MostRestrictive, SumBefore, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership import Counted, Reached
    from beholden.policy.reach import Holding
    from beholden.schema.rows import Ownership


def arithmetic(kb: KnowledgeBase, operator_id: str, holding: Holding) -> Arithmetic | None:
    """The sum of a holding; None where the rule names parties only or no owner is asked about."""
    rule, reached, found = holding.rule, holding.reached, holding.found
    if rule is None:
        return None
    stakes = reached.stakes if reached else holding.line
    strictest = found.strictest(operator_id) if found and holding.coverage is not Coverage.NOT_COVERED else None
    return Arithmetic(
        rule=rule.name,
        threshold=f"{'>' if rule.is_strict else '>='} {rule.threshold} %",
        low=str(reached.low) if reached else None,
        high=str(reached.high) if reached else None,
        outcome=holding.coverage,
        terms=_terms(kb, holding, stakes, reached.others if reached else ()),
        tally=reached.tally if reached else None,
        note=holding.note or _beside_the_sum(holding),
        most_restrictive=MostRestrictive(
            regime=strictest.regime_id,
            holders=[_caption(kb, one) for one in strictest.holders],
            why=strictest.why,
        )
        if strictest
        else None,
        before=list(_before(kb, holding, stakes, {operator_id})),
    )


def _before(kb: KnowledgeBase, holding: Holding, stakes: Iterable[Ownership], seen: set[str]) -> Iterator[SumBefore]:
    """Sums of the holders among some stakes that no list names, each after those that it rests on itself."""
    found = holding.found
    for stake in stakes:
        holder = stake.held_for
        state = found.of(holder) if found is not None and holder not in found.holders else None
        if state is None or holder in seen:
            continue
        seen.add(holder)
        yield from _before(kb, holding, state.stakes, seen)
        yield SumBefore(
            owned=_caption(kb, holder),
            low=str(state.low),
            high=str(state.high),
            outcome=state.coverage,
            tally=state.tally,
            terms=_terms(kb, holding, state.stakes, state.others),
        )


def _terms(kb: KnowledgeBase, holding: Holding, stakes: Iterable[Ownership], beside: Iterable[Ownership]) -> list[Term]:
    """The stakes of a sum, and those that count in its upper bound only."""
    holders = holding.found.holders if holding.found else {}
    rested = list(stakes)
    again = _told_again(rested)
    counts = {stake.id: "told_again" if stake.id in again else _bound(stake, holding) for stake in rested}
    return [
        *(_term(kb, stake, holders.get(stake.held_for, ()), counts[stake.id]) for stake in rested),
        *(_term(kb, stake, holders.get(stake.held_for, ()), "high") for stake in beside),
    ]


def _told_again(stakes: Iterable[Ownership]) -> set[str]:
    """Ids of stakes that are another source's word for a holding: the larger statement is the one that counts."""
    by_source: dict[tuple[str, str, str], dict[str | None, list[Ownership]]] = {}
    for stake in stakes:
        holding = by_source.setdefault((stake.held_for, stake.owned_id, stake.ownership_type), {})
        holding.setdefault(stake.source_id, []).append(stake)
    again: set[str] = set()
    for told in by_source.values():
        largest = max(told, key=lambda source: (_stated(told[source]), source or ""))
        again.update(stake.id for source, rows in told.items() if source != largest for stake in rows)
    return again


def _stated(rows: Iterable[Ownership]) -> Decimal:
    return sum((row.percentage_low or Decimal(0) for row in rows), Decimal(0))


def _beside_the_sum(holding: Holding) -> str | None:
    """Why a sum that meets the test says nothing of this party: its stake is not among those that decide."""
    reached: Reached | None = holding.reached
    if holding.coverage is not Coverage.NOT_COVERED or reached is None or reached.coverage is Coverage.NOT_COVERED:
        return None
    return "The sum that decides is made of other holders; the stake of the listed party here is not in it."


def _bound(stake: Ownership, holding: Holding) -> str:
    """Whether a stake counts for sure: its holder is covered, and it has a date and a source."""
    return "both" if holding.found is None or holding.found.is_sure(stake) else "high"


def _term(kb: KnowledgeBase, stake: Ownership, why: tuple[Counted, ...], counts: str) -> Term:
    is_nominee = stake.holder == "nominee" and stake.beneficiary_id is not None
    return Term(
        owner=_caption(kb, stake.owner_id),
        owned=_caption(kb, stake.owned_id),
        low=None if stake.percentage_low is None else str(stake.percentage_low),
        high=None if stake.percentage_high is None else str(stake.percentage_high),
        source=stake.source_id,
        ownership_type=stake.ownership_type,
        regimes=[one.regime_id for one in why if one.regime_id is not None and one.is_listed],
        place=next((one.place for one in why if one.place is not None), None),
        holder=stake.holder,
        beneficiary=_caption(kb, stake.held_for) if is_nominee else None,
        counts=counts,
    )


def _caption(kb: KnowledgeBase, entity_id: str) -> str:
    entity = kb.entity(entity_id)
    assert entity is not None, f"the compiler checks references: {entity_id}"
    return entity.caption
