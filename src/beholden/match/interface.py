"""What a matcher is: a pure function of (knowledge base, batch of distinct values), the same on every runner."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from beholden.schema.match import MATCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Row
    from beholden.schema.vocabulary import Kind

# Feature of a match that is probable for nothing but this: ids of the others who have the printed name.
NAMESAKES = "namesakes"


@dataclass(frozen=True, slots=True)
class Query:
    """One distinct value, as `schema.match.QUERY` has it."""

    kind: str
    value: str
    relation: str | None
    raw: str | None
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Found:
    """One operator behind a value."""

    query: Query
    entity_id: str
    relation: str
    artefact_kind: Kind
    artefact_value: str
    method: str
    score: float
    hops: tuple[dict[str, Any], ...]
    decision: str = "confirmed"
    features: Mapping[str, Any] = field(default_factory=dict)
    question: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    choice: int | None = None


class Matcher(Protocol):
    """Finds the operators behind values of some kinds.

    Attributes:
        name: Slug.
        kinds: Observation kinds it answers.
    """

    name: str
    kinds: frozenset[Kind]

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """QUERY → MATCH: no state, no clock, no network."""


def queries(batch: pa.RecordBatch, kinds: frozenset[Kind]) -> list[Query]:
    """The rows of a QUERY batch whose kind is one of these."""
    return [Query(**row) for row in batch.to_pylist() if row["kind"] in kinds]


def hop(start: str, end: str, kind: str, row: Row, note: str | None = None) -> dict[str, Any]:
    """One step of a path, resting on one row."""
    return {
        "from": start,
        "to": end,
        "hop": kind,
        "source": row.source_id,
        "grade": row.grade,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "note": note,
    }


def to_batch(found: Sequence[Found]) -> pa.RecordBatch:
    """Answers → MATCH, sorted by query, entity and artefact."""
    ordered = sorted(
        found,
        key=lambda item: (
            item.query.kind,
            item.query.value,
            item.query.relation or "",
            item.entity_id,
            item.artefact_value,
        ),
    )
    rows = [
        {
            "kind": item.query.kind,
            "value": item.query.value,
            "asked_relation": item.query.relation,
            "entity_id": item.entity_id,
            "relation": item.relation,
            "artefact_kind": item.artefact_kind.value,
            "artefact_value": item.artefact_value,
            "method": item.method,
            "score": item.score,
            "decision": item.decision,
            "features": json.dumps(item.features, ensure_ascii=False, sort_keys=True),
            "question": item.question,
            "choice": item.choice,
            "valid_from": item.valid_from,
            "valid_to": item.valid_to,
            "hops": list(item.hops),
        }
        for item in ordered
    ]
    return pa.RecordBatch.from_pylist(rows, schema=MATCH)
