"""Collects observations column by column and gives OBSERVATION batches of bounded size."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.schema.observation import MAX_LINES, OBSERVATION
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

BATCH_ROWS = 16_384


class Rows:
    """A growing batch of observations of one file.

    Example:
        ```python
        rows = Rows(source.path)
        for line, text in source.lines():
            rows.add(Kind.DOMAIN, "example.com", relation=None, line=line)
            yield from rows.full()
        yield from rows.rest()
        ```
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: list[tuple[Any, ...]] = []

    def add(
        self,
        kind: Kind,
        value: str,
        *,
        raw: str | None = None,
        relation: Relation | None = None,
        direction: Direction = Direction.NONE,
        certainty: str = "confirmed",
        field: str | None = None,
        own_host: str | None = None,
        unit: str | None = None,
        line: int | None = None,
        lines: list[int] | None = None,
        count: int = 1,
        first_seen: datetime | None = None,
        last_seen: datetime | None = None,
        acted_on: date | None = None,
        amount: Decimal | int | float | None = None,
        unit_of_amount: str | None = None,
        what: str | None = None,
        contract_on: date | None = None,
        authorisation: str | None = None,
        agreement: str | None = None,
        data_class: str | None = None,
        produced_in: str | None = None,
        authorised_on: date | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one observation; see `beholden.schema.observation` for the columns."""
        sample = lines if lines is not None else ([line] if line is not None else [])
        # In the order of OBSERVATION: readers call this for every row, so no names are looked up here.
        self._rows.append(
            (
                kind.value,
                value,
                raw if raw is not None else value,
                relation.value if relation is not None else None,
                direction.value,
                certainty,
                field,
                own_host,
                unit,
                self._file,
                sample[:MAX_LINES],
                count,
                first_seen,
                last_seen if last_seen is not None else first_seen,
                acted_on,
                _exact(amount) if amount is not None else None,
                unit_of_amount,
                what,
                contract_on,
                authorisation,
                agreement,
                data_class,
                produced_in,
                authorised_on,
                None,
                json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else None,
            )
        )

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give a batch once enough rows have gathered."""
        if len(self._rows) >= BATCH_ROWS:
            yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        if not self._rows:
            return
        columns = zip(*self._rows, strict=True)
        arrays = [_array(list(values), field.type) for values, field in zip(columns, OBSERVATION, strict=True)]
        self._rows = []
        yield pa.RecordBatch.from_arrays(arrays, schema=OBSERVATION)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        # JSON escapes can spell lone surrogates, which UTF-8 cannot hold.
        clean = [value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for value in values]
        return pa.array(clean, type=kind)


def _exact(amount: Decimal | float) -> Decimal:
    """The amount as its shortest decimal text says it: 123.45, not the binary number nearest to it."""
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))
