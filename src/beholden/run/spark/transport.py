"""What crosses between the driver and the executors, as bytes: the watch, batches, and what a reader counted."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.interface import OwnWifi, SliceEnd, Watch
from beholden.schema.traffic import FLOW
from beholden.values.ranges import AddressRanges
from beholden.values.suffixes import WatchedNames

if TYPE_CHECKING:
    from beholden.run.readings import Reading
    from beholden.scan.source import Source

# One row of what executors give: `file`, `begin` (of the slice) and `sequence` put rows in order, `kind` says what the
# payload is.
ROW: pa.Schema = pa.schema(
    [
        pa.field("file", pa.int64(), nullable=False),
        pa.field("begin", pa.int64(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("payload", pa.binary(), nullable=False),
    ]
)
ROW_TYPE = "file bigint, begin bigint, sequence bigint, kind string, payload binary"
BATCH, END, ASIDE, SUMS, CRASH = "batch", "end", "aside", "sums", "crash"


class Row(NamedTuple):
    """One of ROW."""

    file: int
    begin: int
    sequence: int
    kind: str
    payload: bytes

    @property
    def batch(self) -> pa.RecordBatch:
        """Payloads are large, so that each row is a batch by itself."""
        columns = [pa.array([value], field.type) for value, field in zip(self, ROW, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=ROW)


def packed(batch: pa.RecordBatch | pa.Table) -> bytes:
    """A batch or table with its schema and the schema's metadata, as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write(batch)
    payload: bytes = sink.getvalue().to_pybytes()
    return payload


def unpacked(payload: bytes) -> pa.Table:
    """The table of `packed`."""
    return pa.ipc.open_stream(payload).read_all()


class _Wifi(msgspec.Struct):
    stations: str
    radios: str
    ssid: str | None
    bssids: list[str]


class _Watch(msgspec.Struct):
    addresses: bytes | None
    names: bytes | None
    own_networks: list[str]
    wifi: list[_Wifi]


def packed_watch(watch: Watch) -> bytes:
    """A watch as bytes; column mappings travel with the files."""
    addresses, names = watch.addresses, watch.names
    wifi = [_Wifi(one.stations, one.radios, one.ssid, sorted(one.bssids)) for one in watch.wifi]
    return msgspec.msgpack.encode(
        _Watch(
            addresses=None if addresses is None else packed(addresses.watch_ranges),
            names=None if names is None else packed(names.watch_suffixes),
            own_networks=[str(network) for network in watch.own_networks],
            wifi=wifi,
        )
    )


def unpacked_watch(payload: bytes) -> Watch:
    """The watch of `packed_watch`."""
    told = msgspec.msgpack.decode(payload, type=_Watch)
    names = None
    if told.names is not None:
        table = unpacked(told.names)
        names = WatchedNames(dict(zip(table["name"].to_pylist(), table["is_watched"].to_pylist(), strict=True)))
    return Watch(
        addresses=None if told.addresses is None else AddressRanges(unpacked(told.addresses)),
        names=names,
        own_networks=tuple(ipaddress.ip_network(text) for text in told.own_networks),
        wifi=tuple(OwnWifi(one.stations, one.radios, one.ssid, frozenset(one.bssids)) for one in told.wifi),
    )


def digest(payload: bytes) -> str:
    """By what executors know that they have prepared a watch already."""
    return hashlib.sha256(payload).hexdigest()


class Told(msgspec.Struct, kw_only=True):
    """What a reader said of a file or slice, for its coverage; names as in `Source`, `Reading` and `SliceEnd`."""

    begin: int
    records_read: int
    records_rejected: int
    reasons: dict[str, int]
    rejects: list[tuple[int | None, str, str | None]]
    notes: list[str]
    not_resolved: dict[str, int]
    has_failed: bool
    can_be_read_again: bool
    lines: int
    is_of_the_head: bool
    marks: dict[str, int]


def packed_told(reading: Reading, begin: int, end: SliceEnd) -> bytes:
    """What is to be said of a file, or of the slice that begins somewhere in it."""
    source = reading.source
    assert source is not None
    return msgspec.msgpack.encode(
        Told(
            begin=begin,
            records_read=source.records_read,
            records_rejected=source.records_rejected,
            reasons=source.reasons,
            rejects=source.rejects,
            notes=source.notes,
            not_resolved=source.not_resolved,
            has_failed=reading.has_failed,
            can_be_read_again=reading.can_be_read_again,
            lines=end.lines,
            is_of_the_head=end.is_of_the_head,
            marks=end.marks,
        )
    )


class Judged(msgspec.Struct, kw_only=True):
    """What judging said of the records of one log.

    Attributes:
        not_resolved: What it adds to the counts of the log.
        reasons: As in `beholden.scan.traffic.stage.Aside`.
        told_by_interface: So too.
    """

    not_resolved: dict[str, int]
    reasons: dict[str, int]
    told_by_interface: int


class Summed(msgspec.Struct, kw_only=True):
    """Sums of traffic.

    Attributes:
        files: What its numbers of logs mean: `Row.file` of each.
        ends: What its numbers of names of address fields mean.
        frames: The three of `beholden.scan.traffic.sums.Sums`, as Arrow IPC streams.
    """

    files: list[int]
    ends: list[tuple[str, str]]
    frames: list[bytes]


def moved(batch: pa.RecordBatch, lines: int) -> pa.RecordBatch:
    """FLOW of a slice, with lines counted from the beginning of the file; other batches as they are.

    Args:
        batch: Of a slice.
        lines: Those of the slices before.
    """
    if not lines or not batch.schema.equals(FLOW):
        return batch
    later = batch.set_column(0, FLOW.field(0), pc.add(batch.column(0), lines))
    return later.replace_schema_metadata(batch.schema.metadata)


def unpacked_told(payload: bytes) -> Told:
    """The inverse of `packed_told`."""
    return msgspec.msgpack.decode(payload, type=Told)


def count(source: Source, told: Told, lines_before: int = 0, *, is_whole: bool = True) -> None:
    """Add what was counted elsewhere to a file.

    Args:
        source: The file.
        told: What its reader counted.
        lines_before: Lines of the slices before.
        is_whole: Whether it is of the whole file.
    """
    source.accept(told.records_read)
    rejects = [
        (None if line is None else line + lines_before, reason, expected) for line, reason, expected in told.rejects
    ]
    # Codes of what ended the reading are reasons, too, and count no record.
    source.records_rejected += told.records_rejected
    source.reasons.update(told.reasons)
    source.reject_all({}, rejects)
    # Of parts that say the same, it is said once; a whole file may say a thing twice.
    source.notes += [text for text in told.notes if is_whole or text not in source.notes]
    source.not_resolved.update(told.not_resolved)
