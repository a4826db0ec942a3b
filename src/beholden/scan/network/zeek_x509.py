"""Zeek `x509` logs: the hosts that certificates seen on the wire were issued to.

The log says which certificates went by, not who showed them to whom: that stands in `ssl.log`, under the fingerprint.
By itself a certificate may be that of a service in use or of a server of ours, and shared ones list the hosts of many
parties. So it gives only the host it was issued to (the common name, or the first DNS name without one), as `probable`
and without a direction: a trace to look into, no use of a service.

Source: Zeek manual, base/files/x509/main.zeek (`certificate.*`, `san.dns`, `basic_constraints.ca`, `host_cert`,
`client_cert`; a certificate is written again after a day).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.certificates import certified_host, subject_host
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.tally import Shape, Tally
from beholden.scan.network.zeek_records import (
    EMPTY,
    SET_SEPARATOR,
    UNSET,
    Record,
    accepts_log,
    read_records,
    unescape,
)
from beholden.schema.vocabulary import Direction, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = (
    "ts",
    "certificate.subject",
    "san.dns",
    "certificate.issuer",
    "certificate.not_valid_after",
    "basic_constraints.ca",
    "host_cert",
    "client_cert",
    "fingerprint",
)
_REQUIRED = ("ts", "certificate.subject")
_LISTS = frozenset({"san.dns"})
_MARKS = ("certificate.subject",)
_NOTHING = frozenset({UNSET, EMPTY})
_MAX_TEXT = 255

ISSUED_TO = Shape(Kind.DOMAIN, Direction.NONE, "certificate.subject", certainty="probable")
ALTERNATIVE = Shape(Kind.DOMAIN, Direction.NONE, "san.dns", certainty="probable")


class ZeekX509:
    """Reads Zeek x509 logs, TSV or JSON lines."""

    name = "zeek-x509"
    title = "Zeek x509 log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN})
    can_be_followed = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "x509", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum certificates of servers by the host they were issued to and the day.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        del watch  # The log names no address.
        yield from _Reading(source).batches()


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tally = Tally(source.path)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._tally, self._tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        for line, cells in read_records(self._source, "x509", _COLUMNS, _REQUIRED, _LISTS):
            seconds = parse_seconds(cells[0])
            if seconds is None:
                self._source.reject(line, "time out of range", expected="seconds since 1970 or ISO 8601")
                continue
            self._source.accept()
            self._certificate((line, cells), seconds)
            yield from self._tally.full()

    def _certificate(self, record: Record, seconds: float) -> None:
        line, cells = record
        counts = self._source.not_resolved
        # A certificate that signs itself may call itself an authority, so the place in the chain comes first.
        if cells[6] == "F" or (cells[6] == UNSET and cells[5] == "T"):
            counts["certificate_of_an_authority"] += 1
            return
        if cells[7] == "T":
            counts["certificate_of_a_client"] += 1
            return
        others = _alternatives(cells[2])
        host, shape = subject_host("" if cells[1] in _NOTHING else unescape(cells[1])), ISSUED_TO
        if host is None:
            host, shape = (others[0], ALTERNATIVE) if others else (None, ALTERNATIVE)
        if host is None:
            counts["certificate_without_host"] += 1
            return
        if further := len(set(others) - {host}):
            counts["certificate_other_hosts"] += further
        facts = {"issuer": cells[3], "valid_until": cells[4], "fingerprint": cells[8]}
        detail = {name: unescape(text)[:_MAX_TEXT] for name, text in facts.items() if text not in _NOTHING}
        self._tally.add(shape, host, "", line, seconds, detail=detail)

    def _tell(self) -> None:
        counts = self._source.not_resolved
        self._source.note(
            "an x509 log does not say who showed a certificate to whom: its hosts are traces, "
            "and the ssl log of the same sensor tells which of them were used"
        )
        if count := counts["certificate_other_hosts"]:
            self._source.note(f"{count} further host names in certificates (SAN) are left out: certificates are shared")


def _alternatives(names: str) -> list[str]:
    if names in _NOTHING:
        return []
    hosts = (certified_host(unescape(name)) for name in names.split(SET_SEPARATOR))
    return [host for host in hosts if host is not None]
