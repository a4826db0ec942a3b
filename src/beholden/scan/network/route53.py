"""Amazon Route 53 Resolver query logs: names that hosts of our VPCs asked for, what they were told, what was blocked.

The log holds what our own account's VPCs and inbound endpoints asked, so every client is ours. Answers have no TTL.

Source: Amazon Route 53 Developer Guide, "Resolver query logging" and "Values that appear in VPC Resolver query logs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.json_lines import json_object, leading_objects, whole_object
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.queries import BLOCKED, Answer, Queries, Query, came_to_nothing
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_REQUIRED = ("query_timestamp", "query_name", "query_type", "srcaddr")
# What the firewall does with a name of its lists; ALERT and ALLOW let it pass.
_BLOCK = "BLOCK"
_CHAIN = frozenset({"A", "AAAA", "CNAME"})
# An export of CloudWatch Logs puts the time of arrival before each record.
_LONGEST_STAMP = 40
# A record printed for people takes some thirty lines.
_SAMPLE_LINES = 80


class Route53Resolver:
    """Reads Route 53 Resolver query logs, as S3, CloudWatch Logs or Firehose hold them."""

    name = "route53-resolver"
    title = "Amazon Route 53 Resolver query log (JSON lines)"
    kinds = frozenset({Kind.DOMAIN})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the fields that no other log has together."""
        lines = [_without_stamp(line) for line in head.first_lines(_SAMPLE_LINES)]
        for record in leading_objects(lines):
            missing = [name for name in _REQUIRED if name not in record]
            if missing:
                return Acceptance.no(f"JSON without {', '.join(missing)}")
            return Acceptance.yes("Route 53 Resolver query log (JSON fields)", strength=95)
        return Acceptance.no("no JSON record of a Route 53 Resolver query log")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        queries = Queries(source, watch, all_ours=True)
        return with_rest(_gathered(source, queries), queries, lambda: _tell(source, queries))


def _gathered(source: Source, queries: Queries) -> Iterator[pa.RecordBatch]:
    lines = source.lines()
    for line, text in lines:
        if not text.strip():
            continue
        record = json_object(whole_object(_without_stamp(text), lines))
        if record is None:
            source.reject(line, "not a JSON object", expected="one JSON object a line")
            continue
        query = _query(source, line, record)
        if query is not None:
            source.accept()
            queries.add(query)
            yield from queries.full()


def _query(source: Source, line: int, record: dict[str, Any]) -> Query | None:
    """The query of a record; None where it is rejected or left out, which is counted."""
    texts = [record.get(name) for name in _REQUIRED]
    if not all(isinstance(text, str) for text in texts):
        source.reject(line, "record without its fields", expected=", ".join(_REQUIRED))
        return None
    stamp, name, rrtype, client = map(str, texts)
    seen = parse_seconds(stamp)
    if seen is None:
        source.reject(line, "time out of range", expected="ISO 8601 in query_timestamp")
        return None
    if record.get("query_class", "IN") != "IN":
        source.accept()
        source.not_resolved["dns_other_class"] += 1
        return None
    is_blocked = record.get("firewall_rule_action") == _BLOCK
    nothing = BLOCKED if is_blocked else came_to_nothing(str(record.get("rcode", "")))
    return Query(line, seen, client, name, rrtype, nothing=nothing, answers=_answers(record.get("answers")))


def _answers(records: Any) -> list[Answer]:  # noqa: ANN401 (whatever JSON holds)
    if not isinstance(records, list):
        return []
    chain = [record for record in records if isinstance(record, dict) and record.get("Type") in _CHAIN]
    return [(str(record.get("Rdata", "")), None) for record in chain]


def _without_stamp(text: str) -> str:
    stamp, space, rest = text.partition(" {")
    return f"{{{rest}" if space and len(stamp) <= _LONGEST_STAMP and stamp[:1].isdigit() else text


def _tell(source: Source, queries: Queries) -> None:
    queries.tell()
    if source.records_read:
        source.note("the resolver logs no query that it answered from its cache: repeats within a TTL are not counted")
