"""Argus flows as `ra` prints them in columns: whole conversations, with a direction and the flags of either side.

Bytes are those of whole frames, link layer included. The direction says who opened a conversation; a `?` in it says
that Argus is not sure. Times carry no zone.

Source: ra(1) of the Argus clients (fields, `dir`, `state`), and files that research publishes as `.binetflow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.json_values import count_of
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.one_way import EXPECTED_NUMBERS, ICMP, OUT_OF_RANGE
from beholden.scan.network.protocols import protocol_number
from beholden.scan.network.two_way import TCP, TwoWay, TwoWayRecord, has_content
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

ENDS = ("SrcAddr", "DstAddr")
_REQUIRED = ("starttime", "proto", "srcaddr", "dir", "dstaddr", "state", "totbytes", "srcbytes")
# Ethernet; most probes are there.
_FRAME = 14
_ECHO = "ECO"


class ArgusFlow:
    """Reads Argus flows in columns."""

    name = "argus-flow"
    title = "Argus flows in columns (`ra`, .binetflow)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the names of the columns."""
        first = next((line for line in head.first_lines() if line.strip()), "")
        names = _cells(first.lower(), _separator(first))
        if not {"srcaddr", "dir", "dstaddr", "state"} <= set(names):
            return Acceptance.no("no header of Argus flows")
        missing = [name for name in _REQUIRED if name not in names]
        if missing:
            return Acceptance.no(f"Argus flows without {', '.join(missing)}", near=True)
        return Acceptance.yes("Argus flows (header)", 95)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give CONTACT records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        contacts = TwoWay(source, watch, ENDS)
        yield from with_rest(_gathered(source, contacts), contacts, lambda: _tell(source, contacts))


def _gathered(source: Source, contacts: TwoWay) -> Iterator[pa.RecordBatch]:
    names: list[str] = []
    separator = ","
    for line, text in source.lines():
        if not names and text.strip():
            separator = _separator(text)
            names = _cells(text.lower(), separator)
            if any(name not in names for name in _REQUIRED):
                raise source.error("no header of Argus flows", line=line)
            continue
        cells = _cells(text, separator)
        if len(cells) != len(names):
            if text.strip():
                source.reject(line, "wrong column count", expected=f"{len(names)} columns")
            continue
        if [cell.lower() for cell in cells] == names:
            continue
        values = dict(zip(names, cells, strict=True))
        protocol = protocol_number(values["proto"])
        if protocol is None:
            contacts.set_aside("no_ip_traffic")
            continue
        try:
            contacts.add(_record(line, values, protocol))
        except ValueError:
            source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
        yield from contacts.full()


class _Side(NamedTuple):
    """What one side sent.

    Attributes:
        size: Bytes of frames.
        packets: 0: not counted.
        flags: TCP flags, as letters.
    """

    size: int
    packets: int
    flags: str

    def has_content(self, protocol: int, *, is_v6: bool) -> bool:
        if protocol == TCP and "P" in self.flags:
            return True
        return has_content(protocol, self.packets, self.size, is_v6=is_v6, frame=_FRAME)


def _record(line: int, values: dict[str, str], protocol: int) -> TwoWayRecord:
    direction, state = values["dir"], values["state"]
    total, sent = count_of(values["totbytes"]) or 0, count_of(values["srcbytes"]) or 0
    if sent > total:
        raise ValueError("more sent than there is")
    packets = count_of(values.get("totpkts")) or 0
    # Older files do not tell the packets of one side: then all of them might be.
    out = count_of(values.get("srcpkts"))
    flags = state.partition("_") if protocol == TCP else ("", "", "")
    source = _Side(sent, packets if out is None else out, flags[0])
    target = _Side(total - sent, packets if out is None else max(packets - out, 0), flags[2])
    is_turned = "<" in direction and ">" not in direction
    opener, other = ("dstaddr", "srcaddr") if is_turned else ("srcaddr", "dstaddr")
    mine, theirs = (target, source) if is_turned else (source, target)
    is_v6 = ":" in values["srcaddr"]
    start = _microseconds(values["starttime"])
    return TwoWayRecord(
        line,
        values[opener],
        values[other],
        None if protocol in ICMP else _port(values.get("sport" if is_turned else "dport")),
        protocol,
        start,
        start + _microseconds(values.get("dur") or "0"),
        sent=mine.size,
        received=theirs.size,
        has_sent_content=mine.has_content(protocol, is_v6=is_v6),
        has_received_content=theirs.has_content(protocol, is_v6=is_v6),
        # An answer to SYN; of other protocols any answer is one.
        is_established="S" in theirs.flags if protocol == TCP else theirs.size > 0,
        is_sure="?" not in direction,
        is_asking=state == _ECHO if protocol in ICMP else None,
        state=state or None,
    )


def _separator(text: str) -> str:
    return "\t" if "\t" in text else ","


def _cells(text: str, separator: str) -> list[str]:
    return [cell.strip() for cell in text.split(separator)]


def _port(text: str | None) -> int | None:
    """A port; None where there is none, or a name stands for it."""
    try:
        return int(text, 16) if text and text[:2] == "0x" and len(text) <= 10 else count_of(text)
    except ValueError:
        return None


def _microseconds(text: str) -> int:
    seconds = parse_seconds(text.replace("/", "-"))
    if seconds is None:
        raise ValueError("not a time")
    return round(seconds * 1_000_000)


def _tell(source: Source, contacts: TwoWay) -> None:
    contacts.tell()
    counts = source.not_resolved
    if count := counts["no_ip_traffic"]:
        source.note(f"{count} records are of Argus itself, or of traffic without IP addresses")
    if source.records_read:
        source.note("times carry no zone and are read as UTC; bytes are those of whole frames, headers included")
