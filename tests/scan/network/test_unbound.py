from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, accepts, read

from beholden.scan.network.unbound import Unbound

if TYPE_CHECKING:
    from pathlib import Path

LOG = DATA / "unbound" / "unbound.log"


def counts(path: Path) -> dict[str, int]:
    return {key: count for key, count in read(Unbound(), path).source.not_resolved.items() if count}


def test_a_query_and_its_reply_count_once() -> None:
    rows = read(Unbound(), LOG).rows
    assert [(row["value"], row["own_host"], int(row["amount"])) for row in rows] == [
        ("shop.example.com", "10.0.0.5", 2),
        ("api.example.org", "10.0.0.6", 1),
    ]
    assert {(row["certainty"], row["relation"], str(row["acted_on"])) for row in rows} == {
        ("probable", "service_endpoint", "2026-05-01")
    }


def test_what_is_no_service_in_use_is_counted() -> None:
    assert counts(LOG) == {
        "dns_no_such_name": 1,
        "dns_blocked": 2,
        "dns_answered_by_us": 1,
        "dns_queries_from_outside": 1,
        "dns_without_query": 1,
        "dns_other_class": 1,
        "line_of_another_kind": 1,
    }


def write(path: Path, *lines: str) -> Path:
    log = path / "unbound.log"
    log.write_text("\n".join(lines) + "\n")
    return log


ASKED = "10.0.0.5 shop.example.com. A IN"


@pytest.mark.parametrize(
    ("front", "day"),
    [
        pytest.param("[1777622400] unbound[412:0] info: ", "2026-05-01", id="epoch"),
        pytest.param("[1777622400] unbound[412:0] query: ", "2026-05-01", id="tagged"),
        pytest.param("2026-05-01T08:00:00.125+00:00 unbound[412:a] query: ", "2026-05-01", id="ISO 8601"),
        pytest.param("May 01 08:00:00 unbound[412:0] info: ", None, id="ASCII time without a year"),
        pytest.param("May  1 08:00:00 ns1 unbound: [412:0] info: ", None, id="syslog, program without pid"),
        pytest.param("May  1 08:00:00 ns1 unbound[412]: [412:0] info: ", None, id="syslog"),
        pytest.param("<30>1 2026-05-01T08:00:00Z ns1 unbound[412]: [412:0] info: ", "2026-05-01", id="RFC 5424"),
        pytest.param(
            '<30>1 2026-05-01T08:00:00Z ns1 unbound 412 - [meta sequenceId="7"] [412:0] reply: ',
            "2026-05-01",
            id="data",
        ),
    ],
)
def test_whatever_stands_in_front(tmp_path: Path, front: str, day: str | None) -> None:
    path = write(tmp_path, front + ASKED)
    assert accepts(Unbound(), path.read_bytes()).accepted
    rows = read(Unbound(), path).rows
    assert [(row["value"], row["acted_on"] and str(row["acted_on"])) for row in rows] == [("shop.example.com", day)]


INFO = "[1777622400] unbound[412:0] info: "


def test_replies_alone_count_each(tmp_path: Path) -> None:
    path = write(tmp_path, *[f"{INFO}{ASKED} NOERROR 0.01 0 90"] * 3)
    assert [int(row["amount"]) for row in read(Unbound(), path).rows] == [3]


def test_queries_alone_count_each_and_coverage_says_that_failures_are_not_known(tmp_path: Path) -> None:
    path = write(tmp_path, *[f"{INFO}{ASKED}"] * 3)
    result = read(Unbound(), path)
    assert [int(row["amount"]) for row in result.rows] == [3]
    assert any("log-replies" in note for note in result.source.notes)


def test_a_retransmission_before_the_reply_counts_as_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, f"{INFO}{ASKED}", f"{INFO}{ASKED}", f"{INFO}{ASKED} NXDOMAIN 0.01 0 90")
    result = read(Unbound(), path)
    assert [int(row["amount"]) for row in result.rows] == [1]
    assert counts(path) == {"dns_no_such_name": 1}


@pytest.mark.parametrize("act", ["deny", "always_nxdomain", "always_null", "always_refuse", "inform_deny"])
def test_an_act_of_a_local_zone_counts_where_no_query_is_logged(tmp_path: Path, act: str) -> None:
    path = write(tmp_path, f"{INFO}ads.example. {act} 10.0.0.5@40000 x.ads.example. A IN")
    assert counts(path) == {"dns_blocked": 1}


@pytest.mark.parametrize("act", ["inform", "transparent", "always_transparent"])
def test_a_zone_that_lets_pass_is_no_query_of_its_own(tmp_path: Path, act: str) -> None:
    line = f"{INFO}example.com. {act} 10.0.0.5@40000 shop.example.com. A IN"
    path = write(tmp_path, f"{INFO}{ASKED}", line)
    assert [int(row["amount"]) for row in read(Unbound(), path).rows] == [1]


def test_a_policy_that_lets_pass_blocks_nothing(tmp_path: Path) -> None:
    line = f"{INFO}rpz: applied [allow] example.com. rpz-passthru 10.0.0.5@40000 shop.example.com. A IN"
    path = write(tmp_path, f"{INFO}{ASKED}", line)
    assert [int(row["amount"]) for row in read(Unbound(), path).rows] == [1]


def test_bad_lines_are_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, f"{INFO}10.0.0.999 a.example. A IN", f"{INFO}10.0.0.5 {'a' * 5000}. A IN")
    assert dict(read(Unbound(), path).source.reasons) == {"not an address": 1, "line too long for a query": 1}


@pytest.mark.parametrize("other", ["", f"{INFO}start of service", "[1777622400] dnsmasq[1]: 10.0.0.5 a. A IN"])
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(Unbound(), other.encode()).accepted
