"""The sum that a finding rests on, as a result shows it: each stake, its holder's list, the bound it counts in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.ownership import Coverage
from beholden.schema.result import Arithmetic, MostRestrictive, Term

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership import Counted
    from beholden.policy.reach import Holding
    from beholden.schema.rows import Ownership


def arithmetic(kb: KnowledgeBase, operator_id: str, holding: Holding) -> Arithmetic | None:
    """The sum of a holding; None where the rule names parties only or no owner is asked about."""
    rule, reached, found = holding.rule, holding.reached, holding.found
    if rule is None:
        return None
    stakes = reached.stakes if reached else holding.line
    beside = reached.others if reached else ()
    holders = found.holders if found else {}
    strictest = found.strictest(operator_id) if found and holding.coverage is not Coverage.NOT_COVERED else None
    return Arithmetic(
        rule=rule.name,
        threshold=f"{'>' if rule.is_strict else '>='} {rule.threshold} %",
        low=str(reached.low) if reached else None,
        high=str(reached.high) if reached else None,
        outcome=holding.coverage,
        terms=[
            *(_term(kb, stake, holders.get(stake.held_for, ()), _bound(stake, holding)) for stake in stakes),
            *(_term(kb, stake, holders.get(stake.held_for, ()), "high") for stake in beside),
        ],
        tally=reached.tally if reached else None,
        note=holding.note,
        most_restrictive=MostRestrictive(
            regime=strictest.regime_id,
            holders=[_caption(kb, one) for one in strictest.holders],
            why=strictest.why,
        )
        if strictest
        else None,
    )


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
        regimes=[one.regime_id for one in why if one.regime_id is not None],
        place=next((one.place for one in why if one.place is not None), None),
        holder=stake.holder,
        beneficiary=_caption(kb, stake.held_for) if is_nominee else None,
        counts=counts,
    )


def _caption(kb: KnowledgeBase, entity_id: str) -> str:
    entity = kb.entity(entity_id)
    assert entity is not None, f"the compiler checks references: {entity_id}"
    return entity.caption
