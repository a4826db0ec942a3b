"""Sums of ledger rows: what is summed together, and the observation that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from beholden.scan.rows import Rows

# Sums held at once; more are given as partial rows that merge later.
_MAX_SUMS = 100_000


@dataclass(frozen=True, slots=True)
class Key:
    """What is summed together: see OBSERVATION for the fields."""

    name: str
    relation: Relation
    direction: Direction
    field: str | None
    day: date | None
    currency: str | None
    unit: str | None
    what: str | None
    certainty: str
    contract_on: date | None = None
    authorisation: str | None = None


@dataclass(slots=True)
class _Sum:
    amount: Decimal | None = None
    count: int = 0
    lines: list[int] = field(default_factory=list)
    detail: dict[str, str] = field(default_factory=dict)


class Sums:
    """Ledger rows summed by key, in the order in which keys first appear."""

    def __init__(self) -> None:
        self._sums: dict[Key, _Sum] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time to flush."""
        return len(self._sums) >= _MAX_SUMS

    def add(self, key: Key, amount: Decimal | None, line: int, detail: Mapping[str, str]) -> None:
        """Add one row; of each detail the first value is kept."""
        total = self._sums.setdefault(key, _Sum())
        total.count += 1
        if amount is not None:
            total.amount = amount if total.amount is None else total.amount + amount
        if len(total.lines) < MAX_LINES:
            total.lines.append(line)
        for name, text in detail.items():
            total.detail.setdefault(name, text)

    def flush(self, rows: Rows) -> None:
        """Turn the sums into observations and start anew."""
        for key, total in self._sums.items():
            rows.add(
                Kind.NAME,
                key.name,
                relation=key.relation,
                direction=key.direction,
                certainty=key.certainty,
                field=key.field,
                unit=key.unit,
                lines=total.lines,
                count=total.count,
                first_seen=datetime(key.day.year, key.day.month, key.day.day, tzinfo=UTC) if key.day else None,
                acted_on=key.day,
                amount=total.amount,
                unit_of_amount=key.currency,
                what=key.what,
                contract_on=key.contract_on,
                authorisation=key.authorisation,
                detail=total.detail,
            )
        self._sums.clear()
