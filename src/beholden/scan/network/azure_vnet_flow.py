"""Azure virtual network flow logs: records with flows, groups by rule and tuples of thirteen values.

Source: Azure Network Watcher, "Virtual network flow logs" (log format, version 4; flow state, flow encryption).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.network.azure_tuples import (
    BEGIN,
    DENIED,
    STATES,
    Tuple,
    accepts_records,
    items,
    machine_of,
    scan_records,
)
from beholden.scan.network.json_values import count_of, inner, moment_of
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.network.json_stream import Object
    from beholden.scan.source import Source

_CATEGORY = "FlowLogFlowEvent"
_WIDTH = 13


class AzureVnetFlow:
    """Reads Azure virtual network flow logs."""

    name = "azure-vnet-flow"
    title = "Azure virtual network flow log (JSON, version 4)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the category of the records."""
        return accepts_records(head, _CATEGORY, "flowGroups")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give CONTACT records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        return scan_records(source, watch, _groups, _read)


def _groups(record: Object) -> Iterator[tuple[str | None, Any]]:
    machine = machine_of(record.get("macAddress"))
    for flow in items(inner(record, "flowRecords"), "flows"):
        for group in items(flow, "flowGroups"):
            yield machine, group.get("flowTuples")


def _read(text: str, _: Object) -> Tuple:
    """One tuple.

    Raises:
        ValueError: It is none.
    """
    cells = text.split(",")
    state = cells[7] if len(cells) > 7 else ""
    # Counts may be left out where none are told.
    if len(cells) != _WIDTH and not (state in (BEGIN, DENIED) and len(cells) >= _WIDTH - 4):
        raise ValueError("wrong number of values")
    if state not in STATES or cells[6] not in ("I", "O"):
        raise ValueError("unknown state or direction")
    moment, *numbers = (count_of(cell) for cell in (cells[0], *cells[3:6]))
    if moment is None or None in numbers:
        raise ValueError("lacks a number")
    source_port, target_port, protocol = (number or 0 for number in numbers)
    counted = [count_of(cell) or 0 for cell in [*cells[9:], *[""] * (_WIDTH - len(cells))]]
    # Milliseconds; the first of these logs had seconds.
    per_second = 1_000 if moment >= 10**11 else 1
    return Tuple(
        moment_of(moment, per_second) or 0,
        cells[1],
        cells[2],
        source_port,
        target_port,
        protocol,
        is_outbound=cells[6] == "O",
        state=state,
        packets=(counted[0], counted[2]),
        sizes=(counted[1], counted[3]),
    )
