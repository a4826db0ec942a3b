"""The reference of `flow_columns`.

All steps work on whole columns; values are looked at one by one only where a writer stored numbers as text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.kernel.addresses import ColumnJudge
from beholden.scan.kernel.flow_values import (
    LARGEST,
    Coded,
    as_bare,
    coded,
    is_nothing,
    moments,
    plain_numbers,
    plain_text,
    texts_of,
    whole_numbers,
)
from beholden.scan.kernel.vpc import Part
from beholden.scan.network.sides import GROUP, OURS, WATCHED
from beholden.scan.network.vpc_layout import NULL
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from beholden.scan.kernel.flow_columns import Records
    from beholden.scan.kernel.judge import AddressJudge

    Flags = NDArray[np.bool_]
    Longs = NDArray[np.int64]

_LAST_PORT = 65_535
_ICMP = (1, 58)
_KEPT_REJECTS = 5
_MAX_PROTOCOL = 2**31 - 1
_V4_MAPPED = 0xFFFF


def read(records: Records, judge: AddressJudge, ends: tuple[str, str]) -> Part:
    """See `flow_columns.read`."""
    return _Reading(records, ColumnJudge(judge), ends).part()


class _Reading:
    def __init__(self, records: Records, judge: ColumnJudge, ends: tuple[str, str]) -> None:
        self._records = records
        self._judge = judge
        self._ends = ends
        self._rows = len(records.source)
        self._left = np.ones(self._rows, np.bool_)
        self._counts: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()
        self._rejects: list[tuple[int, str]] = []

    def part(self) -> Part:
        records = self._records
        status = coded(records.status, self._rows)
        for word in ("NODATA", "SKIPDATA"):
            self._set_aside(status.is_any(word), word.lower())
        self._reject(~status.is_any("OK", NULL, None), "unknown log-status")
        at_interface = records.source, records.target
        ends = [_End(*pair) for pair in zip(at_interface, (records.packet_source, records.packet_target), strict=True)]
        self._set_aside(ends[0].is_null | ends[1].is_null, "null_address")
        sides = [end.bits(self._judge) for end in ends]
        self._reject((sides[0] == 0) | (sides[1] == 0), "not an address")
        numbers = self._numbers()
        action = coded(records.action, self._rows)
        self._reject(~action.is_any("ACCEPT", "REJECT", NULL, None), "unknown action")
        source_ours, target_ours = (side & OURS != 0 for side in sides)
        either = sides[0] | sides[1]
        self._set_aside(either & GROUP != 0, "multicast_or_broadcast")
        self._set_aside(source_ours & target_ours, "local_to_local")
        interfaces = self._learn(self._left & ~source_ours & ~target_ours)
        remote = np.where(source_ours, sides[1], np.where(target_ours, sides[0], either))
        self._set_aside(remote & WATCHED == 0, "ip")
        protocol = numbers["protocol"]
        self._set_aside((protocol == _ICMP[0]) | (protocol == _ICMP[1]), "icmp")
        kept = np.flatnonzero(self._left)
        is_between = ends[0].is_other(kept) | ends[1].is_other(kept)
        return Part(
            flows=self._flows(kept, ends, sides, numbers, action, is_between),
            interfaces=interfaces,
            counts=self._counts,
            wrong=self._wrong,
            rejects=sorted(self._rejects)[:_KEPT_REJECTS],
            lines=self._rows,
            accepted=self._rows - sum(self._wrong.values()),
            between=int(is_between.sum()),
        )

    def _set_aside(self, where: Flags, reason: str) -> None:
        if count := self._take(where):
            self._counts[reason] += count

    def _reject(self, where: Flags, reason: str) -> None:
        first = [int(row) + 1 for row in np.flatnonzero(self._left & where)[:_KEPT_REJECTS]]
        self._rejects += [(line, reason) for line in first]
        if count := self._take(where):
            self._wrong[reason] += count

    def _take(self, where: Flags) -> int:
        """Decide the records that are left and meet a condition."""
        count = int(np.count_nonzero(self._left & where))
        if count:
            self._left &= ~where
        return count

    def _numbers(self) -> dict[str, Longs]:
        """The numbers of all records by column; those of rejected ones mean nothing."""
        records = self._records
        found: dict[str, Longs] = {}
        wrong = np.zeros(self._rows, np.bool_)
        for name, largest, null in (
            ("source_port", _LAST_PORT, -1),
            ("target_port", _LAST_PORT, -1),
            ("protocol", LARGEST, -1),
            ("packets", LARGEST, 0),
            ("size", LARGEST, None),
            ("flags", LARGEST, 0),
        ):
            column = getattr(records, name)
            if (plain := plain_numbers(column, largest)) is not None:
                found[name] = plain
                continue
            values, is_null, is_bad = whole_numbers(column, self._rows)
            if null is None:
                is_bad |= is_null
            else:
                values = np.where(is_null, null, values)
            found[name] = values
            # Flags are a sign beside others: what cannot be read of them is nothing.
            if name == "flags":
                found[name] = np.where(is_bad, 0, values)
            else:
                wrong |= is_bad | (values > largest)
        for name in ("start", "end"):
            found[name], is_bad = moments(getattr(records, name), self._rows, records.unit)
            wrong |= is_bad
        wrong |= (found["start"] > found["end"]) & ~wrong
        self._reject(wrong, "not a number, or out of range")
        return found

    def _learn(self, where: Flags) -> pa.RecordBatch:
        """What records without a side of ours have in common, by interface; INTERFACE."""
        rows = np.flatnonzero(where)
        if not len(rows):
            return pa.RecordBatch.from_pylist([], schema=INTERFACE)
        taken = pa.array(rows)
        halves = [
            self._judge.halves(plain_text(side).take(taken)) for side in (self._records.source, self._records.target)
        ]
        is_pair = halves[0][2] & halves[1][2]
        from beholden.scan.kernel.flow_interfaces import learned  # Polars, which only such records need

        return learned(texts_of(self._records.interface, rows).to_pylist(), halves, is_pair)

    def _flows(
        self,
        kept: Longs,
        ends: list[_End],
        sides: list[NDArray[np.uint8]],
        numbers: dict[str, Longs],
        action: Coded,
        is_between: Flags,
    ) -> pa.RecordBatch:
        records = self._records
        halves = [end.halves(self._judge, kept) for end in ends]
        bits = [side[kept] for side in sides]
        direction = coded(records.direction, self._rows)
        outwards = np.where(direction.is_any("egress"), 1, np.where(direction.is_any("ingress"), 0, -1))[kept]
        is_accepted = ~action.is_any("REJECT")[kept]
        columns: list[pa.Array | NDArray[np.generic]] = [
            kept + 1,
            *halves[0],
            *halves[1],
            *bits,
            numbers["source_port"][kept],
            numbers["target_port"][kept],
            np.minimum(numbers["protocol"][kept], _MAX_PROTOCOL),
            numbers["packets"][kept],
            numbers["size"][kept],
            numbers["start"][kept],
            numbers["end"][kept],
            pa.array(is_accepted) if records.action is not None else pa.nulls(len(kept), pa.bool_()),
            (numbers["flags"][kept] & 0xFF).astype(np.uint8),
            outwards.astype(np.int8),
            is_between,
            texts_of(records.interface, kept),
            texts_of(records.account, kept),
            self._at_interface(kept, (bits[0] | bits[1]) & OURS == 0),
        ]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, FLOW, strict=True)]
        metadata = {"source": self._ends[0], "target": self._ends[1]}
        return pa.RecordBatch.from_arrays(arrays, schema=FLOW.with_metadata(metadata))

    def _at_interface(self, kept: Longs, is_asked: Flags) -> pa.Array:
        """Both addresses as the interface printed them, where no side is ours."""
        if not is_asked.any():
            return pa.nulls(len(kept), pa.binary())
        rows = pa.array(kept)
        pair = [
            self._judge.halves(plain_text(side).take(rows)) for side in (self._records.source, self._records.target)
        ]
        packed = np.empty((len(kept), 4), ">u8")
        for at, half in enumerate((pair[0][0], pair[0][1], pair[1][0], pair[1][1])):
            packed[:, at] = half
        whole = pa.Array.from_buffers(pa.binary(32), len(kept), [None, pa.py_buffer(packed.tobytes())])
        is_there = pa.array(is_asked & pair[0][2] & pair[1][2])
        return pc.if_else(is_there, whole.cast(pa.binary()), pa.scalar(None, pa.binary()))


class _End:
    """One end of every record: the packet's own address, or what the interface printed where there is none."""

    def __init__(self, printed: pa.Array, packet: pa.Array | None) -> None:
        self._printed = plain_text(printed)
        self._packet = None if packet is None else plain_text(packet)
        self._has_packet = None if self._packet is None else ~is_nothing(self._packet)
        is_null = is_nothing(self._printed)
        self.is_null = is_null if self._has_packet is None else is_null & ~self._has_packet

    def bits(self, judge: ColumnJudge) -> NDArray[np.uint8]:
        bits = judge.bits(self._printed)
        if self._packet is None:
            return bits
        assert self._has_packet is not None
        return np.where(self._has_packet, judge.bits(self._packet), bits)

    def halves(self, judge: ColumnJudge, rows: Longs) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        high, low, _ = judge.halves(self._printed.take(pa.array(rows)))
        if self._packet is None or self._has_packet is None:
            return high, low
        own_high, own_low, _ = judge.halves(self._packet.take(pa.array(rows)))
        mine = self._has_packet[rows]
        return np.where(mine, own_high, high), np.where(mine, own_low, low)

    def is_other(self, rows: Longs) -> Flags:
        """Whether the packet's own address is not the one that the interface printed."""
        if self._packet is None or self._has_packet is None:
            return np.zeros(len(rows), np.bool_)
        printed, packet = (column.take(pa.array(rows)) for column in (self._printed, self._packet))
        differs = pc.not_equal(as_bare(printed), as_bare(packet)).fill_null(True)
        flags: Flags = self._has_packet[rows] & differs.to_numpy(zero_copy_only=False)
        return flags
