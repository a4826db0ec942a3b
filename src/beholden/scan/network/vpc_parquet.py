"""AWS VPC flow logs in Parquet, as S3 delivery writes them, or as tables made of the text: names with `_`.

Source: Amazon VPC user guide, "Flow log records" (names, Parquet types), "Flow log files" (Hive-compatible prefixes).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.interface import Acceptance
from beholden.scan.kernel.flow_columns import Records, read
from beholden.scan.kernel.judge import judge_of
from beholden.scan.kernel.vpc import REJECTS
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.vpc_flow import tell
from beholden.scan.network.vpc_layout import VpcLayout, header_layout
from beholden.scan.parquet import ParquetTable
from beholden.schema.traffic import FLOW
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.kernel.vpc import Part
    from beholden.scan.parquet import ColumnTable
    from beholden.scan.source import Source

# What a record is read as, by the column of the log.
_FIELDS = {
    "srcaddr": "source",
    "dstaddr": "target",
    "start": "start",
    "end": "end",
    "bytes": "size",
    "packets": "packets",
    "srcport": "source_port",
    "dstport": "target_port",
    "protocol": "protocol",
    "log-status": "status",
    "action": "action",
    "tcp-flags": "flags",
    "flow-direction": "direction",
    "pkt-srcaddr": "packet_source",
    "pkt-dstaddr": "packet_target",
    "interface-id": "interface",
    "account-id": "account",
}
# Texts that repeat.
_WORDS = (
    *("status", "action", "direction", "interface", "account"),
    *("source", "target", "packet_source", "packet_target"),
)
# Hive-compatible prefixes name the account in the path, too.
_ACCOUNT_IN_PATH = re.compile(r"(?:^|/)aws-account-id=(\d{12})/", re.ASCII)


class VpcParquet:
    """Reads AWS VPC flow logs in Parquet."""

    name = "vpc-flow-parquet"
    title = "AWS VPC flow log (Parquet)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the names of the columns."""
        layout = header_layout(list(head.fields))
        if layout is None:
            return Acceptance.no("no Parquet file with the columns of VPC flow logs")
        if layout.missing:
            return Acceptance.no(f"VPC flow log columns without {', '.join(layout.missing)}", near=True)
        return Acceptance.yes("VPC flow log columns (Parquet)", 95)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The file is not readable as Parquet, or a column has a type that it never has.
        """
        marks: Counter[str] = Counter()
        reading = _Reading(source, watch, lambda: ParquetTable(source), marks)
        yield from with_rest(reading.gathered(), None, lambda: self.tell(source, marks))

    def columns_read(self, leaves: Sequence[str]) -> list[str]:
        """The columns of a flow log."""
        return sorted(set(_columns(_names(leaves)).values()))

    def scan_table(
        self, source: Source, watch: Watch, table: ColumnTable, marks: Counter[str]
    ) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of a part of a table."""
        return _Reading(source, watch, lambda: table, marks).gathered()

    def tell(self, source: Source, marks: Mapping[str, int]) -> None:
        """Say what the records cannot say."""
        tell(source, has_action=not marks.get(_WITHOUT_ACTION), in_between=marks.get(_BETWEEN, 0))


_WITHOUT_ACTION, _BETWEEN = "without action", "between"


def _names(columns: Iterable[str]) -> dict[str, str]:
    """The columns of a table by the names of the log; the first of several."""
    names = {name.lower().replace("_", "-"): name for name in reversed(list(columns))}
    for end in ("src", "dst"):
        if (packet := names.get(f"pkt-{end}addr")) is not None:
            names.setdefault(f"{end}addr", packet)
    return names


def _columns(names: Mapping[str, str]) -> dict[str, str]:
    """The columns of a table by what they are read as."""
    return {field: names[column] for column, field in _FIELDS.items() if column in names}


class _Reading:
    def __init__(self, source: Source, watch: Watch, opened: Callable[[], ColumnTable], marks: Counter[str]) -> None:
        self._source = source
        self._open = opened
        self._marks = marks
        self._judge = judge_of(watch)
        self._rows = 0

    def gathered(self) -> Iterator[pa.RecordBatch]:
        table = self._open()
        layout = VpcLayout(tuple(_names(table.schema.names)))
        if layout.missing:
            raise self._source.error(f"the columns lack {', '.join(layout.missing)}")
        columns = _columns(_names(table.schema.names))
        self._marks[_WITHOUT_ACTION] += "action" not in columns
        account = _ACCOUNT_IN_PATH.search(self._source.path)
        words = [columns[field] for field in _WORDS if field in columns]
        for batch in table.batches(sorted(set(columns.values())), words):
            given = {field: batch.column(name) for field, name in columns.items()}
            if "account" not in given and account is not None:
                given["account"] = pa.repeat(account[1], batch.num_rows)
            yield from self._batches_of(self._read(given))

    def _read(self, given: dict[str, pa.Array]) -> Part:
        try:
            return read(Records(**given), self._judge)
        except (TypeError, ValueError, OverflowError, pa.ArrowException) as error:
            raise self._source.error(f"a column is not as in a VPC flow log: {error}", line=self._rows + 1) from error

    def _batches_of(self, part: Part) -> Iterator[pa.RecordBatch]:
        source = self._source
        source.accept(part.accepted)
        source.not_resolved.update(part.counts)
        source.reject_all(part.wrong, [(self._rows + line, reason, REJECTS[reason]) for line, reason in part.rejects])
        self._marks[_BETWEEN] += part.between
        if len(part.flows):
            line = pc.add(part.flows.column(0), self._rows)
            yield part.flows.set_column(0, FLOW.field(0), line).replace_schema_metadata(part.flows.schema.metadata)
        if len(part.interfaces):
            yield part.interfaces
        self._rows += part.lines
