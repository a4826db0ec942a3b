from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.scan.network.queries import UNSTATED_LIFE_S
from beholden.scan.network.route53 import Route53Resolver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOG = DATA / "route53" / "resolver.json"
REAL = "data/inputs/ocsf/AWS/v1.5.0/Route53/samples/route53.raw"


def test_queries_and_aliases_of_our_hosts() -> None:
    rows = read(Route53Resolver(), LOG).rows
    assert [(row["field"], row["value"], row["own_host"], int(row["amount"] or 0)) for row in rows] == [
        ("dns.query", "shop.example.com", "10.0.0.5", 2),
        ("dns.answers", "edge.cdn.example", "10.0.0.5", 0),
        ("dns.query", "alerted.example.com", "198.51.100.7", 1),
    ]
    assert {str(row["acted_on"]) for row in rows} == {"2026-05-01"}


def test_what_is_no_service_in_use_is_counted_and_told() -> None:
    source = read(Route53Resolver(), LOG).source
    assert source.records_read == 7
    assert {key: count for key, count in source.not_resolved.items() if count} == {
        "dns_blocked": 1,
        "dns_no_such_name": 1,
        "dns_reverse_lookup": 1,
        "dns_other_class": 1,
    }
    assert any("cache" in note for note in source.notes)


def test_answers_tie_names_to_addresses_for_a_minute_since_no_ttl_is_logged() -> None:
    names = read(Route53Resolver(), LOG).names
    assert [(row["name"], row["address"][-4:]) for row in names] == [
        ("shop.example.com", bytes([192, 0, 2, 1])),
        ("edge.cdn.example", bytes([192, 0, 2, 1])),
        ("alerted.example.com", bytes([192, 0, 2, 81])),
    ]
    assert {(row["until"] - row["since"]).total_seconds() for row in names} == {UNSTATED_LIFE_S}


def test_an_export_of_cloudwatch_has_a_time_before_each_record(tmp_path: Path) -> None:
    path = tmp_path / "000000.gz"
    lines = [f"2026-05-01T08:00:09.123Z {line}" for line in LOG.read_text().splitlines()]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert accepts(Route53Resolver(), "\n".join(lines).encode()).accepted
    assert read(Route53Resolver(), path).rows == [
        {**row, "file": "000000.gz"} for row in read(Route53Resolver(), LOG).rows
    ]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param("{", "not a JSON object", id="cut"),
        pytest.param("[1]", "not a JSON object", id="a list"),
        pytest.param('{"a": ' * 5000, "not a JSON object", id="nested deep"),
        pytest.param('{"query_name": "a.example"}', "record without its fields", id="fields missing"),
        pytest.param(
            '{"query_name":5,"query_timestamp":"2026-05-01T08:00:00Z","query_type":"A","srcaddr":"10.0.0.5"}',
            "record without its fields",
            id="a number for a name",
        ),
        pytest.param(
            '{"query_name":"a.example","query_timestamp":"0001-01-01","query_type":"A","srcaddr":"10.0.0.5"}',
            "time out of range",
            id="before 1970",
        ),
    ],
)
def test_a_bad_record_is_rejected_and_the_rest_is_read(tmp_path: Path, record: str, reason: str) -> None:
    path = tmp_path / "log.json"
    good = LOG.read_text().splitlines()[0]
    path.write_text(f"{good}\n{record}\n\n")
    source = read(Route53Resolver(), path).source
    assert (source.records_read, dict(source.reasons)) == (1, {reason: 1})


@pytest.mark.parametrize("answers", ["x", [1, None, {"Rdata": None, "Type": "A"}, {"Type": "A"}], {"Rdata": "x"}])
def test_answers_of_another_shape_are_no_answers(tmp_path: Path, answers: object) -> None:
    path = tmp_path / "log.json"
    record = json.loads(LOG.read_text().splitlines()[0]) | {"answers": answers}
    path.write_text(json.dumps(record))
    result = read(Route53Resolver(), path)
    assert [row["field"] for row in result.rows] == ["dns.query"]
    assert result.names == []


def test_the_real_record_stands_over_several_lines(shared: Callable[[str], Path]) -> None:
    path = shared(REAL)
    assert accepts(Route53Resolver(), path.read_bytes()).accepted
    result = read(Route53Resolver(), path)
    record = json.loads(text_of(path))
    assert [(row["value"], row["own_host"]) for row in result.rows] == [
        (record["query_name"].rstrip("."), record["srcaddr"])
    ]
    assert (result.source.records_read, result.source.records_rejected) == (1, 0)


@pytest.mark.parametrize(
    "other", ['{"_path": "dns", "query": "a.example"}', "version account-id", '{"a": 1}\n{"b": 2}']
)
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(Route53Resolver(), other.encode()).accepted
