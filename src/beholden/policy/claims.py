"""Claims on file about a party, with their answers; kept apart from listings and never raised above `contested`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.result import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import ClaimRow, Ownership

# What is said *about* a party; denials, statements and events answer or frame it.
_ABOUT = frozenset({"allegation", "assessment"})


class ClaimsOnFile:
    """Claims that had been reported by the dates asked."""

    def __init__(self, kb: KnowledgeBase, as_of: date, known_at: date | None) -> None:
        self._kb = kb
        self._as_of = as_of
        self._known_at = known_at
        self._cache: dict[str, list[ClaimRow]] = {}

    def _is_on_file(self, claim: ClaimRow) -> bool:
        """A claim exists from its report date, not from the date of a document it speaks of."""
        reported = claim.reported_date or claim.published_at
        return reported is None or (reported <= self._as_of and (self._known_at is None or reported <= self._known_at))

    def claims(self, entity_id: str) -> list[ClaimRow]:
        """Allegations and assessments about a party, by report date and id."""
        if entity_id not in self._cache:
            rows = [row for row in self._kb.claims_about(entity_id) if row.type in _ABOUT and self._is_on_file(row)]
            self._cache[entity_id] = sorted(rows, key=_order)
        return self._cache[entity_id]

    def answers(self, claims: Iterable[ClaimRow]) -> list[ClaimRow]:
        """What was answered to any of these."""
        rows = self._kb.answers_to(claim.id for claim in claims)
        return sorted({row.id: row for row in rows if self._is_on_file(row)}.values(), key=_order)

    def about(self, entity_id: str) -> list[ClaimRow]:
        """Everything said about a party or by it: claims, answers, statements, events."""
        rows = {row.id: row for row in self._kb.claims_about(entity_id) if self._is_on_file(row)}
        rows |= {row.id: row for row in self.answers(list(rows.values()))}
        return sorted(rows.values(), key=_order)

    def document(self, ids: Iterable[str]) -> list[Claim]:
        """The claims of a result with every answer to them, both directions linked."""
        rows = {row.id: row for row in self._kb.claims(sorted(set(ids)))}
        rows |= {row.id: row for row in self.answers(list(rows.values()))}
        answered: dict[str, list[str]] = {}
        for row in rows.values():
            for target in row.answers:
                answered.setdefault(target, []).append(row.id)
        known = self._known_ids({target for row in rows.values() for target in row.answers})
        return [
            _claim(row, [target for target in row.answers if target in known], sorted(answered.get(row.id, [])))
            for row in sorted(rows.values(), key=_order)
        ]

    def _known_ids(self, ids: Iterable[str]) -> set[str]:
        """Of claims and events, those on file: an answer given later to a later step does not tell of that step."""
        wanted = sorted(ids)
        known = {row.id for row in self._kb.claims(wanted) if self._is_on_file(row)}
        events = {row.id for row in self._kb.events(wanted) if row.date <= self._as_of and row.is_known(self._known_at)}
        return known | events


def claims_behind(operator_id: str, edges: Iterable[Ownership]) -> Iterator[tuple[str, tuple[Ownership, ...]]]:
    """The operator and the parties that control it, each with the line of stakes that leads there."""
    listed = list(edges)
    waiting: list[tuple[str, tuple[Ownership, ...]]] = [(operator_id, ())]
    seen = {operator_id}
    while waiting:
        entity_id, line = waiting.pop(0)
        yield entity_id, line
        for edge in sorted(listed, key=lambda edge: (edge.owned_id, edge.owner_id)):
            controls = edge.ownership_type == "control" or (edge.percentage_low or 0) > 50
            if edge.owned_id == entity_id and controls and edge.owner_id not in seen:
                seen.add(edge.owner_id)
                waiting.append((edge.owner_id, (*line, edge)))


def _claim(row: ClaimRow, answers: list[str], answered_by: list[str]) -> Claim:
    return Claim(
        id=row.id,
        type=row.type,
        speaker=row.speaker,
        target=list(row.target_ids),
        text=row.text,
        span=None,
        chain=list(row.reported_by),
        document_date=row.document_date.isoformat() if row.document_date else None,
        reported_date=row.reported_date.isoformat() if row.reported_date else None,
        caveat=row.caveat,
        answers=answers,
        answered_by=answered_by,
        source=row.source_id,
        grade=row.grade,
        gaps=row.gaps,
        note=row.note,
    )


def _order(row: ClaimRow) -> tuple[str, str]:
    return (str(row.reported_date or row.published_at or ""), row.id)
