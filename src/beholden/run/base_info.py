"""What a knowledge base holds and how its rules stand at a date: the work behind `kb info`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.law import consequence_state, ownership_rule_state
from beholden.kb.listing import edition_in_force
from beholden.run.age import age_on
from beholden.run.describe import describe
from beholden.run.importers import importers
from beholden.schema.dossier import BaseInfo, ListInfo, RegimeInfo, RuleInfo
from beholden.schema.rows import Consequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.law import ConsequenceState
    from beholden.schema.rows import Designation, Regime
    from beholden.sources.held import Held


def base_info(
    kb: KnowledgeBase,
    *,
    as_of: date,
    known_at: date | None,
    held: Iterable[Held] = (),
    in_force: Iterable[Held] = (),
) -> BaseInfo:
    """Lists, importers, regimes and the standing of every rule at a date.

    Args:
        kb: The base.
        as_of: The day.
        known_at: Only what was public by then; None: all.
        held: Records of publications that are held: they know layouts and times, which no base does.
        in_force: Those that were not dropped; what of them the base does not have waits for a build.
    """
    return BaseInfo(
        as_of=as_of.isoformat(),
        known_at=known_at.isoformat() if known_at else None,
        kb=describe(kb, as_of, known_at),
        sources=[
            *(_list_info(kb, row, as_of, known_at) for row in kb.regimes.values() if row.kind == "list"),
            *importers(kb, held, in_force=in_force, as_of=as_of, known_at=known_at),
        ],
        regimes=[
            RegimeInfo(
                id=row.id,
                kind=row.kind,
                title=_title(row, known_at),
                issuer=row.issuer,
                citation=row.citation if row.is_known(known_at) else None,
            )
            for row in kb.regimes.values()
        ],
        rules=sorted(_rules(kb, as_of, known_at), key=lambda row: row.id),
        tables=kb.rows_per_table(),
    )


def _title(regime: Regime, known_at: date | None) -> str:
    """Title of a regime; nobody could know it before it was public, so that its id stands for it."""
    return regime.title if regime.is_known(known_at) else regime.id


def _list_info(kb: KnowledgeBase, regime: Regime, as_of: date, known_at: date | None) -> ListInfo:
    edition = edition_in_force(kb, regime, as_of=as_of, known_at=known_at)
    source = kb.source(regime.source_id) if regime.source_id else None
    return ListInfo(
        id=regime.id,
        title=_title(regime, known_at),
        edition=_iso(edition.date) if edition else None,
        covered_from=_iso(regime.covered_from),
        checked_until=_iso(regime.checked_until),
        loaded=regime.loaded,
        is_partial=regime.is_partial,
        rows=sum(_stands(row, as_of, known_at) for row in kb.designations_under(regime.id)),
        licence=source.licence if source else None,
        age_days=age_on(kb, regime, as_of),
    )


def _stands(row: Designation, as_of: date, known_at: date | None) -> bool:
    """Whether an entry is on its list on a day, as far as it is dated."""
    ended = row.ended(known_at)
    has_begun = row.valid_from is None or row.valid_from <= as_of
    return row.is_known(known_at) and has_begun and (ended is None or as_of < ended)


def _rules(kb: KnowledgeBase, as_of: date, known_at: date | None) -> Iterator[RuleInfo]:
    for rows in kb.consequences.values():
        for rule in rows:
            state = consequence_state(kb, rule, designation=None, entity_id=None, as_of=as_of, known_at=known_at)
            yield _info(rule.id, "consequence", rule.regime_id, rule.title, rule.grade, state)
    for own in kb.ownership_rules:
        state = ownership_rule_state(kb, own, as_of=as_of, known_at=known_at)
        yield _info(own.id, "ownership_rule", own.regime_id, own.rule, own.grade, state)
    for regime in kb.regimes.values():
        if regime.kind == "rule":
            state = _standing(kb, regime, as_of, known_at)
            yield _info(regime.id, "rule", regime.id, _title(regime, known_at), regime.grade, state)


def _info(rule_id: str, kind: str, regime_id: str, title: str, grade: str | None, state: ConsequenceState) -> RuleInfo:
    return RuleInfo(
        id=rule_id,
        kind=kind,
        regime=regime_id,
        status=state.status,
        title=title,
        applies_from=_iso(state.applies_from),
        grade=grade,
        until=_iso(state.until),
        by_text=state.by_text,
    )


def _standing(kb: KnowledgeBase, regime: Regime, as_of: date, known_at: date | None) -> ConsequenceState:
    """A rule without a list is judged like a consequence of its own."""
    stand_in = Consequence(
        id=regime.id,
        regime_id=regime.id,
        title=regime.title,
        applies_from=regime.valid_from,
        until=regime.valid_to,
        published_at=regime.published_at,
    )
    return consequence_state(kb, stand_in, designation=None, entity_id=None, as_of=as_of, known_at=known_at)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
