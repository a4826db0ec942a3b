"""nfdump's CSV: the long classic layout, and the later one whose columns are named and may be chosen.

Source: nfdump(1), `-o csv` and `-o csv:<format>`; names of columns as nfdump 1.6, 1.7.1 and 1.7.5 print them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.nfdump_records import NfdumpFlows
from beholden.scan.network.one_way import OneWay
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_CLASSIC = {
    "ts": "start",
    "te": "end",
    "sa": "source",
    "da": "target",
    "sp": "source_port",
    "dp": "target_port",
    "pr": "protocol",
    "flg": "flags",
    "fwd": "status",
    "ipkt": "packets",
    "ibyt": "size",
    "opkt": "packets_back",
    "obyt": "size_back",
    "ra": "router",
}
_LATER = {
    "firstSeen": "start",
    "lastSeen": "end",
    "srcAddr": "source",
    "dstAddr": "target",
    "srcPort": "source_port",
    "dstPort": "target_port",
    "proto": "protocol",
    "flags": "flags",
    "fwdStatus": "status",
    "packets": "packets",
    "inPackets": "packets",
    "bytes": "size",
    "inBytes": "size",
    "outPackets": "packets_back",
    "outBytes": "size_back",
    "icmpTYpe": "icmp_type",
    "icmpType": "icmp_type",
    "routerIP": "router",
}
_REQUIRED = ("start", "end", "source", "target", "size")
_ENDS = {"sa": ("sa", "da"), "srcAddr": ("srcAddr", "dstAddr")}
# What follows is nfdump's own count, in three lines.
_SUMMARY = "Summary"


class NfdumpCsv:
    """Reads what `nfdump -o csv` prints."""

    name = "nfdump-csv"
    title = "nfdump flows (`-o csv`)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the names of the columns."""
        first = next((line for line in head.first_lines() if line.strip()), "")
        names = _names(first)
        fields = _fields(names)
        if fields is None:
            return Acceptance.no("no header of nfdump's CSV")
        missing = [name for name in _REQUIRED if name not in fields]
        if missing:
            return Acceptance.no(f"nfdump's CSV without {', '.join(missing)}", near=True)
        return Acceptance.yes("nfdump CSV (header)", 95)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        lines = source.lines()
        number, names = next(((number, _names(text)) for number, text in lines if text.strip()), (0, []))
        fields = _fields(names)
        if fields is None or any(name not in fields for name in _REQUIRED):
            raise source.error("no header of nfdump's CSV", line=number or None)
        ends = next(ends for name, ends in _ENDS.items() if name in names)
        flows = OneWay(source, watch, ends)
        taken = NfdumpFlows(source, flows)
        yield from with_rest(_gathered(source, lines, names, flows, taken), flows, lambda: _tell(source, taken))


def _gathered(
    source: Source, lines: Iterator[tuple[int, str]], names: list[str], flows: OneWay, taken: NfdumpFlows
) -> Iterator[pa.RecordBatch]:
    fields = _fields(names) or {}
    places = [(field, at) for field, at in fields.items()]
    skipped = 0
    for line, text in lines:
        if skipped or text.strip() == _SUMMARY:
            skipped = skipped - 1 if skipped else 2
            continue
        cells = [cell.strip() for cell in text.split(",")]
        if cells == names or not text.strip():
            # Of several outputs one after the other.
            continue
        if len(cells) != len(names):
            source.reject(line, "wrong column count", expected=f"{len(names)} columns")
            continue
        taken.add(line, {field: cells[at] for field, at in places})
        yield from flows.full()


def _names(text: str) -> list[str]:
    return [cell.strip() for cell in text.split(",")]


def _fields(names: list[str]) -> dict[str, int] | None:
    """Where what is read stands; None where the columns are not nfdump's."""
    for known, marks in ((_CLASSIC, {"ts", "te", "sa", "da"}), (_LATER, {"firstSeen", "srcAddr", "dstAddr"})):
        if marks <= set(names):
            return {known[name]: at for at, name in reversed(list(enumerate(names))) if name in known}
    return None


def _tell(source: Source, taken: NfdumpFlows) -> None:
    taken.tell()
    if source.records_read:
        source.note("CSV does not tell whether the exporter sampled packets: if it did, sums are too low or estimates")
