"""VPC flow log text read record by record: what the other engines must come to, and what reads their odd lines."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.scan.kernel.vpc import ENDS, FLOWS, Part
from beholden.scan.network.sides import GROUP, OURS, WATCHED, parse_address
from beholden.scan.network.vpc_layout import NULL, VpcLayout, has_sound_numbers, header_layout, read_numbers
from beholden.scan.source import MAX_LINE_BYTES
from beholden.scan.traffic.rows import FlowRows
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.kernel.judge import AddressJudge

_ACTIONS = frozenset({"ACCEPT", "REJECT", NULL})
_ICMP = frozenset({"1", "58"})
KEPT_REJECTS = 5
MAX_PROTOCOL = 2**31 - 1
# Blanks and controls tell cells apart; a NUL makes no record, and a line end ends it.
_BLANKS = bytes(0x20 if byte < 0x20 else byte for byte in range(256))


def read(text: bytes, layout: VpcLayout, judge: AddressJudge) -> Part:
    """See `beholden.scan.kernel.vpc.reader`."""
    reading = RowByRow(layout, judge)
    for number, at, line in lines(text):
        if not reading.line(number, line):
            reading.part.stopped_at = at
            break
        reading.part.lines = number
    return reading.done()


def lines(text: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number from 1, place and content of each line, its end included."""
    number = at = 0
    while at < len(text):
        end = text.find(b"\n", at) + 1 or len(text)
        number += 1
        yield number, at, text[at:end]
        at = end


def cells_of(line: bytes) -> list[str]:
    """The cells of a line."""
    parts = line.removeprefix(b"\xef\xbb\xbf").translate(_BLANKS).split()
    return [part.decode("utf-8", "replace") for part in parts]


class RowByRow:
    """Takes single lines of a part, in their order.

    Attributes:
        part: What they came to so far, but for `lines` and `stopped_at`, which are for the caller.
    """

    def __init__(self, layout: VpcLayout, judge: AddressJudge) -> None:
        self._width, self._first_name = len(layout.names), layout.names[0]
        self._sides = judge.by_text
        self._pick = itemgetter(*layout.places)
        self._has_action = "action" in layout.names
        self._rows = FlowRows(ENDS)
        self.part = Part(none(FLOWS), none(INTERFACE))

    def line(self, number: int, line: bytes) -> bool:
        """Take a line with its end; False where it names columns anew, and nothing was taken."""
        if len(line) > MAX_LINE_BYTES:
            self._reject(number, "line too long")
        elif b"\x00" in line:
            self._reject(number, "NUL bytes")
        else:
            cells = cells_of(line)
            if len(cells) == self._width and cells[0] != self._first_name:
                cells.append(NULL)
                self._record(number, self._pick(cells))
            elif header_layout(cells) is not None:
                return False
            elif cells:
                self._reject(number, "wrong column count")
        return True

    def done(self) -> Part:
        """The part, with the records of all lines."""
        batches = [*self._rows.rest()]
        flows = [batch for batch in batches if batch.schema.equals(FLOW)]
        part = self.part
        part.flows = pa.concat_batches(flows) if flows else part.flows
        part.interfaces = next((batch for batch in batches if batch.schema.equals(INTERFACE)), part.interfaces)
        return part

    def _record(self, line: int, cells: tuple[str, ...]) -> None:
        status, source, target = cells[0], cells[1], cells[2]
        if status not in ("OK", NULL):
            if status in ("NODATA", "SKIPDATA"):
                self._set_aside(status.lower())
            else:
                self._reject(line, "unknown log-status")
            return
        # NAT, load balancers and pods: the packet's own addresses name the real ends.
        ends = (
            cells[15] if cells[15] != NULL else source,
            cells[16] if cells[16] != NULL else target,
        )
        if NULL in ends:
            self._set_aside("null_address")
            return
        bits = self._sides[ends[0]], self._sides[ends[1]]
        if not all(bits):
            self._reject(line, "not an address")
        elif not has_sound_numbers(cells):
            self._reject(line, "not a number, or out of range")
        elif cells[10] not in _ACTIONS:
            self._reject(line, "unknown action")
        elif why := self._why_aside(bits, cells):
            self._set_aside(why)
        else:
            self.part.accepted += 1
            self._keep(line, ends, bits, cells)

    def _set_aside(self, reason: str) -> None:
        self.part.accepted += 1
        self.part.counts[reason] += 1

    def _reject(self, line: int, reason: str) -> None:
        self.part.wrong[reason] += 1
        if len(self.part.rejects) < KEPT_REJECTS:
            self.part.rejects.append((line, reason))

    def _why_aside(self, bits: tuple[int, int], cells: tuple[str, ...]) -> str | None:
        """Why a readable record is not followed up; None where it is."""
        from_bits, to_bits = bits
        either = from_bits | to_bits
        if either & GROUP:
            return "multicast_or_broadcast"
        if from_bits & to_bits & OURS:
            return "local_to_local"
        if not either & OURS and (pair := _at_interface(cells)) is not None:
            self._rows.learn(_or_none(cells[11]), pair[:16], pair[16:])
        remote = to_bits if from_bits & OURS else from_bits if to_bits & OURS else either
        if not remote & WATCHED:
            return "ip"
        return "icmp" if cells[5] in _ICMP else None

    def _keep(self, line: int, ends: tuple[str, str], bits: tuple[int, int], cells: tuple[str, ...]) -> None:
        source_port, target_port, packets, size, start, end, flags = read_numbers(cells)
        is_between = ends != (cells[1], cells[2])
        self.part.between += is_between
        source, target = (parse_address(text) for text in ends)
        assert source is not None
        assert target is not None
        self._rows.add(
            line,
            source,
            target,
            sides=bits,
            ports=(source_port, target_port),
            protocol=-1 if cells[5] == NULL else min(int(cells[5]), MAX_PROTOCOL),
            packets=packets,
            size=size,
            start=start * 1_000_000,
            end=end * 1_000_000,
            is_accepted=cells[10] != "REJECT" if self._has_action else None,
            flags=flags & 0xFF,
            outwards={"egress": 1, "ingress": 0}.get(cells[14], -1),
            is_between=is_between,
            interface=_or_none(cells[11]),
            account=_or_none(cells[12]),
            at_interface=None if (bits[0] | bits[1]) & OURS else _at_interface(cells),
        )


def none(schema: pa.Schema) -> pa.RecordBatch:
    """No row."""
    return pa.RecordBatch.from_pylist([], schema=schema)


def _or_none(text: str) -> str | None:
    return None if text == NULL else text


def _at_interface(cells: tuple[str, ...]) -> bytes | None:
    source, target = parse_address(cells[1]), parse_address(cells[2])
    return None if source is None or target is None else source + target
