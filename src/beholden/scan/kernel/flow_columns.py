"""Columns of one-way flow records → FLOW records of watched addresses, counts of the rest, and what is wrong.

What a record comes to is what `vpc_rows` makes of the same record as text. All steps work on whole columns; values are
looked at one by one only where a writer stored numbers as text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.kernel.columns import is_text
from beholden.scan.kernel.vpc import ENDS, Part
from beholden.scan.network.cells import LATEST, parse_seconds
from beholden.scan.network.sides import GROUP, OURS, WATCHED
from beholden.scan.network.vpc_layout import NULL
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from beholden.scan.kernel.addresses import ColumnJudge

    Flags = NDArray[np.bool_]
    Longs = NDArray[np.int64]

_LAST_PORT = 65_535
# What 18 digits hold, as text may have; the last second of year 9999.
_LARGEST = 10**18 - 1
_LATEST_US = int(LATEST) * 1_000_000
_ICMP = (1, 58)
_KEPT_REJECTS = 5
_MAX_PROTOCOL = 2**31 - 1
_MAX_WORDS = 1_000
_V4_MAPPED = 0xFFFF
MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


class Records(NamedTuple):
    """Columns of the same records, in one order; None where a log has no such column.

    Attributes:
        source: Sender as the interface printed it, text; null or `-`: none.
        target: Receiver, so too.
        start: Whole numbers in `unit`, text of such, ISO 8601 text, or timestamps.
        end: So too.
        size: Bytes.
        packets: Packets.
        source_port: Ports.
        target_port: Ports.
        protocol: IANA numbers.
        status: OK, NODATA, SKIPDATA, null or `-`.
        action: ACCEPT, REJECT, null or `-`.
        flags: TCP flags.
        direction: egress or ingress, seen from the interface; anything else says nothing.
        packet_source: The packet's own sender, where it differs from what the interface printed.
        packet_target: The packet's own receiver.
        interface: Text or number.
        account: Text or number.
        unit: Of `start` and `end` where they are numbers: `s`, `ms` or `us`.
    """

    source: pa.Array
    target: pa.Array
    start: pa.Array
    end: pa.Array
    size: pa.Array
    packets: pa.Array | None = None
    source_port: pa.Array | None = None
    target_port: pa.Array | None = None
    protocol: pa.Array | None = None
    status: pa.Array | None = None
    action: pa.Array | None = None
    flags: pa.Array | None = None
    direction: pa.Array | None = None
    packet_source: pa.Array | None = None
    packet_target: pa.Array | None = None
    interface: pa.Array | None = None
    account: pa.Array | None = None
    unit: str = "s"


def read(records: Records, judge: ColumnJudge, ends: tuple[str, str] = ENDS) -> Part:
    """Read records; lines are counted from 1.

    Args:
        records: Columns as a file has them.
        judge: Says whose an address is.
        ends: Names of the address fields, for evidence.

    Raises:
        TypeError: A column has a type that such a column never has.
        ValueError: A column points outside its own bytes.
    """
    return _Reading(records, judge, ends).part()


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
        status = _coded(records.status, self._rows)
        for word in ("NODATA", "SKIPDATA"):
            self._set_aside(status.is_any(word), word.lower())
        self._reject(~status.is_any("OK", NULL, None), "unknown log-status")
        at_interface = records.source, records.target
        ends = [_End(*pair) for pair in zip(at_interface, (records.packet_source, records.packet_target), strict=True)]
        self._set_aside(ends[0].is_null | ends[1].is_null, "null_address")
        sides = [end.bits(self._judge) for end in ends]
        self._reject((sides[0] == 0) | (sides[1] == 0), "not an address")
        numbers = self._numbers()
        action = _coded(records.action, self._rows)
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
            ("protocol", _LARGEST, -1),
            ("packets", _LARGEST, 0),
            ("size", _LARGEST, None),
            ("flags", _LARGEST, 0),
        ):
            column = getattr(records, name)
            if (plain := _plain_numbers(column, largest)) is not None:
                found[name] = plain
                continue
            values, is_null, is_bad = _whole_numbers(column, self._rows)
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
            found[name], is_bad = _moments(getattr(records, name), self._rows, records.unit)
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
        halves = [self._judge.halves(_plain(side).take(taken)) for side in (self._records.source, self._records.target)]
        is_pair = halves[0][2] & halves[1][2]
        frame = pl.DataFrame(
            {
                "interface": _texts(self._records.interface, rows).to_pylist(),
                **{
                    f"{end}_{part}": half[at]
                    for end, half in zip("st", halves, strict=True)
                    for at, part in enumerate("hl")
                },
            },
            schema_overrides={"interface": pl.String},
        ).filter(pl.Series(is_pair))
        is_v6 = ~((pl.col("s_h") == 0) & (pl.col("s_l") // 2**32 == _V4_MAPPED))
        frame = frame.with_columns(is_v6=is_v6)
        rows_of: list[Mapping[str, object]] = []
        for keys in (["interface", "is_v6"], []):
            rows_of.extend(_in_common(frame, keys))
        return pa.RecordBatch.from_pylist(rows_of, schema=INTERFACE)

    def _flows(
        self,
        kept: Longs,
        ends: list[_End],
        sides: list[NDArray[np.uint8]],
        numbers: dict[str, Longs],
        action: _Coded,
        is_between: Flags,
    ) -> pa.RecordBatch:
        records = self._records
        halves = [end.halves(self._judge, kept) for end in ends]
        bits = [side[kept] for side in sides]
        direction = _coded(records.direction, self._rows)
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
            _texts(records.interface, kept),
            _texts(records.account, kept),
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
        pair = [self._judge.halves(_plain(side).take(rows)) for side in (self._records.source, self._records.target)]
        packed = np.empty((len(kept), 4), ">u8")
        for at, half in enumerate((pair[0][0], pair[0][1], pair[1][0], pair[1][1])):
            packed[:, at] = half
        whole = pa.Array.from_buffers(pa.binary(32), len(kept), [None, pa.py_buffer(packed.tobytes())])
        is_there = pa.array(is_asked & pair[0][2] & pair[1][2])
        return pc.if_else(is_there, whole.cast(pa.binary()), pa.scalar(None, pa.binary()))


class _End:
    """One end of every record: the packet's own address, or what the interface printed where there is none."""

    def __init__(self, printed: pa.Array, packet: pa.Array | None) -> None:
        self._printed = _plain(printed)
        self._packet = None if packet is None else _plain(packet)
        self._has_packet = None if self._packet is None else ~_is_null(self._packet)
        is_null = _is_null(self._printed)
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
        differs = pc.not_equal(_as_binary(printed), _as_binary(packet)).fill_null(True)
        flags: Flags = self._has_packet[rows] & differs.to_numpy(zero_copy_only=False)
        return flags


class _Coded:
    """A column of few words, as numbers."""

    def __init__(self, codes: NDArray[np.int64], words: list[str | None]) -> None:
        self._codes = codes
        self._words = words

    def is_any(self, *words: str | None) -> Flags:
        """Where one of the words stands; None: where nothing does."""
        told = [word in words for word in self._words]
        if len(set(told)) == 1:
            # Most logs say the same of all records.
            return np.full(len(self._codes), told[0], np.bool_)
        flags: Flags = np.array(told, np.bool_)[self._codes]
        return flags


def _coded(column: pa.Array | None, rows: int) -> _Coded:
    """A column as codes; every code is used where a dictionary says so, and words may stand in it twice."""
    if column is None:
        return _Coded(np.zeros(rows, np.int64), [None])
    kind = column.type
    if not (pa.types.is_dictionary(kind) and len(column.dictionary) <= _MAX_WORDS):
        column = _as_binary(_plain(column)).dictionary_encode()
    words = [None if word is None else _word(word) for word in _as_binary(column.dictionary).to_pylist()]
    codes = column.indices
    if codes.null_count:
        # One more than there are may be more than their type holds.
        codes = codes.cast(pa.int64()).fill_null(len(words))
        words.append(None)
    return _Coded(codes.to_numpy(zero_copy_only=False), words)


def _word(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _plain(column: pa.Array) -> pa.Array:
    """Text as such.

    Raises:
        TypeError: It is none.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if not is_text(column.type):
        raise TypeError(f"text is needed, this is {column.type}")
    # Rows of views cannot be taken.
    return _as_binary(column).view(pa.string()) if pa.types.is_string_view(column.type) else column


def _as_binary(column: pa.Array) -> pa.Array:
    """Text as bytes, which need not be UTF-8."""
    kind = column.type
    if pa.types.is_string(kind):
        return column.cast(pa.binary())
    return column.cast(pa.binary_view() if pa.types.is_string_view(kind) else pa.large_binary()).cast(pa.binary())


def _is_null(column: pa.Array) -> Flags:
    flags: Flags = pc.equal(_as_binary(column), NULL.encode()).fill_null(True).to_numpy(zero_copy_only=False)
    return flags


def _texts(column: pa.Array | None, rows: Longs) -> pa.Array:
    """Text of some rows, well-formed; null where there is none."""
    if column is None:
        return pa.nulls(len(rows), pa.string())
    taken = (_plain(column) if pa.types.is_string_view(column.type) else column).take(pa.array(rows))
    if pa.types.is_integer(taken.type):
        return taken.cast(pa.string())
    raw = _as_binary(_plain(taken))
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        codes = raw.dictionary_encode()
        text = pa.array([_word(word) for word in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)
    is_told = pc.invert(pc.is_in(text, pa.array(["", NULL])))
    return pc.if_else(is_told, text, pa.scalar(None, pa.string()))


def _plain_numbers(column: pa.Array | None, largest: int) -> Longs | None:
    """Values as they are, where all of them are there and in range; None where somebody has to look closer."""
    if column is None or not len(column) or column.null_count or not pa.types.is_integer(column.type):
        return None
    values: Longs = column.to_numpy(zero_copy_only=False)
    return values if values.min() >= 0 and values.max() <= largest else None


def _whole_numbers(column: pa.Array | None, rows: int) -> tuple[Longs, Flags, Flags]:
    """Values, which of them are null, and which are no whole number of 0 or more."""
    nothing = np.zeros(rows, np.bool_)
    if column is None or pa.types.is_null(column.type):
        return np.zeros(rows, np.int64), np.ones(rows, np.bool_), nothing
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    is_null: Flags = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else nothing
    if pa.types.is_integer(kind):
        bad = nothing
        if pa.types.is_uint64(kind):
            bad = pc.greater(column, 2**63 - 1).fill_null(False).to_numpy(zero_copy_only=False)
        values = column.fill_null(0).cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
    elif pa.types.is_floating(kind):
        # How writers store whole numbers beside missing ones.
        plain = column.fill_null(0).cast(pa.float64()).to_numpy(zero_copy_only=False)
        is_null = is_null | np.isnan(plain)
        plain = np.where(is_null, 0, plain)
        bad = (plain != np.floor(plain)) | (np.abs(plain) >= float(_LARGEST))
        values = np.where(bad, 0, plain).astype(np.int64)
    elif pa.types.is_decimal(kind):
        texts = column.cast(pa.string())
        values, _, bad = _from_texts(texts, _digits)
    else:
        values, is_dash, bad = _from_texts(_plain(column), _digits)
        is_null = is_null | is_dash
    return values, is_null, (bad | (values < 0)) & ~is_null


def _moments(column: pa.Array, rows: int, unit: str) -> tuple[Longs, Flags]:
    """Microseconds since 1970, and where there are none."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        is_null = column.is_null().to_numpy(zero_copy_only=False)
        bare = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        if column.type.unit == "ns":
            values = bare // 1_000
        else:
            factor = MICROSECONDS[column.type.unit]
            is_null = is_null | (np.abs(bare) > _LATEST_US // factor)
            values = np.where(is_null, 0, bare) * factor
        return values, is_null | (values < 0) | (values > _LATEST_US)
    if is_text(column.type) and unit != "s":
        values, is_null, bad = _from_texts(column, lambda text: _microseconds(text, MICROSECONDS[unit]))
        return values, bad | is_null
    factor = MICROSECONDS[unit]
    if (plain := _plain_numbers(column, _LATEST_US // factor)) is not None:
        return plain.astype(np.int64) * factor, np.zeros(rows, np.bool_)
    values, is_null, bad = _whole_numbers(column, rows)
    bad = bad | is_null | (values > _LATEST_US // factor)
    return np.where(bad, 0, values) * factor, bad


def _microseconds(text: str, factor: int) -> int | None:
    """A number in the unit of the file, or ISO 8601."""
    number = _digits(text)
    if number is not None:
        return number * factor
    seconds = parse_seconds(text)
    return None if seconds is None else round(seconds * 1_000_000)


def _digits(text: str) -> int | None:
    return int(text) if text.isdigit() and text.isascii() and len(text) <= len(str(_LARGEST)) else None


def _from_texts(column: pa.Array, value_of: object) -> tuple[Longs, Flags, Flags]:
    """Values of text, each distinct one read once; which are `-` or null, and which cannot be read."""
    assert callable(value_of)
    codes = _as_binary(column).dictionary_encode()
    texts = [_word(raw) for raw in codes.dictionary.to_pylist()]
    found = [None if text == NULL else value_of(text) for text in texts]
    at = codes.indices.cast(pa.int64()).fill_null(len(found)).to_numpy(zero_copy_only=False)
    values = np.array([*(value or 0 for value in found), 0], np.int64)[at]
    dash = np.array([*(text == NULL for text in texts), True], np.bool_)[at]
    bad = np.array(
        [*(value is None and text != NULL for value, text in zip(found, texts, strict=True)), False], np.bool_
    )
    return values, dash, bad[at]


def _in_common(frame: pl.DataFrame, keys: list[str]) -> Iterable[Mapping[str, object]]:
    """The addresses that all records of a group have on one of their sides."""
    if not frame.height:
        return
    first = [pl.col(name).first() for name in ("s_h", "s_l", "t_h", "t_l")]
    stays = []
    for end in "st":
        high, low = pl.col(f"{end}_h").first(), pl.col(f"{end}_l").first()
        sides = [(pl.col(f"{other}_h") == high) & (pl.col(f"{other}_l") == low) for other in "st"]
        stays.append((sides[0] | sides[1]).all().alias(f"{end}_stays"))
    found = frame.group_by(keys, maintain_order=True).agg(*first, *stays) if keys else frame.select(*first, *stays)
    for row in found.iter_rows(named=True):
        shared = {row[f"{end}_h"].to_bytes(8) + row[f"{end}_l"].to_bytes(8) for end in "st" if row[f"{end}_stays"]}
        yield {"interface": row.get("interface"), "is_v6": row.get("is_v6"), "candidates": sorted(shared)}
