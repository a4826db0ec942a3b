"""AWS VPC flow log text: what left our interfaces, to whom, and who opened the conversation.

Bytes include packet headers. Replies to somebody else's probe are never counted as sent.

Source: Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.sides import GROUP, OURS, WATCHED, Sides, parse_address
from beholden.scan.network.vpc_layout import (
    NULL,
    VpcLayout,
    accepts_text,
    default_layout,
    has_sound_numbers,
    header_layout,
    read_numbers,
)
from beholden.scan.traffic.rows import FlowRows
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

# The fields of the sender and of the receiver.
ENDS = ("srcaddr", "dstaddr")
_ACTIONS = frozenset({"ACCEPT", "REJECT", NULL})
_ICMP = frozenset({"1", "58"})


class VpcFlow:
    """Reads AWS VPC flow log text, default order or any order with a header."""

    name = "vpc-flow"
    title = "AWS VPC flow log (text, versions 2 and later)"
    kinds = frozenset({Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the header, or by records that can only be the default order."""
        return accepts_text(head)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._rows = FlowRows(ENDS)
        self._has_action = True
        self._in_between = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._rows.rest, self._tell)

    def _tell(self) -> None:
        tell(self._source, has_action=self._has_action, in_between=self._in_between)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        accepted = 0
        layout: VpcLayout | None = None
        width, first_name = -1, ""
        pick: Callable[[list[str]], tuple[str, ...]] = _no_cells
        try:
            for line, text in self._source.lines():
                cells = text.split()
                if len(cells) != width or cells[0] == first_name:
                    found = self._new_layout(line, text, cells, layout)
                    if found is not None:
                        layout, width, pick = found, len(found.names), found.picker()
                        first_name = found.names[0]
                    if found is None or header_layout(cells) is not None:
                        continue
                cells.append(NULL)
                accepted += self._record(line, pick(cells))
                yield from self._rows.full()
        finally:
            # Counted here rather than one by one, and told also where the file breaks off.
            self._source.accept(accepted)

    def _new_layout(self, line: int, text: str, cells: list[str], known: VpcLayout | None) -> VpcLayout | None:
        """Take a header, or the default order where nothing named another; otherwise the line is wrong."""
        if not cells:
            return None
        found = header_layout(cells)
        if found is None and known is None:
            found = default_layout(text)
        if found is None:
            expected = f"{len(known.names)} columns" if known else "a header, or 14 columns in the default order"
            self._source.reject(line, "wrong column count", expected=expected)
            return None
        if found.missing:
            raise self._source.error(f"the header lacks {', '.join(found.missing)}", line=line)
        self._has_action &= "action" in found.names
        return found

    def _record(self, line: int, cells: tuple[str, ...]) -> bool:
        """Take one record; False where it was rejected."""
        status, source, target = cells[0], cells[1], cells[2]
        if status != "OK" and status != NULL:
            return self._without_data(line, status)
        # NAT, load balancers and pods: the packet's own addresses name the real ends.
        packet_source = cells[15] if cells[15] != NULL else source
        packet_target = cells[16] if cells[16] != NULL else target
        if packet_source == NULL or packet_target == NULL:
            self._source.not_resolved["null_address"] += 1
            return True
        from_bits, to_bits = self._sides[packet_source], self._sides[packet_target]
        if not from_bits or not to_bits:
            self._source.reject(line, "not an address", expected="IPv4, IPv6 or -")
            return False
        is_sound = has_sound_numbers(cells)
        if not is_sound or cells[10] not in _ACTIONS:
            self._reject_value(line, is_number=not is_sound)
            return False
        why = self._set_aside(from_bits, to_bits, cells)
        if why is None:
            self._keep(line, (packet_source, packet_target), (from_bits, to_bits), cells)
        else:
            self._source.not_resolved[why] += 1
        return True

    def _without_data(self, line: int, status: str) -> bool:
        if status in ("NODATA", "SKIPDATA"):
            self._source.not_resolved[status.lower()] += 1
            return True
        self._source.reject(line, "unknown log-status", expected="OK, NODATA or SKIPDATA")
        return False

    def _reject_value(self, line: int, *, is_number: bool) -> None:
        if is_number:
            expected = "ports below 65536; whole packets, bytes; start not after end, both within year 9999"
            self._source.reject(line, "not a number, or out of range", expected=expected)
        else:
            self._source.reject(line, "unknown action", expected="ACCEPT or REJECT")

    def _set_aside(self, from_bits: int, to_bits: int, cells: tuple[str, ...]) -> str | None:
        """Why a readable record is not followed up; None where it is."""
        either = from_bits | to_bits
        if either & GROUP:
            return "multicast_or_broadcast"
        if from_bits & to_bits & OURS:
            return "local_to_local"
        if not either & OURS and (pair := _at_interface(cells)) is not None:
            self._rows.learn(cells[11], pair[:16], pair[16:])
        remote = to_bits if from_bits & OURS else from_bits if to_bits & OURS else either
        if not remote & WATCHED:
            return "ip"
        return "icmp" if cells[5] in _ICMP else None

    def _keep(self, line: int, ends: tuple[str, str], bits: tuple[int, int], cells: tuple[str, ...]) -> None:
        source_port, target_port, packets, size, start, end, flags = read_numbers(cells)
        is_between = ends != (cells[1], cells[2])
        self._in_between += is_between
        source, target = (parse_address(text) for text in ends)
        assert source is not None
        assert target is not None
        self._rows.add(
            line,
            source,
            target,
            sides=bits,
            ports=(source_port, target_port),
            protocol=-1 if cells[5] == NULL else int(cells[5]),
            packets=packets,
            size=size,
            start=start * 1_000_000,
            end=end * 1_000_000,
            is_accepted=cells[10] != "REJECT" if self._has_action else None,
            flags=flags & 0xFF,
            outwards={"egress": 1, "ingress": 0}.get(cells[14], -1),
            is_between=is_between,
            interface=None if cells[11] == NULL else cells[11],
            account=None if cells[12] == NULL else cells[12],
            at_interface=None if (bits[0] | bits[1]) & OURS else _at_interface(cells),
        )


def tell(source: Source, *, has_action: bool, in_between: int) -> None:
    """Say in the coverage of a VPC flow log what its records cannot say.

    Args:
        source: The log, read.
        has_action: Whether it says which traffic was rejected.
        in_between: Records that were logged on the way.
    """
    counts = source.not_resolved
    if count := counts["skipdata"]:
        source.note(f"{count} records say SKIPDATA: AWS lost records")
    if count := counts["nodata"]:
        source.note(f"{count} records say NODATA: no traffic in that window")
    if count := counts["null_address"]:
        source.note(f"{count} records have no address and could not be placed")
    if count := counts["icmp"]:
        source.note(f"{count} ICMP records do not say who asked and who answered: left out")
    if source.records_read:
        source.note(
            "bytes are those of whole packets, headers included; who opened a flow is told by "
            "TCP flags, rejections, start times and ports"
        )
    if in_between:
        source.note(
            f"{in_between} records were logged on the way (NAT, load balancer, pod): the packet's own "
            "addresses are used; what such a device sends on under its own address is counted once more"
        )
    if not has_action:
        source.note("no action column: rejected traffic cannot be told from accepted traffic")


def _at_interface(cells: tuple[str, ...]) -> bytes | None:
    source, target = parse_address(cells[1]), parse_address(cells[2])
    return None if source is None or target is None else source + target


def _no_cells(_: list[str]) -> tuple[str, ...]:
    return ()
