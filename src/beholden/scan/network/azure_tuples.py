"""What Azure's flow logs have in common: documents of records whose flows are tuples, and states that sum up.

A flow has a beginning (B, no counts), goes on (C) and ends (E), each with what passed since the last; D was denied. The
direction is that of the flow at the machine where it was logged, so who opened it is known, and which end is ours.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from beholden.scan.interface import Acceptance
from beholden.scan.network.json_stream import Object, head_objects, json_records
from beholden.scan.network.json_values import inner, text_of
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.one_way import EXPECTED_NUMBERS, OUT_OF_RANGE
from beholden.scan.network.two_way import TwoWay, TwoWayRecord, has_content

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

HOLDER = "records"
BEGIN, CONTINUING, END, DENIED = "B", "C", "E", "D"
STATES = frozenset({BEGIN, CONTINUING, END, DENIED})
# The words for the ends of a tuple that Azure's documentation has.
ENDS = ("Source IP", "Destination IP")
MALFORMED = "malformed flow tuple"
_MAX_OPEN = 100_000


class Tuple(NamedTuple):
    """One tuple.

    Attributes:
        moment: Microseconds since 1970.
        source: Address text.
        target: Address text.
        source_port: As printed.
        target_port: As printed.
        protocol: IANA number.
        is_outbound: From the machine where it was logged.
        state: B, C, E or D; None: the log has none.
        packets: From source to target, and back; None: not counted.
        sizes: Bytes, so too.
    """

    moment: int
    source: str
    target: str
    source_port: int
    target_port: int
    protocol: int
    is_outbound: bool
    state: str | None
    packets: tuple[int, int] | None
    sizes: tuple[int, int] | None


def accepts_records(head: InputHead, category: str, mark: str) -> Acceptance:
    """Decide from the head whether a document is the flow log of that category.

    Args:
        head: First bytes of the file.
        category: What each record says of itself.
        mark: A field that only this log has, where a record is longer than the head.
    """
    for record in head_objects(head, HOLDER):
        if record.get("category") == category:
            return Acceptance.yes(f"Azure flow log ({category})", 100)
        return Acceptance.no(f"JSON records of another category than {category}")
    text = head.text
    if text.lstrip()[:1] == "{" and f'"{category}"' in text and f'"{mark}"' in text and '"flowTuples"' in text:
        return Acceptance.yes(f"Azure flow log ({category})", 95)
    return Acceptance.no(f"no JSON record of the category {category}")


def scan_records(
    source: Source,
    watch: Watch,
    groups: Callable[[Object], Iterator[tuple[str | None, Any]]],
    read: Callable[[str, Object], Tuple],
) -> Iterator[pa.RecordBatch]:
    """Give CONTACT records of addresses that are watched.

    Args:
        source: The log.
        watch: Says whose an address is.
        groups: The tuples of a record, with the machine they were logged at.
        read: Reads one tuple of a record; raises ValueError where it is none.

    Raises:
        ScanError: The data is damaged or too large; records so far are given first.
    """
    contacts = TwoWay(source, watch, ENDS)
    return with_rest(_gathered(source, contacts, groups, read), contacts, lambda: _tell(source, contacts))


def _gathered(
    source: Source,
    contacts: TwoWay,
    groups: Callable[[Object], Iterator[tuple[str | None, Any]]],
    read: Callable[[str, Object], Tuple],
) -> Iterator[pa.RecordBatch]:
    flows = _Flows()
    for line, record in json_records(source, HOLDER):
        account = _subscription(record)
        has_any = False
        for machine, tuples in groups(record):
            for text in tuples if isinstance(tuples, list) else []:
                has_any = True
                try:
                    found = read(text, record) if isinstance(text, str) else None
                except ValueError:
                    source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
                    continue
                if found is None:
                    source.reject(line, MALFORMED, expected="text")
                    continue
                if found.state is None:
                    source.note("tuples of version 1 count nothing: what was let through counts as tried only")
                _take(line, found, contacts, flows, machine, account)
                yield from contacts.full()
        if not has_any:
            source.reject(line, "record without flow tuples", expected="flowTuples")


class _Flows:
    """Flows that go on: what has passed in the tuples of a flow so far holds for its last one, too."""

    def __init__(self) -> None:
        self._open: OrderedDict[Hashable, tuple[bool, bool]] = OrderedDict()

    def content(self, found: Tuple, machine: str | None) -> tuple[bool, bool]:
        """Whether each direction need have carried content, up to this tuple."""
        is_v6 = ":" in found.source
        sizes, packets = found.sizes or (0, 0), found.packets or (0, 0)
        here = [has_content(found.protocol, packets[at], sizes[at], is_v6=is_v6) for at in (0, 1)]
        key = (machine, *found[1:6])
        before = self._open.pop(key, (False, False))
        both = (here[0] or before[0], here[1] or before[1])
        if found.state == CONTINUING and any(both):
            self._open[key] = both
            if len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)
        return both


def _take(line: int, found: Tuple, contacts: TwoWay, flows: _Flows, machine: str | None, account: str | None) -> None:
    if found.state == BEGIN:
        # What passes is told by the tuples that follow.
        contacts.set_aside("flow_begins")
        return
    content = flows.content(found, machine)
    sizes = found.sizes or (0, 0)
    is_denied = found.state == DENIED
    contacts.add(
        TwoWayRecord(
            line,
            found.source,
            found.target,
            found.target_port,
            found.protocol,
            found.moment,
            found.moment,
            sent=sizes[0],
            received=sizes[1],
            has_sent_content=content[0],
            has_received_content=content[1],
            is_denied=is_denied,
            opener_is_ours=found.is_outbound,
            # A flow that goes on is one flow.
            stands_for=int(found.state != CONTINUING),
            state=found.state,
            account=account,
            interface=machine,
        )
    )


def machine_of(value: Any) -> str | None:  # noqa: ANN401 (whatever JSON holds)
    """The hardware address of a machine, as records have it."""
    return text_of(value)


def _subscription(record: Object) -> str | None:
    for name in ("targetResourceID", "resourceId"):
        parts = (text_of(record.get(name)) or "").split("/")
        if len(parts) > 2 and parts[1].lower() == "subscriptions":
            return parts[2].lower()
    return None


def _tell(source: Source, contacts: TwoWay) -> None:
    contacts.tell()
    counts = source.not_resolved
    if count := counts["flow_begins"]:
        source.note(f"{count} tuples only say that a flow begins: what passed is in the tuples that follow")
    if source.records_read:
        source.note("bytes are those of whole packets, headers included")


def items(value: Any, *names: str) -> Iterator[Any]:  # noqa: ANN401
    """The objects of a list inside fields; nothing where there is none."""
    found = inner(value, *names)
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict):
            yield item
