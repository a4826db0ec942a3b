"""Flows that nfdump prints, whatever the layout: one way, or both with the sender of the first packet first.

TCP flags are those of all packets of a flow together, so they tell who opened it only where SYN stands without ACK.
Times carry no zone. A flow that passes several exporters is there several times.

Source: nfdump(1) (`-o csv`, `-o json`, `-b`, `-B`), and what nfdump 1.7.1 prints of a real capture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.network.json_values import count_of, moment_of, text_of
from beholden.scan.network.one_way import (
    ECHO_REQUESTS,
    EXPECTED_NUMBERS,
    ICMP,
    OUT_OF_RANGE,
    OneWay,
    OneWayRecord,
)
from beholden.scan.network.protocols import protocol_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.scan.source import Source

_SYN = 2
_DROPPED = range(128, 192)  # RFC 7270 section 4.12: the two highest bits are 10
# From here on a time in digits counts milliseconds.
_MILLISECONDS = 10**11

# Names of what is read, in the order of FIELDS, for the classic CSV, the later one, and JSON.
FIELDS = (
    "start",
    "end",
    "source",
    "target",
    "source_port",
    "target_port",
    "protocol",
    "flags",
    "status",
    "packets",
    "size",
    "packets_back",
    "size_back",
    "icmp_type",
    "router",
)


class NfdumpFlows:
    """Takes the flows of one file.

    Args:
        source: The file.
        flows: Takes the records.
    """

    def __init__(self, source: Source, flows: OneWay) -> None:
        self._source = source
        self._flows = flows
        self._routers: set[str] = set()
        self.sampled = 0
        self.has_both_ways = False

    def add(self, line: int, values: Mapping[str, Any]) -> None:
        """Take one flow.

        Args:
            line: Where it stands.
            values: By FIELDS, as printed.
        """
        try:
            there = _record(line, values)
            packets, size = count_of(values.get("packets_back")), count_of(values.get("size_back"))
        except ValueError:
            self._source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
            return
        if (router := text_of(values.get("router"))) is not None and len(self._routers) < 2:
            self._routers.add(router)
        back = None
        if size:
            # Flags of both directions are in one; the sender of the first packet stands first.
            there = there._replace(flags=0)
            back = there._replace(
                source=there.target,
                target=there.source,
                source_port=there.target_port,
                target_port=there.source_port,
                packets=packets,
                size=size,
            )
            self.has_both_ways = True
        self._flows.add(there, back)

    def tell(self) -> None:
        """Say in the coverage what such records cannot say."""
        source = self._source
        counts = source.not_resolved
        if count := counts["icmp"]:
            source.note(f"{count} ICMP records do not say who asked and who answered: left out")
        if not source.records_read:
            return
        source.note("times carry no zone and are read as UTC; print them with TZ=UTC")
        source.note(
            "bytes are those of whole packets, headers included; who opened a flow is told by a SYN without ACK, "
            "start times and ports"
        )
        if len(self._routers) > 1:
            source.note("several exporters: a flow that passes more than one is counted more than once")
        if self.sampled:
            source.note(f"{self.sampled} records are from sampled packets: bytes and packets are estimates")


def _record(line: int, values: Mapping[str, Any]) -> OneWayRecord:
    protocol = protocol_number(values.get("protocol"))
    source_port, target_port, asked = values.get("source_port"), values.get("target_port"), values.get("icmp_type")
    is_asking: bool | None = None
    if protocol in ICMP:
        kind = _icmp_type(asked, target_port)
        is_asking = None if kind is None else kind in ECHO_REQUESTS
        source_port = target_port = None
    status = count_of(values.get("status"))
    return OneWayRecord(
        line,
        str(values.get("source", "")),
        str(values.get("target", "")),
        count_of(source_port),
        count_of(target_port),
        protocol,
        count_of(values.get("packets")),
        count_of(values.get("size")),
        _moment(values.get("start")),
        _moment(values.get("end")),
        is_accepted=status is None or status not in _DROPPED,
        flags=_opening(values.get("flags")),
        is_asking=is_asking,
    )


def _icmp_type(asked: Any, target_port: Any) -> int | None:  # noqa: ANN401 (as printed)
    """The type: by itself, as `type.code` in the place of the port, or there in the higher byte."""
    if (kind := count_of(asked)) is not None:
        return kind
    kind_text, dot, _ = str(target_port if target_port is not None else "").partition(".")
    if dot:
        return count_of(kind_text)
    port = count_of(target_port)
    return None if port is None else port >> 8


def _opening(flags: Any) -> int:  # noqa: ANN401 (as printed)
    text = flags if isinstance(flags, str) else ""
    return _SYN if "S" in text and "A" not in text else 0


def _moment(value: Any) -> int | None:  # noqa: ANN401 (as printed)
    if isinstance(value, str) and value.isdigit() and value.isascii():
        value = count_of(value)
    return moment_of(value, 1_000 if isinstance(value, int) and value >= _MILLISECONDS else 1)
