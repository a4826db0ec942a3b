"""Partial observations → distinct ones: the same thing seen often becomes one row with sums and a sample of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.schema.match import QUERY
from beholden.schema.observation import GROUP_BY, MAX_LINES, OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Iterable


class Reducer:
    """Merges batches as they come; holds one row per distinct observation."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Any, ...], dict[str, Any]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Merge one OBSERVATION batch."""
        for row in batch.to_pylist():
            key = tuple(row[name] for name in GROUP_BY)
            known = self._rows.get(key)
            if known is None:
                self._rows[key] = row
            else:
                _merge(known, row)

    def table(self) -> pa.Table:
        """OBSERVATION, sorted by its grouping columns."""
        ordered = sorted(
            self._rows.items(), key=lambda item: tuple("" if part is None else str(part) for part in item[0])
        )
        return pa.Table.from_pylist([row for _, row in ordered], schema=OBSERVATION)


def _merge(known: dict[str, Any], row: dict[str, Any]) -> None:
    known["count"] += row["count"]
    known["lines"] = sorted({*(known["lines"] or ()), *(row["lines"] or ())})[:MAX_LINES]
    if row["amount"] is not None:
        known["amount"] = row["amount"] if known["amount"] is None else known["amount"] + row["amount"]
    for name, choose in (("first_seen", min), ("last_seen", max)):
        seen = [value for value in (known[name], row[name]) if value is not None]
        known[name] = choose(seen) if seen else None
    # One sample each; the smallest, so that the order of files does not matter.
    for name in ("raw", "detail"):
        sample = [value for value in (known[name], row[name]) if value is not None]
        known[name] = min(sample) if sample else None


def queries(observations: pa.Table) -> pa.RecordBatch:
    """Distinct (kind, value, relation) with the days between which they were seen: QUERY."""
    asked: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for row in _narrow(observations):
        days = [
            seen.date() if hasattr(seen, "date") else seen
            for seen in (row["first_seen"], row["last_seen"], row["acted_on"])
            if seen is not None
        ]
        key = (row["kind"], row["value"], row["relation"])
        known = asked.setdefault(
            key,
            {
                "kind": key[0],
                "value": key[1],
                "relation": key[2],
                "raw": row["raw"],
                "first_day": None,
                "last_day": None,
            },
        )
        for day in days:
            known["first_day"] = day if known["first_day"] is None else min(known["first_day"], day)
            known["last_day"] = day if known["last_day"] is None else max(known["last_day"], day)
    ordered = sorted(asked.values(), key=lambda row: (row["kind"], row["value"], row["relation"] or ""))
    return pa.RecordBatch.from_pylist(ordered, schema=QUERY)


def _narrow(observations: pa.Table) -> Iterable[dict[str, Any]]:
    return observations.select(["kind", "value", "relation", "raw", "first_seen", "last_seen", "acted_on"]).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types
