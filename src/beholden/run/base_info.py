"""What a knowledge base holds and how its rules stand at a date: the work behind `kb info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.law import consequence_state, edition_in_force, ownership_rule_state
from beholden.run.assess import describe
from beholden.schema.dossier import BaseInfo, ListInfo, RegimeInfo, RuleInfo
from beholden.schema.rows import Consequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Regime
    from beholden.schema.vocabulary import ConsequenceStatus


def base_info(kb: KnowledgeBase, *, as_of: date, known_at: date | None) -> BaseInfo:
    """Lists, regimes and the standing of every rule at a date."""
    return BaseInfo(
        as_of=as_of.isoformat(),
        known_at=known_at.isoformat() if known_at else None,
        kb=describe(kb, as_of, known_at),
        sources=[_list_info(kb, row, as_of, known_at) for row in kb.regimes.values() if row.kind == "list"],
        regimes=[
            RegimeInfo(id=row.id, kind=row.kind, title=row.title, issuer=row.issuer, citation=row.citation)
            for row in kb.regimes.values()
        ],
        rules=sorted(_rules(kb, as_of, known_at), key=lambda row: row.id),
        tables=kb.rows_per_table(),
    )


def _list_info(kb: KnowledgeBase, regime: Regime, as_of: date, known_at: date | None) -> ListInfo:
    edition = edition_in_force(kb, regime, as_of=as_of, known_at=known_at)
    source = kb.source(regime.source_id) if regime.source_id else None
    return ListInfo(
        id=regime.id,
        title=regime.title,
        edition=_iso(edition.date) if edition else None,
        covered_from=_iso(regime.covered_from),
        checked_until=_iso(regime.checked_until),
        loaded=regime.loaded,
        rows=len(kb.designations_under(regime.id)),
        licence=source.licence if source else None,
    )


def _rules(kb: KnowledgeBase, as_of: date, known_at: date | None) -> Iterator[RuleInfo]:
    for rows in kb.consequences.values():
        for rule in rows:
            state = consequence_state(kb, rule, designation=None, entity_id=None, as_of=as_of, known_at=known_at)
            yield RuleInfo(
                id=rule.id,
                kind="consequence",
                regime=rule.regime_id,
                status=state.status,
                title=rule.title,
                applies_from=_iso(rule.applies_from),
                grade=rule.grade,
            )
    for own in kb.ownership_rules:
        state = ownership_rule_state(kb, own, as_of=as_of, known_at=known_at)
        yield RuleInfo(
            id=own.id,
            kind="ownership_rule",
            regime=own.regime_id,
            status=state.status,
            title=own.rule,
            applies_from=_iso(own.valid_from),
            grade=own.grade,
        )
    for regime in kb.regimes.values():
        if regime.kind == "rule":
            yield RuleInfo(
                id=regime.id,
                kind="rule",
                regime=regime.id,
                status=_rule_status(kb, regime, as_of, known_at),
                title=regime.title,
                applies_from=_iso(regime.valid_from),
                grade=regime.grade,
            )


def _rule_status(kb: KnowledgeBase, regime: Regime, as_of: date, known_at: date | None) -> ConsequenceStatus:
    """A rule without a list is judged like a consequence of its own."""
    stand_in = Consequence(
        id=regime.id,
        regime_id=regime.id,
        title=regime.title,
        applies_from=regime.valid_from,
        until=regime.valid_to,
        published_at=regime.published_at,
        next_flip=regime.next_flip,
    )
    return consequence_state(kb, stand_in, designation=None, entity_id=None, as_of=as_of, known_at=known_at).status


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
