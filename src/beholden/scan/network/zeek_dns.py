"""Zeek `dns` logs: the names our hosts asked for, and whom they asked.

A query shows intent, not traffic, so names are `probable`; that the resolver was sent the query is `confirmed` once
it answered.

Source: Zeek manual, base/protocols/dns/main.zeek.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, Sides
from beholden.scan.network.tally import Shape, Tally
from beholden.scan.network.zeek_records import EMPTY, SET_SEPARATOR, UNSET, accepts_log, read_records, unescape
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = ("ts", "id.orig_h", "id.resp_h", "query", "qtype_name", "rcode", "rcode_name", "rejected", "answers")
_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_LISTS = frozenset({"answers"})
_MARKS = ("query", "qtype_name", "trans_id")

QUERIED = Shape(
    Kind.DOMAIN,
    Direction.OUT,
    "dns.query",
    relation=Relation.SERVICE_ENDPOINT,
    certainty="probable",
    counted="queries",
)
# Where the name leads: who runs that host decides what the tie is, so the matched asset does.
ALIAS = Shape(Kind.DOMAIN, Direction.OUT, "dns.answers", certainty="probable")
RESOLVER = Shape(Kind.IP, Direction.OUT, "dns.resolver", counted="queries")
SILENT_RESOLVER = Shape(Kind.IP, Direction.OUT, "dns.resolver", certainty="probable", counted="queries")

# Answers to these carry addresses, and host names only as aliases on the way.
_ALIAS_TYPES = frozenset({"A", "AAAA", "CNAME"})
_MAX_ALIASES = 20


class ZeekDns:
    """Reads Zeek dns logs, TSV or JSON lines."""

    name = "zeek-dns"
    title = "Zeek dns log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "dns", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day; and by resolver.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._tally = Tally(source.path)
        self._aliases_cut = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._tally.rest, self._tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        source = self._source
        records = read_records(source, "dns", _COLUMNS, _REQUIRED, _LISTS)
        for line, seconds, cells, client, server in placed(records, self._sides, source):
            source.accept()
            if client & OURS:
                self._query(line, seconds, cells, server)
            else:
                self._set_aside(client, server)
            yield from self._tally.full()

    def _set_aside(self, client: int, server: int) -> None:
        if server & OURS:
            self._source.not_resolved["dns_queries_from_outside"] += 1
        elif client & GROUP or self._sides.has_own_networks:
            self._source.not_resolved["neither_side_ours"] += 1
        else:
            self._source.not_resolved["our_side_unknown"] += 1

    def _query(self, line: int, seconds: float, cells: tuple[str, ...], server: int) -> None:
        own = self._sides.canonical(cells[1])
        self._resolver(line, seconds, cells, server, own)
        if cells[3] in (UNSET, EMPTY):
            self._source.not_resolved["dns_without_query"] += 1
            return
        if cells[6].upper() == "NXDOMAIN" or cells[5] == "3" or cells[7] == "T":
            self._source.not_resolved["dns_no_such_name"] += 1
            return
        raw = unescape(cells[3])
        name = normalise_host(raw)
        if name is None:
            self._source.not_resolved["dns_not_a_host_name"] += 1
            return
        if why := not_outside(name):
            self._source.not_resolved[why] += 1
            return
        self._tally.add(QUERIED, name, own, line, seconds, detail={"qtype": cells[4]}, raw=raw)
        if cells[8] != UNSET and cells[4] in _ALIAS_TYPES:
            self._aliases(line, seconds, cells[8], name, own)

    def _resolver(self, line: int, seconds: float, cells: tuple[str, ...], server: int, own: str) -> None:
        if not server & FOREIGN:
            return
        if not server & WATCHED:
            self._source.not_resolved["ip"] += 1
            return
        silent = cells[5] == UNSET and cells[6] == UNSET
        shape = SILENT_RESOLVER if silent else RESOLVER
        self._tally.add(shape, self._sides.canonical(cells[2]), own, line, seconds, raw=cells[2])

    def _aliases(self, line: int, seconds: float, answers: str, queried: str, own: str) -> None:
        texts = answers.split(SET_SEPARATOR)
        self._aliases_cut += len(texts) > _MAX_ALIASES
        for text in texts[:_MAX_ALIASES]:
            raw = unescape(text)
            name = normalise_host(raw)
            if name is not None and name != queried and not not_outside(name):
                self._tally.add(ALIAS, name, own, line, seconds, detail={"queried": queried}, raw=raw)

    def _tell(self) -> None:
        source, counts = self._source, self._source.not_resolved
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} queries run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if count := counts["dns_no_such_name"]:
            source.note(f"{count} queries were refused or for names that do not exist: no service in use")
        if self._aliases_cut:
            source.note(f"{self._aliases_cut} answers list more than {_MAX_ALIASES} records: the rest was not read")
