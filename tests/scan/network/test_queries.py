from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from beholden.scan.interface import Watch
from beholden.scan.network.queries import BLOCKED, UNSTATED_LIFE_S, Answer, Queries, Query, came_to_nothing
from beholden.scan.source import Source
from beholden.schema.naming import NAMING
from beholden.values.suffixes import WatchedNames

if TYPE_CHECKING:
    from pathlib import Path


NOON = 1_714_521_600.0


class Summed:
    """Queries added by hand, and the rows that they become."""

    def __init__(self, path: Path, watch: Watch | None = None, *, all_ours: bool = False) -> None:
        self.source = Source(path / "dns.log", "dns.log")
        self.queries = Queries(self.source, watch or Watch(), all_ours=all_ours)

    def add(self, name: str | None = "shop.example.com", **facts: Any) -> Summed:
        about = {"seen": NOON, "client": "10.0.0.5", "rrtype": "A", **facts}
        self.queries.add(Query(1, name=name, **about))
        return self

    def rows(self) -> list[dict[str, Any]]:
        return [row for batch in self._batches() if not batch.schema.equals(NAMING) for row in batch.to_pylist()]

    def names(self) -> list[tuple[str, str, str | None, float]]:
        """Name, address, client and seconds of life."""
        told = [row for batch in self._batches() if batch.schema.equals(NAMING) for row in batch.to_pylist()]
        return [
            (
                row["name"],
                text_of(row["address"]),
                row["client"] and text_of(row["client"]),
                (row["until"] - row["since"]).total_seconds(),
            )
            for row in told
        ]

    def _batches(self) -> list[pa.RecordBatch]:
        self.queries.tell()
        return list(self.queries.rest())


def text_of(packed: bytes) -> str:
    address = ipaddress.IPv6Address(packed)
    return str(address.ipv4_mapped or address)


def test_the_query_names_our_host_and_the_resolver_outside_that_answered(tmp_path: Path) -> None:
    rows = Summed(tmp_path).add(server="203.0.113.53").rows()
    assert [(row["field"], row["value"], row["own_host"], row["certainty"]) for row in rows] == [
        ("dns.resolver", "203.0.113.53", "10.0.0.5", "confirmed"),
        ("dns.query", "shop.example.com", "10.0.0.5", "probable"),
    ]


def test_a_resolver_that_is_not_known_to_have_answered_is_probable(tmp_path: Path) -> None:
    rows = Summed(tmp_path).add(server="203.0.113.53", is_answered=False).rows()
    assert [row["certainty"] for row in rows if row["field"] == "dns.resolver"] == ["probable"]


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        pytest.param({"nothing": BLOCKED}, "dns_blocked", id="the log says that it was blocked"),
        pytest.param({"answers": [("0.0.0.0", 2.0), ("::", 2.0)]}, "dns_blocked", id="answered with nowhere"),
        pytest.param({"nothing": came_to_nothing("nxdomain")}, "dns_no_such_name", id="no such name"),
        pytest.param({"nothing": came_to_nothing("5")}, "dns_no_such_name", id="refused"),
        pytest.param({"name": None}, "dns_without_query", id="no name"),
        pytest.param({"name": "192.0.2.1"}, "dns_not_a_host_name", id="an address"),
        pytest.param({"name": "printer"}, "dns_single_label", id="one label"),
        pytest.param({"name": "4.3.2.1.in-addr.arpa"}, "dns_reverse_lookup", id="reverse"),
        pytest.param({"client": "198.51.100.7"}, "dns_queries_from_outside", id="a client outside asked our server"),
        pytest.param({"client": "198.51.100.7", "server": "203.0.113.5"}, "our_side_unknown", id="both outside"),
    ],
)
def test_what_is_no_service_in_use_is_counted(tmp_path: Path, facts: dict[str, Any], key: str) -> None:
    summed = Summed(tmp_path).add(**facts)
    assert summed.rows() == []
    assert {name: count for name, count in summed.source.not_resolved.items() if count} == {key: 1}


def test_a_server_failure_is_still_intent(tmp_path: Path) -> None:
    assert came_to_nothing("SERVFAIL") is None
    assert came_to_nothing("2") is None
    assert [row["field"] for row in Summed(tmp_path).add(nothing=came_to_nothing("SERVFAIL")).rows()] == ["dns.query"]


def test_answers_of_black_lists_do_not_look_like_a_filter(tmp_path: Path) -> None:
    assert Summed(tmp_path).add(answers=[("127.0.0.4", 60.0)]).rows()


@pytest.mark.parametrize(
    ("client", "own"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", id="the host of the resolver itself"),
        pytest.param("::1", "::1", id="the same over IPv6"),
        pytest.param(None, None, id="the log does not say"),
    ],
)
def test_clients_of_our_own_resolver(tmp_path: Path, client: str | None, own: str | None) -> None:
    assert [row["own_host"] for row in Summed(tmp_path).add(client=client).rows()] == [own]


CHAIN: list[Answer] = [("edge.cdn.example.", 300.0), ("192.0.2.1", 60.0), ("2001:db8::1", 30.0)]


def test_every_name_of_the_chain_stands_for_the_addresses_as_long_as_they_live(tmp_path: Path) -> None:
    summed = Summed(tmp_path).add(answers=CHAIN)
    assert summed.names() == [
        ("shop.example.com", "192.0.2.1", "10.0.0.5", 60),
        ("edge.cdn.example", "192.0.2.1", "10.0.0.5", 60),
        ("shop.example.com", "2001:db8::1", "10.0.0.5", 30),
        ("edge.cdn.example", "2001:db8::1", "10.0.0.5", 30),
    ]


def test_the_alias_says_what_was_queried(tmp_path: Path) -> None:
    rows = [row for row in Summed(tmp_path).add(answers=CHAIN).rows() if row["field"] == "dns.answers"]
    assert [(row["value"], row["relation"], json.loads(row["detail"])) for row in rows] == [
        ("edge.cdn.example", None, {"queried": "shop.example.com"})
    ]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"rrtype": "TXT", "answers": [("192.0.2.1", 60.0)]}, id="text that looks like an address"),
        pytest.param({"nothing": BLOCKED, "answers": [("192.0.2.1", 60.0)]}, id="the page of a filter"),
        pytest.param({"answers": [("127.0.0.4", 60.0)]}, id="loopback"),
    ],
)
def test_what_ties_no_name_to_an_address(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert Summed(tmp_path).add(**facts).names() == []


def test_only_names_of_interest_are_kept(tmp_path: Path) -> None:
    summed = Summed(tmp_path, Watch(names=WatchedNames({"edge.cdn.example": True}))).add(answers=CHAIN)
    assert {name for name, *_ in summed.names()} == {"edge.cdn.example"}


def test_answers_beyond_the_bound_are_told(tmp_path: Path) -> None:
    summed = Summed(tmp_path).add(answers=[(f"192.0.2.{number}", 60.0) for number in range(30)])
    assert len(summed.names()) == 20
    assert summed.source.notes == ["1 answers list more than 20 records: the rest was not read"]


def test_an_answer_without_a_ttl_holds_for_a_minute(tmp_path: Path) -> None:
    summed = Summed(tmp_path).add(answers=[("192.0.2.1", None)])
    assert summed.names() == [("shop.example.com", "192.0.2.1", "10.0.0.5", UNSTATED_LIFE_S)]


def test_a_query_of_unknown_date_is_no_dated_act_and_ties_no_name(tmp_path: Path) -> None:
    summed = Summed(tmp_path).add(seen=None, answers=CHAIN)
    summed.add(seen=None)
    summed.add()
    rows = [row for row in summed.rows() if row["field"] == "dns.query"]
    assert [(row["acted_on"] is None, row["first_seen"] is None, int(row["amount"])) for row in rows] == [
        (True, True, 2),
        (False, False, 1),
    ]
    assert Summed(tmp_path).add(seen=None, answers=CHAIN).names() == []


@pytest.mark.parametrize(
    ("client", "own"),
    [pytest.param("198.51.100.7", "198.51.100.7", id="public"), pytest.param("?", None, id="no address")],
)
def test_a_log_of_our_own_account_holds_our_own_queries(tmp_path: Path, client: str, own: str | None) -> None:
    rows = Summed(tmp_path, all_ours=True).add(client=client).rows()
    assert [row["own_host"] for row in rows] == [own]
