"""The path of a finding, hop by hop: artefact, operator, owners, listing, each with its source and validity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.result import Hop
from beholden.schema.spell import day_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.exposure import Exposure
    from beholden.policy.situation import Situation
    from beholden.schema.rows import Entity, Ownership


def entity_of(kb: KnowledgeBase, entity_id: str) -> Entity:
    """The party with an id that a row of the base has."""
    entity = kb.entity(entity_id)
    assert entity is not None, f"the compiler checks references: {entity_id}"
    return entity


def match_hops(exposure: Exposure) -> list[Hop]:
    """The hops from an artefact to its operator, by the surest match."""
    return [
        Hop(
            from_=step["from"],
            to=step["to"],
            hop=step["hop"],
            source=step["source"],
            grade=step["grade"],
            valid_from=step["valid_from"].isoformat() if step["valid_from"] else None,
            valid_to=step["valid_to"].isoformat() if step["valid_to"] else None,
            note=step["note"],
        )
        for step in exposure.best["hops"]
    ]


def stake_hop(kb: KnowledgeBase, stake: Ownership) -> Hop:
    """The hop from a company to an owner of it."""
    share = _share(stake)
    by = f"held by {entity_of(kb, stake.owner_id).caption} as nominee" if stake.held_for != stake.owner_id else None
    return Hop(
        from_=entity_of(kb, stake.owned_id).caption,
        to=entity_of(kb, stake.held_for).caption,
        hop=f"owned_by ({stake.ownership_type}{', ' + share if share else ''})",
        source=stake.source_id,
        grade=stake.grade,
        valid_from=stake.valid_from.isoformat() if stake.valid_from else None,
        valid_to=stake.valid_to.isoformat() if stake.valid_to else None,
        note="; ".join(part for part in (by, stake.note) if part) or None,
    )


def _share(stake: Ownership) -> str:
    low, high = stake.percentage_low, stake.percentage_high
    if low is None and high is None:
        return "share unknown"
    return f"{low} %" if low == high else f"{low if low is not None else 0} to {high if high is not None else 100} %"


def path_of(situation: Situation, line: Iterable[Ownership]) -> list[Hop]:
    """All hops of a finding, from the artefact over owners to the list, or to the place that a rule names.

    Args:
        situation: What is judged.
        line: Stakes from the operator up to the listed party, or to the owner that it may be.
    """
    kb, exposure = situation.kb, situation.exposure
    listed = entity_of(kb, situation.behind.entity_id)
    state = situation.reach.state(situation.behind.regime, listed.id, situation.as_of)
    row, known_at = state.designation, situation.known_at
    steps = [*match_hops(exposure), *(stake_hop(kb, stake) for stake in line)]
    if situation.behind.owner_id is not None:
        owner = entity_of(kb, situation.behind.owner_id)
        note = "a name in common, and nobody decided whether they are one party"
        steps.append(
            Hop(
                from_=owner.caption,
                to=listed.caption,
                hop="may_be",
                source=listed.source_id,
                grade=listed.grade,
                valid_from=None,
                valid_to=None,
                note=note,
            )
        )
    placed = situation.behind.placed
    if placed is not None:
        steps.append(
            Hop(
                from_=listed.caption,
                to=placed.place,
                hop="stands_in",
                source=listed.source_id,
                grade=listed.grade,
                valid_from=listed.valid_from.isoformat() if listed.valid_from else None,
                valid_to=listed.valid_to.isoformat() if listed.valid_to else None,
                note=f"{placed.rule.citation}: {placed.rule.places_text}",
            )
        )
    elif row is not None:
        by = f"listed {day_words(state.since, is_latest=True)}" if state.since and state.is_since_latest else None
        shown = f"as “{row.listed_as}”" if row.listed_as and row.listed_as != listed.caption else None
        steps.append(
            Hop(
                from_=listed.caption,
                to=situation.behind.regime.title,
                hop="listed_on",
                source=row.source_id,
                grade=row.grade,
                valid_from=state.since.isoformat() if state.since else None,
                valid_to=ended.isoformat() if (ended := row.ended(known_at)) else None,
                # A reviewer's note has no date: it is left out where only what was public by a day is asked for.
                note="; ".join(
                    part for part in (by, shown, row.cited(known_at), row.note if known_at is None else None) if part
                )
                or None,
            )
        )
    return steps
