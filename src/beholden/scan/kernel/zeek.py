"""Zeek conn logs → CONTACT records of watched addresses, counts of the rest, and what is wrong; whole lines at a time.

`zeek_rows`, `zeek_reference` and `native/src/zeek.rs` give the same rows. A part of a file is read without knowing the
others, so parts may be read at the same time, in any process; lines are counted from the beginning of the part.
Lines that Zeek would not write (a time that is no plain number) are left to `zeek_rows`, whatever the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.engine import Engine, engine
from beholden.scan.kernel.parts import bytes_of
from beholden.schema.traffic import CONTACT

if TYPE_CHECKING:
    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.kernel.parts import Text
    from beholden.scan.network.zeek_records import Layout

LOG = "conn"
COLUMNS = (
    "ts",
    "id.orig_h",
    "id.resp_h",
    "local_orig",
    "local_resp",
    "missed_bytes",
    "id.orig_p",
    "id.resp_p",
    "proto",
    "service",
    "orig_bytes",
    "resp_bytes",
    "conn_state",
    "history",
    "orig_ip_bytes",
    "duration",
)
REQUIRED = ("ts", "id.orig_h", "id.resp_h", "conn_state")
# The fields of the one that opened the connection and of the one it was opened to.
ENDS = ("id.orig_h", "id.resp_h")
KEPT_REJECTS = 5

# Reasons why a record is not followed up, in the order of the native kernel.
SET_ASIDE = (
    "local_to_local",
    "neither_side_ours",
    "our_side_unknown",
    "multicast_or_broadcast",
    "ip",
    "icmp_reports",
    "midstream_without_payload",
    "inbound_unanswered",
)
# What is wrong with a record, and what was expected; the native kernel knows the first five.
REJECTS = {
    "line too long": "at most 1,048,576 bytes",
    "NUL bytes": "text",
    "wrong column count": "{width} columns",
    "not an address": "IPv4 or IPv6 in id.orig_h and id.resp_h",
    "not a byte count": "a whole number in orig_bytes and resp_bytes",
    "time out of range": "seconds since 1970 or ISO 8601",
    "record of another log": LOG,
    "record before #fields": "a Zeek header or a JSON object",
}
# `#` lines that begin so may change how the records behind them are read; those that do not are passed over.
HEADERS = ("#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#fields")
# Cells that the native kernel tells apart in a line.
_MAX_WIDTH = 128
CONN_CONTACT = CONTACT.with_metadata({"source": ENDS[0], "target": ENDS[1]})


@dataclass(frozen=True)
class ConnLayout:
    """What the `#` lines so far say of the records that follow.

    Attributes:
        layout: None: no line has named the fields yet.
        is_other_log: Whether they belong to another log.
    """

    layout: Layout | None = None
    is_other_log: bool = False

    @property
    def regular(self) -> Layout | None:
        """The layout, where it is the one that Zeek writes unless told otherwise."""
        layout = self.layout
        if layout is None or self.is_other_log:
            return None
        is_regular = layout.separator == "\t" and layout.has_usual_words and layout.width <= _MAX_WIDTH
        return layout if is_regular else None

    def expected(self, reason: str) -> str:
        """What was expected of a record that is rejected for this reason."""
        return REJECTS[reason].format(width=self.layout.width if self.layout else 0)


@dataclass(slots=True)
class Part:
    """What a part of a log came to.

    Attributes:
        contacts: CONTACT, by line; lines from 1 within the part. None: no record is followed up.
        counts: Records set aside, by reason.
        wrong: Records rejected, by reason.
        rejects: The first of these: line and reason.
        lines: Lines read.
        accepted: Records that were sound.
        missed: Bytes that Zeek says it did not see.
        on_the_wire: Records whose bytes on the wire stand for what was sent.
        stopped_at: Byte at which a line of `HEADERS` begins; nothing from there on was read.
    """

    contacts: pa.RecordBatch | None = None
    counts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0
    accepted: int = 0
    missed: int = 0
    on_the_wire: int = 0
    stopped_at: int | None = None

    def add(self, other: Part) -> None:
        """Take in what other lines of the same part came to."""
        self.contacts = _by_line([batch for batch in (self.contacts, other.contacts) if batch is not None])
        self.counts += other.counts
        self.wrong += other.wrong
        self.rejects = sorted([*self.rejects, *other.rejects])[:KEPT_REJECTS]
        self.accepted += other.accepted
        self.missed += other.missed
        self.on_the_wire += other.on_the_wire


# Takes a text, the byte to begin at, and how its records are written.
Read = Callable[["Text", int, ConnLayout], Part]


def reader(judge: AddressJudge, running: Engine | None = None) -> Read:
    """The kernel of an engine.

    Args:
        judge: Says whose an address is.
        running: The engine; None: the one of this process.
    """
    from beholden.scan.kernel.zeek_rows import read as read_rows
    from beholden.scan.kernel.zeek_rows import read_lines

    columns = _columns_reader(judge, running or engine())

    def read(text: Text, at: int, layout: ConnLayout) -> Part:
        regular = layout.regular
        if columns is None or regular is None:
            return read_rows(bytes_of(text), at, layout, judge)
        part, odd = columns(text, at, regular)
        if odd:
            data = bytes_of(text)
            part.add(read_lines([(line, data[begin:end]) for line, begin, end in odd], layout, judge))
        return part

    return read


# Number, first byte and end of a line.
Place = tuple[int, int, int]


def _columns_reader(
    judge: AddressJudge, running: Engine
) -> Callable[[Text, int, Layout], tuple[Part, list[Place]]] | None:
    """What reads regular records, and leaves odd ones; None where only row by row can be read."""
    if running is Engine.NATIVE:
        return lambda text, at, layout: _native(text, at, layout, judge)
    from beholden.scan.kernel.zeek_reference import read

    return lambda text, at, layout: read(bytes_of(text), at, layout, judge)


def _native(text: Text, at: int, layout: Layout, judge: AddressJudge) -> tuple[Part, list[Place]]:
    from beholden._native import scan_zeek_conn

    places = [None if place < 0 else place for place in layout.places]
    found = scan_zeek_conn(text, at, layout.width, places, bool(judge.watch.own_networks), judge.native)
    counts, contacts = found["counts"], found["contacts"]
    part = Part(
        contacts=pa.RecordBatch.from_arrays(contacts, schema=CONN_CONTACT) if contacts else None,
        counts=Counter({reason: count for reason, count in zip(SET_ASIDE, counts, strict=False) if count}),
        wrong=Counter(
            {reason: count for reason, count in zip(REJECTS, counts[len(SET_ASIDE) :], strict=False) if count}
        ),
        rejects=[(line, list(REJECTS)[number - len(SET_ASIDE)]) for line, number in found["rejects"]],
        lines=found["lines"],
        accepted=found["accepted"],
        missed=found["missed"],
        on_the_wire=found["on_the_wire"],
        stopped_at=found["stopped_at"],
    )
    return part, found["odd"]


def _by_line(batches: list[pa.RecordBatch]) -> pa.RecordBatch | None:
    if len(batches) < 2:
        return batches[0] if batches else None
    together = pa.concat_batches(batches)
    lines = pc.list_flatten(together.column("lines"))
    return together.take(pc.sort_indices(lines))
