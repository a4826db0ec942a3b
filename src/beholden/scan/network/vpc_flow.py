"""AWS VPC flow log text: what left our interfaces, to whom, and who opened the conversation.

Bytes include packet headers. Replies to somebody else's probe are never counted as sent.

Source: Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from beholden.scan.network.conversations import Conversation
from beholden.scan.network.flow_verdicts import Verdicts
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.sides import GROUP, OURS, WATCHED, Sides
from beholden.scan.network.tally import Tally
from beholden.scan.network.vpc_layout import (
    NULL,
    VpcLayout,
    accepts_text,
    default_layout,
    has_sound_numbers,
    header_layout,
    read_numbers,
)
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

MAX_CONVERSATIONS = 200_000

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
        """Sum conversations by remote address, own host, day and direction.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._tally = Tally(source.path)
        self._verdicts = Verdicts(source, self._sides, self._tally)
        self._open: dict[tuple[Any, ...], Conversation] = {}
        self._settled_early = False
        self._in_between = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._tally, self._finish)

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
                if len(self._open) >= MAX_CONVERSATIONS:
                    self._settled_early = True
                    self._settle(MAX_CONVERSATIONS // 2)
                    yield from self._tally.full()
        finally:
            # Counted here rather than one by one, and told also where the file breaks off.
            self._source.accept(accepted)

    def _finish(self) -> None:
        self._settle(len(self._open))
        self._tell()

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
        self._verdicts.has_action &= "action" in found.names
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
            self._join(line, (packet_source, packet_target), cells)
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
        if not either & OURS and cells[1] != NULL and cells[2] != NULL:
            self._verdicts.interfaces.learn(cells[11], cells[1], cells[2])
        remote = to_bits if from_bits & OURS else from_bits if to_bits & OURS else either
        if not remote & WATCHED:
            return "ip"
        return "icmp" if cells[5] in _ICMP else None

    def _join(self, line: int, ends: tuple[str, str], cells: tuple[str, ...]) -> None:
        source, target = ends
        source_port, target_port, packets, size, start, end, flags = read_numbers(cells)
        in_between = source != cells[1] or target != cells[2]
        self._in_between += in_between
        key = (source, target, source_port, target_port, cells[5], in_between)
        talk = self._open.get(key)
        half = talk.there if talk is not None else None
        if talk is None:
            talk = self._open.get((target, source, target_port, source_port, cells[5], in_between))
            half = talk.back if talk is not None else None
        if half is None:
            direction = cells[14]
            out = {"egress": True, "ingress": False}.get(direction)
            interface = (cells[11], cells[1], cells[2])
            talk = Conversation(source, target, source_port, target_port, cells[5], interface, out, cells[12])
            self._open[key] = talk
            half = talk.there
        is_accepted = cells[10] != "REJECT"
        half.add(line, start=start, end=end, packets=packets, size=size, flags=flags, is_accepted=is_accepted)

    def _settle(self, count: int) -> None:
        """Decide the oldest conversations and forget them."""
        keys = list(islice(self._open, count))
        for key in keys:
            talk = self._open[key]
            if key[-1] and self._is_logged_at_its_end(key):
                continue
            self._verdicts.decide(talk)
        for key in keys:
            del self._open[key]

    def _is_logged_at_its_end(self, key: tuple[Any, ...]) -> bool:
        """Whether the interface at the end of the same conversation logged it too, so that this is a second count."""
        source, target, source_port, target_port, protocol, _ = key
        return (source, target, source_port, target_port, protocol, False) in self._open or (
            target,
            source,
            target_port,
            source_port,
            protocol,
            False,
        ) in self._open

    def _tell(self) -> None:
        source, counts = self._source, self._source.not_resolved
        if count := counts["skipdata"]:
            source.note(f"{count} records say SKIPDATA: AWS lost records")
        if count := counts["nodata"]:
            source.note(f"{count} records say NODATA: no traffic in that window")
        if count := counts["null_address"]:
            source.note(f"{count} records have no address and could not be placed")
        if count := counts["inbound_unanswered"]:
            source.note(f"{count} records belong to connections from outside that got no answer with content")
        if count := counts["icmp"]:
            source.note(f"{count} ICMP records do not say who asked and who answered: left out")
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} records run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        self._tell_how()

    def _tell_how(self) -> None:
        source = self._source
        if source.records_read:
            source.note(
                "bytes are those of whole packets, headers included; who opened a flow is told by "
                "TCP flags, rejections, start times and ports"
            )
        if self._verdicts.told_by_interface:
            source.note("our side was told by the address that all records of an interface share")
        if self._in_between:
            source.note(
                f"{self._in_between} records were logged on the way (NAT, load balancer, pod): the packet's own "
                "addresses are used; what such a device sends on under its own address is counted once more"
            )
        if not self._verdicts.has_action:
            source.note("no action column: rejected traffic cannot be told from accepted traffic")
        if self._settled_early:
            source.note(
                f"more than {MAX_CONVERSATIONS} conversations at once: older ones were decided before the file's end"
            )


def _no_cells(_: list[str]) -> tuple[str, ...]:
    return ()
