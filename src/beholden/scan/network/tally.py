"""Sums flows and queries by remote, own host and day while a log is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from beholden.schema.vocabulary import Direction, Kind, Relation

MAX_KEYS = 200_000
SECONDS_A_DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a summed row says; compared by identity, since a handful exist.

    Attributes:
        kind: Observation kind of the value.
        direction: Seen from the organisation.
        field: The field of the record that the value came from.
        relation: What the place implies; None: the matched asset decides.
        certainty: `confirmed` or `probable`.
        counted: Word for the number of records as a quantity (`queries`, `attempted`).
        measured: Words for the byte sums, the second one (if the log has both) on a row with count 0.
    """

    kind: Kind
    direction: Direction
    field: str
    relation: Relation | None = None
    certainty: str = "confirmed"
    counted: str | None = None
    measured: tuple[str] | tuple[str, str] | None = None


class Tally:
    """Partial sums that merge later; given out as batches when there are many.

    Args:
        file: Path of the log as reports name it.
    """

    def __init__(self, file: str) -> None:
        self._rows = Rows(file)
        # shape, value, own host, day (or None) → count, two sums, first seen, last seen, lines, detail, raw
        self._sums: dict[tuple[Shape, str, str, int | None], list[Any]] = {}

    def add(
        self,
        shape: Shape,
        value: str,
        own_host: str,
        line: int | None,
        seen: float | None,
        *,
        until: float | None = None,
        day: int | None = None,
        also: Sequence[int] = (),
        count: int = 1,
        first: int = 0,
        second: int = 0,
        detail: Mapping[str, Any] | None = None,
        raw: str | None = None,
    ) -> None:
        """Add one record (or one sum of records) to its row.

        Args:
            shape: What the row says.
            value: Normalised value.
            own_host: Our side; empty where the log does not tell which of ours it was.
            line: Where the record stands; None: the log is no text.
            seen: Seconds since 1970, UTC; within year 9999. None: the log does not say, and the row is no dated act.
            until: End of the record, if it has one.
            day: Days since 1970, where `seen` may lie on another one.
            also: Further lines, where this is a sum of records.
            count: Records behind this.
            first: Bytes for `shape.measured[0]`.
            second: Bytes for `shape.measured[1]`.
            detail: Small facts; the first record's are kept.
            raw: Value as printed; the first one is kept.
        """
        if day is None and seen is not None:
            day = int(seen) // SECONDS_A_DAY
        key = (shape, value, own_host, day)
        end = seen if until is None else until
        lines = [*also] if line is None else [line, *also]
        sums = self._sums.get(key)
        if sums is None:
            self._sums[key] = [count, first, second, seen, end, lines[:MAX_LINES], detail, raw]
            return
        sums[0] += count
        sums[1] += first
        sums[2] += second
        if seen is not None and end is not None:
            sums[3] = min(sums[3], seen)
            sums[4] = max(sums[4], end)
        if len(sums[5]) < MAX_LINES:
            sums[5] += lines[: MAX_LINES - len(sums[5])]

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there are too many keys to keep."""
        if len(self._sums) >= MAX_KEYS:
            yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all sums and start afresh."""
        sums, self._sums = self._sums, {}
        for (shape, value, own_host, day), row in sums.items():
            self._write(shape, value, own_host, None if day is None else _EPOCH_DAY + timedelta(days=day), row)
            yield from self._rows.full()
        yield from self._rows.rest()

    def _write(self, shape: Shape, value: str, own_host: str, day: date | None, row: list[Any]) -> None:
        count, first, second, seen, until, lines, detail, raw = row
        measured = shape.measured
        quantities: list[tuple[int, int | None, str | None, str | None]] = [(count, None, None, None)]
        if measured is not None:
            sums = zip((count, 0), (first, second), measured, strict=False)
            quantities = [(number, amount, "By", what) for number, amount, what in sums]
        elif shape.counted is not None:
            quantities = [(count, count, "1", shape.counted)]
        for number, amount, unit, what in quantities:
            self._rows.add(
                shape.kind,
                value,
                raw=raw,
                relation=shape.relation,
                direction=shape.direction,
                certainty=shape.certainty,
                field=shape.field,
                own_host=own_host or None,
                lines=lines,
                count=number,
                first_seen=None if seen is None else utc(seen),
                last_seen=None if until is None else utc(until),
                acted_on=day,
                amount=amount,
                unit_of_amount=unit,
                what=what,
                detail=detail,
            )


def utc(seconds: float) -> datetime:
    """Seconds since 1970 as a UTC time, to the microsecond."""
    return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
