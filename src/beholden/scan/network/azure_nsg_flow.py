"""Azure network security group flow logs, versions 1 and 2: by rule and machine, tuples of eight or thirteen values.

Version 1 counts nothing: an allowed flow is known to have been let through, not whether anything passed, so it counts
as tried.

Source: Azure Network Watcher, "Flow logging for network security groups" (log format, versions 1 and 2).
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
from beholden.scan.network.two_way import TCP, UDP
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.network.json_stream import Object
    from beholden.scan.source import Source

_CATEGORY = "NetworkSecurityGroupFlowEvent"
_PROTOCOLS = {"T": TCP, "U": UDP}
_FIRST_WIDTH, _SECOND_WIDTH = 8, 13


class AzureNsgFlow:
    """Reads Azure network security group flow logs."""

    name = "azure-nsg-flow"
    title = "Azure network security group flow log (JSON, versions 1 and 2)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the category of the records."""
        return accepts_records(head, _CATEGORY, "rule")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give CONTACT records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        return scan_records(source, watch, _groups, _read)


def _groups(record: Object) -> Iterator[tuple[str | None, Any]]:
    for rule in items(inner(record, "properties"), "flows"):
        for flow in items(rule, "flows"):
            yield machine_of(flow.get("mac")), flow.get("flowTuples")


def _read(text: str, _: Object) -> Tuple:
    """One tuple.

    Raises:
        ValueError: It is none.
    """
    cells = text.split(",")
    if len(cells) not in (_FIRST_WIDTH, _SECOND_WIDTH) or cells[6] not in ("I", "O") or cells[7] not in ("A", "D"):
        raise ValueError("wrong number of values, unknown direction or decision")
    moment, source_port, target_port = (count_of(cell) for cell in (cells[0], cells[3], cells[4]))
    protocol = _PROTOCOLS.get(cells[5])
    if moment is None or source_port is None or target_port is None or protocol is None:
        raise ValueError("lacks a number")
    is_counted = len(cells) == _SECOND_WIDTH
    state = DENIED if cells[7] == "D" else cells[8] if is_counted else None
    if state is not None and state not in STATES:
        raise ValueError("unknown state")
    counted = [count_of(cell) or 0 for cell in cells[9:]] if is_counted and state not in (BEGIN, DENIED) else None
    return Tuple(
        moment_of(moment) or 0,
        cells[1],
        cells[2],
        source_port,
        target_port,
        protocol,
        is_outbound=cells[6] == "O",
        state=state,
        packets=(counted[0], counted[2]) if counted else None,
        sizes=(counted[1], counted[3]) if counted else None,
    )
