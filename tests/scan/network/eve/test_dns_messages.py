from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.eve.events import FAR, OWN, eve, event
from tests.scan.network.reading import DATA, Read, read, text_of
from tests.scan.network.summed import text_of as address_of

from beholden.scan.network.eve import dns_messages
from beholden.scan.network.eve.reader import SuricataEve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESOLVER = "198.51.100.53"
NAME = "shop.example.com"


def asked(**facts: Any) -> dict[str, Any]:
    """A query, in the direction in which it was sent."""
    return _message({"type": "query", "id": 7, "rrname": NAME, "rrtype": "A", **facts})


def answered(facts: dict[str, Any], *, in_flow: bool = False) -> dict[str, Any]:
    """An answer, in its own direction or in that of the flow."""
    message = {"type": "answer", "id": 7, "rcode": "NOERROR", **facts}
    back = {"src_ip": RESOLVER, "src_port": 53, "dest_ip": OWN, "dest_port": 40000}
    return _message(message) if in_flow else _message(message, **back)


def _message(message: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return event("dns", dns=message, **{"dest_ip": RESOLVER, "dest_port": 53, "proto": "UDP", **facts})


def queries(result: Read) -> list[tuple[str, int]]:
    return [(row["value"], row["count"]) for row in result.rows if row["field"] == "dns.query"]


def resolvers(result: Read) -> list[tuple[str, str, int]]:
    return [(row["value"], row["certainty"], row["count"]) for row in result.rows if row["field"] == "dns.resolver"]


def told(result: Read) -> list[tuple[str, str, float]]:
    return [
        (row["name"], address_of(row["address"]), (row["until"] - row["since"]).total_seconds()) for row in result.names
    ]


def record(name: str, rrtype: str, rdata: str, ttl: int = 60) -> dict[str, Any]:
    return {"rrname": name, "rrtype": rrtype, "ttl": ttl, "rdata": rdata}


CHAIN: list[dict[str, Any]] = [record(NAME, "CNAME", "edge.example.net", 300), record("edge.example.net", "A", FAR)]
DETAILED: dict[str, Any] = {"rrname": NAME, "rrtype": "A", "answers": CHAIN}
ASKED = {"rrname": NAME, "rrtype": "A"}
GROUPED: dict[str, Any] = {**ASKED, "grouped": {"A": [FAR], "CNAME": ["edge.example.net"], "TXT": ["x"]}}
ARRAYS: dict[str, Any] = {"version": 3, "type": "response", "queries": [ASKED], "answers": CHAIN}
REQUEST: dict[str, Any] = {"version": 3, "type": "request", "rrname": None, "queries": [ASKED]}
LATER = "2024-05-01T02:05:00.000000+0200"


@pytest.mark.parametrize(
    ("records", "life"),
    [
        pytest.param([asked(), *(answered(one) for one in CHAIN)], 60, id="version 1: an event for each record"),
        pytest.param([asked(), answered(DETAILED)], 60, id="version 2, detailed"),
        pytest.param([asked(), answered(DETAILED, in_flow=True)], 60, id="version 2, printed as the flow runs"),
        pytest.param([asked(), answered(DETAILED | {"grouped": GROUPED["grouped"]})], 60, id="version 2, both"),
        pytest.param([asked(), answered(GROUPED)], None, id="version 2, grouped: no TTL"),
        pytest.param([asked(**REQUEST), answered(ARRAYS)], 60, id="version 3"),
        pytest.param([answered(ARRAYS), asked(**REQUEST)], 60, id="written by two threads"),
        pytest.param([answered(DETAILED)], 60, id="only answers are logged"),
        pytest.param([answered(ARRAYS)], 60, id="only answers are logged, version 3"),
    ],
)
def test_a_query_and_its_answer_are_one_in_every_layout(
    tmp_path: Path, records: list[dict[str, Any]], life: float | None
) -> None:
    result = eve(tmp_path, *records)
    assert queries(result) == [(NAME, 1)]
    assert resolvers(result) == [(RESOLVER, "confirmed", 1)]
    assert [(row["value"], row["own_host"]) for row in result.rows if row["field"] == "dns.answers"] == [
        ("edge.example.net", OWN)
    ]
    assert [(name, address) for name, address, _ in told(result)] == [(NAME, FAR), ("edge.example.net", FAR)]
    if life is not None:
        assert {seconds for *_, seconds in told(result)} == {life}


def test_a_query_without_an_answer_says_so_of_the_resolver(tmp_path: Path) -> None:
    result = eve(tmp_path, asked())
    assert (queries(result), resolvers(result)) == ([(NAME, 1)], [(RESOLVER, "probable", 1)])


def test_names_that_do_not_exist_are_no_service(tmp_path: Path) -> None:
    result = eve(tmp_path, asked(), answered({"rcode": "NXDOMAIN", "rrname": NAME, "rrtype": "A"}))
    assert queries(result) == []
    assert dict(result.source.not_resolved) == {"dns_no_such_name": 1}


def test_what_was_seen_twice_is_one_query(tmp_path: Path) -> None:
    result = eve(tmp_path, asked(), asked(), answered(DETAILED), answered(DETAILED), asked())
    assert queries(result) == [(NAME, 1)]
    assert len(result.names) == 2


def test_a_number_that_is_used_again_is_another_query(tmp_path: Path) -> None:
    other = asked(rrname="other.example.com")
    assert queries(eve(tmp_path, asked(), answered(DETAILED), other)) == [(NAME, 1), ("other.example.com", 1)]
    later = [{**record, "timestamp": LATER} for record in (asked(), answered(DETAILED))]
    assert queries(eve(tmp_path, asked(), answered(DETAILED), *later)) == [(NAME, 2)]
    assert queries(eve(tmp_path, answered(DETAILED), later[1])) == [(NAME, 2)]


def test_queries_wait_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_messages, "_MAX_WAITING", 2)
    result = eve(tmp_path, *(asked(id=number) for number in range(5)), answered({**DETAILED, "id": 0}))
    # The answer to one that had to make room is a query of its own: nothing is lost, one may count twice.
    assert queries(result) == [(NAME, 6)]


@pytest.mark.parametrize(
    "dns",
    [
        None,
        [],
        "x",
        {"type": 5},
        {"type": "query", "queries": 5},
        {"type": "query", "rrname": ["a"], "id": {}},
        {"type": "answer", "answers": [None, 5, {"rdata": {}, "ttl": "soon"}], "rrname": NAME, "rrtype": "A"},
        {"type": "answer", "grouped": {"A": 5, "CNAME": [None]}, "rrname": NAME, "rrtype": "A"},
        {"type": "response", "queries": [[]], "rcode": []},
        {"type": "answer", "rrname": "a" * 100_000, "rdata": "b" * 100_000, "rrtype": "A", "ttl": 1e300},
        {"type": "answer", "answers": [record(NAME, "A", f"203.0.113.{number}") for number in range(200)]},
    ],
)
def test_whatever_stands_in_a_message_is_borne(tmp_path: Path, dns: object) -> None:
    records = [event("dns", dns=dns, dest_port=53), asked(id=8), answered({**DETAILED, "id": 8})]
    result = eve(tmp_path, *records)
    assert result.source.records_read == 3
    assert (NAME, 1) in queries(result) or (NAME, 2) in queries(result)


def test_the_fixture_holds_all_versions() -> None:
    result = read(SuricataEve(), DATA / "suricata" / "eve.json")
    names = [f"{label}.example.com" for label in ("v1", "v2", "v3", "silent")]
    assert queries(result) == [(name, 1) for name in names]


def test_queries_of_the_real_log_are_those_an_independent_count_finds(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/suricata/slips-test6.eve.json.gz")
    # The sensor saw every packet twice.
    asked_once, answered_once = set(), set()
    for line in text_of(path).splitlines():
        record = json.loads(line)
        dns = record.get("dns", {})
        key = record["flow_id"], dns.get("id"), dns.get("rrname")
        if dns.get("type") == "query":
            asked_once.add(key)
        answered_once |= {(*key, answer["rdata"]) for answer in dns.get("answers", ()) if answer["rrtype"] == "A"}
    result = read(SuricataEve(), path)
    found: Counter[str] = Counter()
    for name, count in queries(result):
        found[name] += count
    assert found == Counter(name for *_, name in asked_once)
    tied = Counter((row["name"], address_of(row["address"])) for row in result.names if row["name"] in found)
    # The name that the one TLS session of the log carried is among them.
    tied["www.myedimax.com", "122.248.252.67"] -= 1
    assert +tied == Counter((name, address) for *_, name, address in answered_once)
    assert len(asked_once) == 170
