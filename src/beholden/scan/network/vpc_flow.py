"""AWS VPC flow log text: what left our interfaces, to whom, and who opened the conversation.

Bytes include packet headers. Replies to somebody else's probe are never counted as sent.

Source: Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from beholden.scan.interface import SliceEnd
from beholden.scan.kernel.judge import judge_of
from beholden.scan.kernel.parts import bytes_of, in_order, whole_lines
from beholden.scan.kernel.vpc import REJECTS, Part, reader
from beholden.scan.kernel.vpc_rows import cells_of, lines
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.vpc_layout import VpcLayout, accepts_text, default_layout, header_layout
from beholden.schema.traffic import FLOW
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.kernel.parts import Text
    from beholden.scan.slices import SliceSource
    from beholden.scan.source import Source


_WITHOUT_ACTION, _BETWEEN = "without action", "between"


class VpcFlow:
    """Reads AWS VPC flow log text, default order or any order with a header."""

    name = "vpc-flow"
    title = "AWS VPC flow log (text, versions 2 and later)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the header, or by records that can only be the default order."""
        return accepts_text(head)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        end = SliceEnd()
        yield from with_rest(_Reading(source, watch, end).gathered(), None, lambda: self.tell(source, end.marks))

    def columns_of(self, head: InputHead) -> tuple[str, ...] | None:
        """The columns of a file that begins with them, or with a record in the default order."""
        for _, _, line in lines(head.data):
            cells = cells_of(line)
            found = header_layout(cells) or default_layout(" ".join(cells))
            if found is not None:
                return None if found.missing else found.names
        return None

    def scan_slice(
        self, source: SliceSource, watch: Watch, columns: tuple[str, ...], end: SliceEnd
    ) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of a slice."""
        return _Reading(source, watch, end, VpcLayout(columns)).gathered(is_head_here=source.is_first)

    def tell(self, source: Source, marks: Mapping[str, int]) -> None:
        """Say what the records cannot say."""
        tell(source, has_action=not marks.get(_WITHOUT_ACTION), in_between=marks.get(_BETWEEN, 0))


class _Reading:
    def __init__(self, source: Source, watch: Watch, end: SliceEnd, expected: VpcLayout | None = None) -> None:
        self._source = source
        self._read = reader(judge_of(watch))
        self._end = end
        self._expected = expected

    def gathered(self, *, is_head_here: bool = True) -> Iterator[pa.RecordBatch]:
        layout = None if is_head_here else self._expected
        parts = _Parts(whole_lines(self._source))
        while (text := parts.peek()) is not None:
            if layout is None:
                layout, rest = self._begin(bytes_of(text))
                parts.replace(rest)
                if self._expected is not None and layout not in (None, self._expected):
                    self._end.is_of_the_head = False
                    return
                continue
            yield from self._records(parts, layout)
            # A file that was joined from several has several headers.
            layout = None

    def _records(self, parts: _Parts, layout: VpcLayout) -> Iterator[pa.RecordBatch]:
        """Read until a line names columns anew, or the file ends."""
        for text, part in in_order(parts.take(), lambda text: self._read(text, layout)):
            stopped_at = part.stopped_at
            parts.done(b"" if stopped_at is None else bytes_of(text)[stopped_at:])
            yield from self._batches_of(part)
            if stopped_at is not None:
                return

    def _begin(self, text: bytes) -> tuple[VpcLayout | None, bytes]:
        """Find what the columns are: a header, or a record in the default order, which is left in the rest."""
        for _, at, line in lines(text):
            cells = cells_of(line)
            found = header_layout(cells)
            if found is None and (default := default_layout(" ".join(cells))) is not None:
                return default, text[at:]
            self._end.lines += 1
            if found is not None:
                if found.missing:
                    raise self._source.error(f"the header lacks {', '.join(found.missing)}", line=self._end.lines)
                self._end.marks[_WITHOUT_ACTION] += "action" not in found.names
                return found, text[at + len(line) :]
            if cells:
                self._source.reject(
                    self._end.lines, "wrong column count", expected="a header, or 14 columns in the default order"
                )
        return None, b""

    def _batches_of(self, part: Part) -> Iterator[pa.RecordBatch]:
        source = self._source
        source.accept(part.accepted)
        source.not_resolved.update(part.counts)
        source.reject_all(
            part.wrong, [(self._end.lines + line, reason, REJECTS[reason]) for line, reason in part.rejects]
        )
        self._end.marks[_BETWEEN] += part.between
        if len(part.flows):
            line = pc.add(part.flows.column(0), self._end.lines)
            yield part.flows.set_column(0, FLOW.field(0), line).replace_schema_metadata(part.flows.schema.metadata)
        if len(part.interfaces):
            yield part.interfaces
        self._end.lines += part.lines


class _Parts:
    """The parts of a file; what was handed out to be read can be taken back."""

    def __init__(self, parts: Iterator[Text]) -> None:
        self._parts = parts
        self._next: deque[Text] = deque()
        self._out: deque[Text] = deque()

    def peek(self) -> Text | None:
        """The next part; None at the end."""
        # What a reader had taken ahead and not read comes again.
        while self._out:
            self._next.appendleft(self._out.pop())
        if not self._next:
            self._next.extend(islice(self._parts, 1))
        return self._next[0] if self._next else None

    def replace(self, rest: bytes) -> None:
        """Put what is left of the next part in its place."""
        self._next.popleft()
        if rest:
            self._next.appendleft(rest)

    def take(self) -> Iterator[Text]:
        """Hand out parts."""
        while True:
            self._next.extend(() if self._next else islice(self._parts, 1))
            if not self._next:
                return
            self._out.append(self._next.popleft())
            yield self._out[-1]

    def done(self, rest: bytes) -> None:
        """The oldest part handed out was read, but for the rest."""
        self._out.popleft()
        if rest:
            self._out.appendleft(rest)


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
