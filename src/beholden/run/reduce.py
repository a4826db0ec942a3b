"""Partial observations → distinct ones: the same thing seen often becomes one row with sums and a sample of places."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from beholden.schema.match import QUERY
from beholden.schema.observation import GROUP_BY, MAX_LINES, OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

# What is merged per group, in this order; everything else is the group itself.
_MERGED = ("raw", "lines", "count", "first_seen", "last_seen", "amount", "detail")
_RAW, _LINES, _COUNT, _FIRST, _LAST, _AMOUNT, _DETAIL = range(len(_MERGED))


class Reducer:
    """Merges batches as they come; holds one small list per distinct observation."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Any, ...], list[Any]] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Merge one OBSERVATION batch."""
        keys = zip(*(batch.column(name).to_pylist() for name in GROUP_BY), strict=True)
        values = zip(*(batch.column(name).to_pylist() for name in _MERGED), strict=True)
        for key, row in zip(keys, values, strict=True):
            known = self._groups.get(key)
            if known is None:
                self._groups[key] = list(row)
            else:
                _merge(known, row)

    def table(self) -> pa.Table:
        """OBSERVATION, sorted by its grouping columns."""
        ordered = sorted(self._groups, key=lambda key: tuple("" if part is None else str(part) for part in key))
        places = {name: position for position, name in enumerate(GROUP_BY)}
        merged = {name: position for position, name in enumerate(_MERGED)}
        arrays = []
        for field in OBSERVATION:
            if field.name in places:
                take = itemgetter(places[field.name])
                arrays.append(pa.array((take(key) for key in ordered), type=field.type))
            else:
                take = itemgetter(merged[field.name])
                arrays.append(pa.array((take(self._groups[key]) for key in ordered), type=field.type))
        return pa.Table.from_arrays(arrays, schema=OBSERVATION)


def _merge(known: list[Any], row: tuple[Any, ...]) -> None:
    known[_COUNT] += row[_COUNT]
    if len(known[_LINES] or ()) < MAX_LINES or (row[_LINES] and row[_LINES][0] < known[_LINES][-1]):
        known[_LINES] = sorted({*(known[_LINES] or ()), *(row[_LINES] or ())})[:MAX_LINES]
    if row[_AMOUNT] is not None:
        known[_AMOUNT] = row[_AMOUNT] if known[_AMOUNT] is None else known[_AMOUNT] + row[_AMOUNT]
    # Of texts one sample is kept: the smallest, so that the order of files does not matter.
    for position in (_FIRST, _RAW, _DETAIL):
        known[position] = _chosen(known[position], row[position], min)
    known[_LAST] = _chosen(known[_LAST], row[_LAST], max)


def _chosen(left: Any, right: Any, choose: Any) -> Any:  # noqa: ANN401 (times and texts alike)
    if left is None or right is None:
        return right if left is None else left
    return choose(left, right)


def queries(observations: pa.Table) -> pa.RecordBatch:
    """Distinct (kind, value, relation) with the days between which they were seen: QUERY, sorted by these."""
    names = ("kind", "value", "relation", "raw", "first_seen", "last_seen", "acted_on")
    asked: dict[tuple[str, str, str | None], list[Any]] = {}
    columns = (observations.column(name).to_pylist() for name in names)
    for kind, value, relation, raw, first, last, day in zip(*columns, strict=True):
        days = [seen.date() for seen in (first, last) if seen is not None]
        if day is not None:
            days.append(day)
        known = asked.setdefault((kind, value, relation), [raw, None, None])
        _widen(known, days)
    ordered = sorted(asked.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or ""))
    rows = [(*key, *known) for key, known in ordered]
    filled = list(zip(*rows, strict=True)) or [()] * len(QUERY)
    return pa.RecordBatch.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(filled, QUERY, strict=True)], schema=QUERY
    )


def _widen(known: list[Any], days: list[date]) -> None:
    for day in days:
        known[1] = day if known[1] is None or day < known[1] else known[1]
        known[2] = day if known[2] is None or day > known[2] else known[2]


def matched(observations: pa.Table, matches: Iterable[pa.RecordBatch]) -> pa.Table:
    """The observations whose value has somebody behind it; most have nobody, and only these are joined."""
    values = pa.chunked_array([batch.column("value") for batch in matches], type=pa.string())
    return observations.filter(pc.is_in(observations.column("value"), value_set=values.unique()))
