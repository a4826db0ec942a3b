"""OCSF network activity in Parquet, as Amazon Security Lake keeps it.

What Amazon made of VPC flow logs is read column by column; events of other products are read one by one.

Source: Amazon Security Lake user guide, "Source management" (OCSF classes, Parquet), and what `ocsf_events` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.interface import Acceptance, Watch
from beholden.scan.kernel.flow_columns import Records, read
from beholden.scan.kernel.judge import judge_of
from beholden.scan.kernel.vpc import REJECTS
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.ocsf_events import (
    BETWEEN,
    BLOCKED,
    DENIED,
    ENDS,
    INBOUND,
    NETWORK_ACTIVITY,
    OUTBOUND,
    REFUSE,
    VPC,
    OcsfEvents,
)
from beholden.scan.parquet import ParquetTable
from beholden.schema.traffic import FLOW
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from beholden.scan.interface import InputHead
    from beholden.scan.kernel.vpc import Part
    from beholden.scan.parquet import ColumnTable
    from beholden.scan.source import Source

_REQUIRED = ("class_uid", "src_endpoint.ip", "dst_endpoint.ip")
# What is read of an event, where a version has it.
_LEAVES = (
    *_REQUIRED,
    "activity_id",
    "activity_name",
    "action_id",
    "disposition_id",
    "status_code",
    "is_src_dst_assignment_known",
    "time",
    "time_dt",
    "start_time",
    "start_time_dt",
    "end_time",
    "end_time_dt",
    "duration",
    "metadata.product.name",
    "cloud.account.uid",
    "cloud.account_uid",
    *(f"{side}_endpoint.{name}" for side in ("src", "dst") for name in ("port", "interface_uid", "intermediate_ips")),
    *(f"connection_info.{name}" for name in ("protocol_num", "protocol_name", "tcp_flags", "direction_id")),
    *(
        f"traffic.{name}"
        for name in ("bytes", "bytes_in", "bytes_out", "bytes_missed", "packets", "packets_in", "packets_out")
    ),
)
_LIST = ".list."


class OcsfParquet:
    """Reads OCSF network activity in Parquet."""

    name = "ocsf-network-parquet"
    title = "OCSF network activity (Parquet, Amazon Security Lake)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the names of the columns."""
        fields = set(head.fields)
        if not {"class_uid", "metadata.product.name"} <= fields:
            return Acceptance.no("no Parquet file with the columns of OCSF")
        missing = [name for name in _REQUIRED if name not in fields]
        if missing:
            return Acceptance.no(f"OCSF columns without {', '.join(missing)}: no network activity", near=True)
        return Acceptance.yes("OCSF network activity columns (Parquet)", 95)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW and CONTACT records of addresses that are watched.

        Raises:
            ScanError: The file is not readable as Parquet, or a column has a type that it never has.
        """
        reading = _Reading(source, watch, lambda: ParquetTable(source))
        return with_rest(reading.gathered(), reading.events, reading.events.tell)

    def columns_read(self, leaves: Sequence[str]) -> list[str]:
        """The fields of an event."""
        return [leaf for leaf in leaves if leaf.partition(_LIST)[0] in _LEAVES]

    def scan_table(
        self, source: Source, watch: Watch, table: ColumnTable, marks: Counter[str]
    ) -> Iterator[pa.RecordBatch]:
        """Give FLOW and CONTACT records of a part of a table."""
        reading = _Reading(source, watch, lambda: table)
        return with_rest(reading.gathered(), reading.events, lambda: marks.update(reading.events.marks))

    def tell(self, source: Source, marks: Mapping[str, int]) -> None:
        """Say what such events cannot say."""
        events = OcsfEvents(source, Watch())
        events.take(marks)
        events.tell()


class _Reading:
    def __init__(self, source: Source, watch: Watch, opened: Callable[[], ColumnTable]) -> None:
        self._source = source
        self._open = opened
        self._judge = judge_of(watch)
        self.events = OcsfEvents(source, watch)
        self._rows = 0

    def gathered(self) -> Iterator[pa.RecordBatch]:
        table = self._open()
        leaves = OcsfParquet().columns_read(table.leaves)
        missing = [name for name in _REQUIRED if name not in leaves]
        if missing:
            raise self._source.error(f"the columns lack {', '.join(missing)}")
        for batch in table.batches(leaves):
            try:
                yield from self._batch(batch)
            except (TypeError, ValueError, OverflowError, pa.ArrowException) as error:
                raise self._source.error(f"a column is not as in OCSF: {error}", line=self._rows + 1) from error
            self._rows += batch.num_rows

    def _batch(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        if _is_all(_leaf(batch, "metadata.product.name"), VPC) and _is_all(_leaf(batch, "class_uid"), NETWORK_ACTIVITY):
            self.events.note_vpc(batch.num_rows)
            yield from self._batches_of(read(_records(batch), self._judge, ENDS))
            return
        for at, event in enumerate(_events(batch), 1):
            self.events.add(self._rows + at, event)
            yield from self.events.full()

    def _batches_of(self, part: Part) -> Iterator[pa.RecordBatch]:
        source = self._source
        source.accept(part.accepted)
        source.not_resolved.update(part.counts)
        source.reject_all(part.wrong, [(self._rows + line, reason, REJECTS[reason]) for line, reason in part.rejects])
        self.events.counts[BETWEEN] += part.between
        if len(part.flows):
            line = pc.add(part.flows.column(0), self._rows)
            yield part.flows.set_column(0, FLOW.field(0), line).replace_schema_metadata(part.flows.schema.metadata)
        if len(part.interfaces):
            yield part.interfaces


def _events(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    """Rows as the JSON of the same events would have them."""
    for row in batch.to_pylist():
        for name, value in row.items():
            if hasattr(value, "isoformat"):
                row[name] = value.isoformat()
        yield row


def _records(batch: pa.RecordBatch) -> Records:
    columns = {name: _leaf(batch, name) for name in _LEAVES}
    ends: list[pa.Array] = []
    packets: list[pa.Array | None] = []
    for side in ("src", "dst"):
        own = columns[f"{side}_endpoint.ip"]
        on_the_way = columns[f"{side}_endpoint.intermediate_ips"]
        first = None if on_the_way is None else _firsts(on_the_way)
        assert own is not None
        if first is None:
            ends.append(own)
            packets.append(None)
        else:
            is_there = first.is_valid()
            ends.append(pc.if_else(is_there, first, own))
            packets.append(pc.if_else(is_there, own, pa.scalar(None, own.type)))
    denied = np.zeros(batch.num_rows, np.bool_)
    for name, value in (("activity_id", REFUSE), ("action_id", DENIED), ("disposition_id", BLOCKED)):
        denied |= _is(columns[name], value, batch.num_rows)
    direction = columns["connection_info.direction_id"]
    outbound, inbound = (_is(direction, value, batch.num_rows) for value in (OUTBOUND, INBOUND))
    interfaces = [columns[f"{side}_endpoint.interface_uid"] for side in ("src", "dst")]
    start = _told(columns, "start_time", "start_time_dt", "time", "time_dt")
    return Records(
        source=ends[0],
        target=ends[1],
        start=start,
        end=_told(columns, "end_time", "end_time_dt", "time", "time_dt"),
        size=columns["traffic.bytes"],
        packets=columns["traffic.packets"],
        source_port=columns["src_endpoint.port"],
        target_port=columns["dst_endpoint.port"],
        protocol=columns["connection_info.protocol_num"],
        status=columns["status_code"],
        action=pa.array(np.where(denied, "REJECT", "ACCEPT")),
        flags=columns["connection_info.tcp_flags"],
        direction=pa.array(np.where(outbound, "egress", np.where(inbound, "ingress", "-"))),
        packet_source=packets[0],
        packet_target=packets[1],
        interface=_coalesced([_dashless(column) for column in interfaces]),
        account=_coalesced([columns["cloud.account.uid"], columns["cloud.account_uid"]]),
        unit="ms",
    )


def _leaf(batch: pa.RecordBatch, path: str) -> pa.Array | None:
    """A column inside structs; None where the file has none."""
    name, *rest = path.split(".")
    if name not in batch.schema.names:
        return None
    column = batch.column(name)
    for inner in rest:
        if not pa.types.is_struct(column.type) or column.type.get_field_index(inner) < 0:
            return None
        column = pc.struct_field(column, inner)
    return column


def _told(columns: dict[str, pa.Array | None], *names: str) -> pa.Array:
    """The first of some columns that holds anything."""
    for name in names:
        column = columns[name]
        if column is not None and column.null_count < len(column):
            return column
    raise ValueError(f"no {names[0]}")


def _firsts(column: pa.Array) -> pa.Array | None:
    """The first item of each list; None where all are empty."""
    lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    if not lengths.any():
        return None
    at = np.cumsum(lengths) - lengths
    return pc.list_flatten(column).take(pa.array(at, mask=lengths == 0))


def _dashless(column: pa.Array | None) -> pa.Array | None:
    return None if column is None else pc.if_else(pc.equal(column, "-"), pa.scalar(None, column.type), column)


def _coalesced(columns: list[pa.Array | None]) -> pa.Array | None:
    there = [column for column in columns if column is not None]
    return pc.coalesce(*there) if there else None


def _is(column: pa.Array | None, value: int, rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if column is None:
        return np.zeros(rows, np.bool_)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]]
    found = pc.equal(column, value).fill_null(False).to_numpy(zero_copy_only=False)
    return found


def _is_all(column: pa.Array | None, value: object) -> bool:
    return column is not None and bool(pc.all(pc.equal(column, value).fill_null(False)).as_py())
