"""Zeek `conn` logs: who opened the connection, and what left our side.

Source: Zeek manual, base/protocols/conn/main.zeek (`conn_state`, `history`, `local_orig`, `missed_bytes`).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.errors import ScanError
from beholden.scan.kernel.judge import judge_of
from beholden.scan.kernel.parts import bytes_of, in_order, whole_lines
from beholden.scan.kernel.zeek import COLUMNS, LOG, REJECTS, REQUIRED, ConnLayout, Part, reader
from beholden.scan.kernel.zeek_rows import ConnRecords, header_lines
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.zeek_records import Header, accepts_log, read_records
from beholden.scan.traffic.rows import BATCH_ROWS
from beholden.schema.traffic import CONTACT
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.kernel.parts import Text
    from beholden.scan.source import Source

_MARKS = ("conn_state",)
# In `Source.settled`: how records are written.
_FORM = "conn"


class ZeekConn:
    """Reads Zeek conn logs, TSV or JSON lines."""

    name = "zeek-conn"
    title = "Zeek conn log (TSV or JSON lines)"
    kinds = frozenset({Kind.IP})
    can_be_followed = True
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, LOG, REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give CONTACT records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._judge = judge_of(watch)
        self._header = Header()
        self._layout = ConnLayout()
        # Read so far, of parts that were given.
        self._lines = 0
        self._missed = 0
        self._on_the_wire = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        joined = _Joined()
        return with_rest(joined.of(self._gathered()), joined, self._tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        parts = whole_lines(self._source)
        first = bytes_of(next(parts, b""))
        is_tsv = first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#")
        # A log of objects that is followed may come to have a line with `#`, at which a portion may begin.
        if self._source.settled.setdefault(_FORM, "tsv" if is_tsv else "objects") == "tsv":
            yield from self._tsv(chain([first], parts))
        else:
            # Objects of JSON may stand over many lines, which parts would cut.
            yield from self._one_by_one()

    def _one_by_one(self) -> Iterator[pa.RecordBatch]:
        records = ConnRecords(self._judge)
        failure: ScanError | None = None
        try:
            for line, cells in read_records(self._source, LOG, COLUMNS, REQUIRED):
                if (reason := records.record(line, cells)) is not None:
                    self._source.reject(line, reason, expected=REJECTS[reason])
                elif records.kept >= BATCH_ROWS:
                    yield from self._batches_of(records.taken())
        except ScanError as error:
            # What came before is whole.
            failure = error
        yield from self._batches_of(records.taken())
        if failure is not None:
            raise failure

    def _tsv(self, parts: Iterable[Text]) -> Iterator[pa.RecordBatch]:
        read = reader(self._judge)

        def ahead(text: Text) -> tuple[ConnLayout, Part | None]:
            # Row by row nothing is won by reading ahead.
            layout = self._layout
            return layout, read(text, 0, layout) if layout.regular else None

        for text, (layout, found) in in_order(self._begun(parts), ahead):
            at: int | None = 0
            # A file that was joined from several has several headers, most of which say the same.
            part = found if layout == self._layout else None
            while at is not None:
                part = part or read(text, at, self._layout)
                yield from self._batches_of(part)
                self._lines += part.lines
                at = None if part.stopped_at is None else self._headers(bytes_of(text), part.stopped_at)
                part = None

    def _begun(self, parts: Iterable[Text]) -> Iterator[Text]:
        """The parts, but for the header that the first begins with."""
        for nth, text in enumerate(parts):
            if nth:
                yield text
            else:
                data = bytes_of(text)
                yield data[self._headers(data, 0) :]

    def _headers(self, text: bytes, at: int) -> int:
        """Take the `#` lines that stand at a byte; where they end."""
        layout = self._layout.layout
        for line, end in header_lines(text, at):
            self._lines += 1
            at = end
            if line and self._header.read(line):
                layout = self._header.layout(self._source, self._lines, COLUMNS, REQUIRED, frozenset())
        self._layout = ConnLayout(layout, is_other_log=self._header.path not in (None, LOG))
        return at

    def _batches_of(self, part: Part) -> Iterator[pa.RecordBatch]:
        source, layout, before = self._source, self._layout, self._lines
        source.accept(part.accepted)
        source.not_resolved.update(part.counts)
        source.reject_all(part.wrong, [(before + line, why, layout.expected(why)) for line, why in part.rejects])
        self._missed += part.missed
        self._on_the_wire += part.on_the_wire
        if part.contacts is not None:
            lines = part.contacts.column("lines")
            moved = pa.ListArray.from_arrays(lines.offsets, pc.add(lines.values, before))
            yield part.contacts.set_column(0, CONTACT.field("lines"), moved).replace_schema_metadata(
                part.contacts.schema.metadata
            )

    def _tell(self) -> None:
        source = self._source
        if count := source.not_resolved["inbound_unanswered"]:
            source.note(f"{count} connections from outside got no answer with content: counted, not an act of ours")
        if count := source.not_resolved["neither_side_ours"]:
            source.note(
                f"{count} connections have neither side in our networks (carried or mirrored traffic): left out; "
                "if some are yours, name your networks in beholden.toml"
            )
        if count := source.not_resolved["our_side_unknown"]:
            source.note(
                f"{count} connections run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if self._missed:
            source.note(f"Zeek missed {self._missed} bytes (missed_bytes): sums may be too low")
        if self._on_the_wire:
            source.note(
                f"{self._on_the_wire} outbound connections have no orig_bytes: "
                "their bytes on the wire (orig_ip_bytes, headers included) stand for what was sent"
            )


class _Joined:
    """The same rows in fewer batches: of each part few are kept, and every batch has its price."""

    def __init__(self) -> None:
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def of(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Take batches and give larger ones."""
        for batch in batches:
            self._held.append(batch)
            self._rows += len(batch)
            if self._rows >= BATCH_ROWS:
                yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is held."""
        if self._held:
            held, self._held, self._rows = self._held, [], 0
            yield pa.concat_batches(held)
