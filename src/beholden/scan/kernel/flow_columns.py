"""Columns of one-way flow records → FLOW records of watched addresses, counts of the rest, and what is wrong.

What a record comes to is what `vpc_rows` makes of the same record as text. `flow_columns_reference` and
`native/src/records.rs` give the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from beholden.engine import Engine, engine
from beholden.scan.kernel.columns import is_text
from beholden.scan.kernel.flow_values import MICROSECONDS, moments, plain_text, whole_numbers
from beholden.scan.kernel.vpc import ENDS, part_of
from beholden.schema.traffic import FLOW

if TYPE_CHECKING:
    from typing import Any

    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.kernel.vpc import Part

# What the native kernel takes as text, and as whole numbers.
_TEXTS = (
    *("source", "target", "status", "action", "direction"),
    *("packet_source", "packet_target", "interface", "account"),
)
_NUMBERS = ("size", "packets", "source_port", "target_port", "protocol", "flags")
_NAMES = ("interface", "account")


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


def read(records: Records, judge: AddressJudge, ends: tuple[str, str] = ENDS, running: Engine | None = None) -> Part:
    """Read records; lines are counted from 1.

    Args:
        records: Columns as a file has them.
        judge: Says whose an address is.
        ends: Names of the address fields, for evidence.
        running: The engine; None: the one of this process.

    Raises:
        TypeError: A column has a type that such a column never has.
        ValueError: A column points outside its own bytes.
    """
    if (running or engine()) is Engine.NATIVE:
        from beholden._native import scan_records

        columns = _for_native(records)
        return part_of(scan_records(columns, judge.native), FLOW.with_metadata({"source": ends[0], "target": ends[1]}))
    from beholden.scan.kernel.flow_columns_reference import read as read_reference

    return read_reference(records, judge, ends)


def _for_native(records: Records) -> dict[str, Any]:
    """Columns of text, of dictionaries of text, and of whole numbers, in few of which values have to be looked at."""
    columns: dict[str, Any] = {}
    for name in (*_TEXTS, *_NUMBERS):
        column = getattr(records, name)
        columns[name] = None if column is None else _text(name, column) if name in _TEXTS else _numbers(column)
    for name in ("start", "end"):
        columns[name] = _moments(getattr(records, name), records.unit)
    return columns


def _text(name: str, column: pa.Array) -> pa.Array:
    kind = column.type
    if is_text(kind) or (pa.types.is_dictionary(kind) and is_text(kind.value_type)):
        return column
    return column.cast(pa.string()) if name in _NAMES and pa.types.is_integer(kind) else plain_text(column)


def _numbers(column: pa.Array) -> pa.Array:
    if pa.types.is_integer(column.type):
        return column
    values, is_null, is_bad = whole_numbers(column, len(column))
    # What cannot be read is wrong, as a number below zero is.
    return pa.array(np.where(is_bad, -1, values), pa.int64(), mask=is_null)


def _moments(column: pa.Array, unit: str) -> tuple[pa.Array, int]:
    """Times, and how many microseconds their unit has."""
    if pa.types.is_integer(column.type):
        return column, MICROSECONDS[unit]
    values, is_bad = moments(column, len(column), unit)
    return pa.array(np.where(is_bad, -1, values), pa.int64()), 1
