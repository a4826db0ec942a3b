"""Records of one direction, read one by one: which are followed up, and why the others are not.

The frame of every log that does not say who opened a conversation; `scan.kernel.vpc_rows` has the same rules for text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.cells import LATEST
from beholden.scan.network.sides import GROUP, OURS, WATCHED, Sides, parse_address
from beholden.scan.traffic.rows import FlowRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

ICMP = frozenset({1, 58})
# The types by which a host asks; every other ICMP message answers or reports somebody else's packet.
ECHO_REQUESTS = frozenset({8, 128})
LAST_PORT = 65_535
LATEST_US = int(LATEST) * 1_000_000
OUT_OF_RANGE = "not a number, or out of range"
EXPECTED_NUMBERS = "ports below 65536; whole packets, bytes; start not after end, both within year 9999"
NO_ADDRESS = "not an address"
EXPECTED_ADDRESS = "IPv4 or IPv6"
_MAX_PROTOCOL = 2**31 - 1


class OneWayRecord(NamedTuple):
    """One record.

    Attributes:
        line: Its place in the file, from 1.
        source: Address text of the sender.
        target: Address text of the receiver.
        source_port: None: the record has none.
        target_port: None: the record has none.
        protocol: IANA number; None: the record has none.
        packets: None: not counted.
        size: Bytes of whole packets; None: not counted.
        start: Microseconds since 1970.
        end: So too.
        is_accepted: False: rejected; None: the log does not say.
        flags: TCP flags that tell who opened: SYN alone, or SYN and ACK together where they mean one packet.
        outwards: 1 out of the interface, 0 into it, -1: not said.
        is_between: Logged on the way.
        interface: Where it was logged.
        account: Whose.
        printed: The addresses as the interface had them, where they are not those of the packet.
        is_asking: Of ICMP: whether its type is one by which a host asks; None: the type is not told.
    """

    line: int
    source: str
    target: str
    source_port: int | None
    target_port: int | None
    protocol: int | None
    packets: int | None
    size: int | None
    start: int | None
    end: int | None
    is_accepted: bool | None = True
    flags: int = 0
    outwards: int = -1
    is_between: bool = False
    interface: str | None = None
    account: str | None = None
    printed: tuple[str, str] | None = None
    is_asking: bool | None = None


class OneWay:
    """Gathers the records of one log.

    Args:
        source: The log; takes the counts.
        watch: Says whose an address is.
        ends: Names of the record's fields for the sender and the receiver.
        learns: Whether records are logged at interfaces whose own address is always one of the two.
    """

    def __init__(self, source: Source, watch: Watch, ends: tuple[str, str], *, learns: bool = False) -> None:
        self._learns = learns
        self._source = source
        self._sides = Sides(watch)
        self._rows = FlowRows(ends)
        self.full = self._rows.full

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        yield from self._rows.rest()

    def side(self, address: str) -> int:
        """The bits of an address; 0: it is none."""
        return self._sides[address]

    def set_aside(self, reason: str) -> None:
        """Count a sound record that is not followed up."""
        self._source.accept()
        self._source.not_resolved[reason] += 1

    def add(self, record: OneWayRecord, back: OneWayRecord | None = None) -> None:
        """Take one record: keep it, set it aside, or reject it.

        Args:
            record: What went from its source to its target.
            back: What the same record says of the other direction, with the ends turned round.
        """
        bits = self._sides[record.source], self._sides[record.target]
        if not all(bits):
            self._source.reject(record.line, NO_ADDRESS, expected=EXPECTED_ADDRESS)
        elif not is_sound(record) or (back is not None and back.size is None):
            self._source.reject(record.line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
        elif why := self._why_aside(record, bits):
            self.set_aside(why)
        else:
            self._source.accept()
            self._keep(record, bits)
            if back is not None:
                self._keep(back, (bits[1], bits[0]))

    def _why_aside(self, record: OneWayRecord, bits: tuple[int, int]) -> str | None:
        either = bits[0] | bits[1]
        if either & GROUP:
            return "multicast_or_broadcast"
        if bits[0] & bits[1] & OURS:
            return "local_to_local"
        if self._learns and not either & OURS and (pair := self._at_interface(record)) is not None:
            self._rows.learn(record.interface, pair[:16], pair[16:])
        remote = bits[1] if bits[0] & OURS else bits[0] if bits[1] & OURS else either
        if not remote & WATCHED:
            return "ip"
        if record.protocol in ICMP and not record.is_asking:
            return "icmp" if record.is_asking is None else "icmp_reports"
        return None

    def _keep(self, record: OneWayRecord, bits: tuple[int, int]) -> None:
        source, target = parse_address(record.source), parse_address(record.target)
        assert source is not None
        assert target is not None
        assert record.size is not None
        assert record.start is not None
        assert record.end is not None
        is_told = not self._learns or bool((bits[0] | bits[1]) & OURS)
        self._rows.add(
            record.line,
            source,
            target,
            sides=bits,
            ports=(_or_none(record.source_port), _or_none(record.target_port)),
            protocol=min(_or_none(record.protocol), _MAX_PROTOCOL),
            packets=record.packets or 0,
            size=record.size,
            start=record.start,
            end=record.end,
            is_accepted=record.is_accepted,
            flags=record.flags & 0xFF,
            outwards=record.outwards,
            is_between=record.is_between,
            interface=record.interface,
            account=record.account,
            at_interface=None if is_told else self._at_interface(record),
        )

    def _at_interface(self, record: OneWayRecord) -> bytes | None:
        source, target = (parse_address(text) for text in record.printed or (record.source, record.target))
        return None if source is None or target is None else source + target


def is_sound(record: OneWayRecord) -> bool:
    """Whether the numbers of a record can be what they say."""
    start, end = record.start, record.end
    if record.size is None or start is None or end is None:
        return False
    ports = max(record.source_port or 0, record.target_port or 0)
    return 0 <= start <= end <= LATEST_US and ports <= LAST_PORT


def _or_none(number: int | None) -> int:
    return -1 if number is None else number
