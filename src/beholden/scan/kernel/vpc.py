"""VPC flow log text → FLOW records of watched addresses, counts of the rest, and what is wrong; whole lines at a time.

`vpc_rows`, `vpc_reference` and `native/src/vpc.rs` give the same rows. A part of a file is read without knowing the
others, so parts may be read at the same time, in any process; lines are counted from the beginning of the part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.engine import Engine, engine
from beholden.scan.kernel.parts import bytes_of
from beholden.scan.network.vpc_layout import COLUMNS, VpcLayout
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.kernel.parts import Text

# Reasons why a record is not followed up, in the order of the native kernel.
SET_ASIDE = ("nodata", "skipdata", "null_address", "multicast_or_broadcast", "local_to_local", "ip", "icmp")
# What is wrong with a record, and what was expected.
REJECTS = {
    "line too long": "at most 1,048,576 bytes",
    "NUL bytes": "text",
    "wrong column count": "as many as the header names",
    "unknown log-status": "OK, NODATA or SKIPDATA",
    "not an address": "IPv4, IPv6 or -",
    "not a number, or out of range": (
        "ports below 65536; whole packets, bytes; start not after end, both within year 9999"
    ),
    "unknown action": "ACCEPT or REJECT",
}
# Cells that the native kernel tells apart in a line.
_MAX_WIDTH = 128
# The fields of the sender and of the receiver.
ENDS = ("srcaddr", "dstaddr")
_NO_INTERFACE = pa.RecordBatch.from_pylist([], schema=INTERFACE)
FLOWS = FLOW.with_metadata({"source": ENDS[0], "target": ENDS[1]})


@dataclass(slots=True)
class Part:
    """What a part of a log came to.

    Attributes:
        flows: FLOW; lines from 1 within the part.
        interfaces: INTERFACE.
        counts: Records set aside, by reason.
        wrong: Records rejected, by reason.
        rejects: The first of these: line and reason.
        lines: Lines read.
        accepted: Records that were sound.
        between: Records kept that were logged on the way.
        stopped_at: Byte at which a line begins that names columns; nothing from there on was read.
    """

    flows: pa.RecordBatch
    interfaces: pa.RecordBatch
    counts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0
    accepted: int = 0
    between: int = 0
    stopped_at: int | None = None


def reader(judge: AddressJudge, running: Engine | None = None) -> Callable[[Text, VpcLayout], Part]:
    """The kernel of an engine.

    Args:
        judge: Says whose an address is.
        running: The engine; None: the one of this process.
    """
    is_native = (running or engine()) is Engine.NATIVE

    def read(text: Text, layout: VpcLayout) -> Part:
        if is_native and len(layout.names) <= _MAX_WIDTH:
            return _native(text, layout, judge)
        from beholden.scan.kernel.vpc_reference import read

        return read(bytes_of(text), layout, judge)

    return read


def _native(text: Text, layout: VpcLayout, judge: AddressJudge) -> Part:
    from beholden._native import scan_vpc

    places = [None if place < 0 else place for place in layout.places]
    found = scan_vpc(text, len(layout.names), layout.names[0].encode(), places, "action" in layout.names, judge.native)
    part = part_of(found, FLOWS)
    part.stopped_at = found["stopped_at"]
    return part


def part_of(found: dict[str, Any], flows: pa.Schema) -> Part:
    """What a native kernel found.

    Args:
        found: By name, as in `native/src/python/traffic.rs`.
        flows: FLOW with the names of the address fields.
    """
    counts = found["counts"]
    return Part(
        flows=pa.RecordBatch.from_arrays(found["flows"], schema=flows),
        interfaces=_interfaces(found["interfaces"]),
        counts=Counter({reason: count for reason, count in zip(SET_ASIDE, counts, strict=False) if count}),
        wrong=Counter(
            {reason: count for reason, count in zip(REJECTS, counts[len(SET_ASIDE) :], strict=True) if count}
        ),
        rejects=[(line, list(REJECTS)[number - len(SET_ASIDE)]) for line, number in found["rejects"]],
        lines=found["lines"],
        accepted=found["accepted"],
        between=found["between"],
    )


def _interfaces(rows: list[tuple[str | None, bool | None, list[bytes]]]) -> pa.RecordBatch:
    # Most parts have none, and an empty list takes longer to turn into columns than a part takes to read.
    if not rows:
        return _NO_INTERFACE
    names = tuple(INTERFACE.names)
    return pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=INTERFACE)


assert len(COLUMNS) == 17, "the native kernel reads as many"
