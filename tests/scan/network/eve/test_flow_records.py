from __future__ import annotations

import ipaddress
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.eve.events import FAR, OWN, TIME, eve, event
from tests.scan.network.reading import DATA, read, text_of, watching

from beholden.scan.interface import Watch
from beholden.scan.network.eve.reader import SuricataEve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OTHER = "198.51.100.9"
LATER = "2024-05-01T02:00:05.000000+0200"


def flow(there: tuple[int, int], back: tuple[int, int], flags: Any = None, **facts: Any) -> dict[str, Any]:
    """A flow of (packets, bytes) each way, with TCP flags each way."""
    about = {
        "pkts_toserver": there[0],
        "bytes_toserver": there[1],
        "pkts_toclient": back[0],
        "bytes_toclient": back[1],
        "start": TIME,
        "end": LATER,
    }
    about.update(facts.pop("flow", {}))
    tcp = {} if flags is None else {"tcp": {"tcp_flags_ts": flags[0], "tcp_flags_tc": flags[1]}}
    return event("flow", flow=about, **tcp, **facts)


SENT = [("sent", "confirmed", "out", FAR), ("received", "confirmed", "out", FAR)]
LIKELY_SENT = [(what, "probable", *rest) for what, _, *rest in SENT]
TRIED = [("attempted", "probable", "out", FAR)]
IN = {"src_ip": FAR, "src_port": 50000, "dest_ip": OWN, "dest_port": 443}
ANSWERED = [("received", "confirmed", "in", FAR), ("replied", "confirmed", "in", FAR)]
UDP = {"proto": "UDP"}
DROPPED = {"flow": {"action": "drop"}}


@pytest.mark.parametrize(
    ("record", "rows"),
    [
        pytest.param(flow((10, 2000), (9, 9000), ("1b", "1b")), SENT, id="content both ways"),
        pytest.param(flow((5, 350), (5, 9000), ("13", "1b")), SENT, id="the server spoke first"),
        pytest.param(flow((4, 280), (3, 214), ("1b", "13")), SENT, id="little content, but PSH tells of it"),
        pytest.param(flow((4, 2000), (0, 0), ("1a", "00")), SENT, id="only our direction was seen"),
        pytest.param(flow((3, 234), (0, 0), ("02", "00")), TRIED, id="nobody answered"),
        pytest.param(flow((3, 300), (0, 0), ("02", "00")), TRIED, id="tunnel headers make an opening no content"),
        pytest.param(flow((1, 74), (1, 60), ("02", "14")), TRIED, id="refused"),
        pytest.param(flow((4, 280), (3, 214), ("13", "13")), TRIED, id="opened and closed without content"),
        pytest.param(flow((4, 280), (3, 214)), TRIED, id="the same without flags"),
        pytest.param(flow((4, 380), (3, 280), ("13", "13"), src_ip="fd00::5", dest_ip="2001:db8::7"),
                     [("attempted", "probable", "out", "2001:db8::7")], id="headers of IPv6 are longer"),
        pytest.param(flow((6, 1500), (1, 74), ("1a", "12"), **DROPPED), TRIED, id="dropped before an answer"),
        pytest.param(flow((6, 1500), (5, 900), ("1a", "1a"), **DROPPED), LIKELY_SENT, id="dropped after an answer"),
        pytest.param(flow((1, 200), (0, 0), **UDP), SENT, id="a datagram"),
        pytest.param(flow((2, 120), (0, 0), **UDP), TRIED, id="datagrams without content"),
        pytest.param(flow((1, 98), (1, 98), proto="ICMP", icmp_type=8), SENT, id="ping, answered"),
        pytest.param(flow((1, 98), (0, 0), proto="ICMP", icmp_type=8), TRIED, id="ping, not answered"),
        pytest.param(flow((8, 1800), (8, 7000), ("1b", "1b"), **IN), ANSWERED, id="we answered"),
        pytest.param(flow((8, 1800), (8, 7000), **IN, **UDP), ANSWERED, id="we answered datagrams"),
        pytest.param(flow((8, 1800), (8, 7000), ("1b", "1b"), **IN, **DROPPED),
                     [(what, "probable", *rest) for what, _, *rest in ANSWERED], id="we answered, or were cut off"),
        pytest.param(flow((8, 7000), (8, 1800), ("18", "18"), src_port=443, dest_port=50000),
                     [("received", "probable", "in", FAR), ("replied", "probable", "in", FAR)],
                     id="the middle of what they opened"),
    ],
)  # fmt: skip
def test_what_a_flow_amounts_to(tmp_path: Path, record: dict[str, Any], rows: list[tuple[str, ...]]) -> None:
    found = eve(tmp_path, record).rows
    assert [(row["what"], row["certainty"], row["direction"], row["value"]) for row in found] == rows


@pytest.mark.parametrize(
    ("record", "why"),
    [
        pytest.param(flow((2, 120), (2, 120), ("16", "14"), **IN), "inbound_unanswered", id="probe, reset"),
        pytest.param(flow((1, 74), (0, 0), ("02", "00"), **IN), "inbound_unanswered", id="probe"),
        pytest.param(flow((1, 60), (1, 60), ("29", "14"), **IN), "inbound_unanswered", id="probe with PSH but no ACK"),
        pytest.param(flow((9, 4000), (4, 280), ("1b", "13"), **IN), "inbound_unanswered", id="no content of ours"),
        pytest.param(flow((1, 98), (1, 98), proto="ICMP", icmp_type=8, **IN), "inbound_unanswered", id="pinged"),
        pytest.param(flow((1, 200), (0, 0), src_port=53, dest_port=50000, **UDP), "inbound_unanswered", id="reply"),
        pytest.param(flow((1, 60), (0, 0), ("04", "00")), "midstream_without_payload", id="our reset"),
        pytest.param(flow((1, 98), (0, 0), proto="ICMP", icmp_type=3), "icmp_reports", id="our report"),
        pytest.param(flow((8, 1800), (8, 7000), dest_ip="10.0.0.6"), "local_to_local", id="among us"),
        pytest.param(flow((3, 300), (0, 0), dest_ip="224.0.0.251"), "multicast_or_broadcast", id="to a group"),
        pytest.param(flow((8, 1800), (8, 7000), src_ip=OTHER), "our_side_unknown", id="between others"),
    ],
)  # fmt: skip
def test_what_is_no_act_of_ours_is_counted(tmp_path: Path, record: dict[str, Any], why: str) -> None:
    result = eve(tmp_path, record)
    assert result.rows == []
    assert dict(result.source.not_resolved) == {why: 1}


def test_where_networks_are_named_flows_between_others_are_carried(tmp_path: Path) -> None:
    watch = Watch(own_networks=(ipaddress.ip_network("192.0.2.0/24"),))
    result = eve(tmp_path, flow((8, 1800), (8, 7000)), watch=watch)
    assert dict(result.source.not_resolved) == {"neither_side_ours": 1}


def test_addresses_that_nobody_watches_are_counted(tmp_path: Path) -> None:
    result = eve(
        tmp_path, flow((8, 1800), (8, 7000), **IN), flow((8, 1800), (8, 7000)), watch=Watch(addresses=watching())
    )
    assert result.rows == []
    assert dict(result.source.not_resolved) == {"ip": 2}


def test_a_flow_is_of_the_time_it_ran_not_of_the_time_it_was_written(tmp_path: Path) -> None:
    row = eve(tmp_path, flow((8, 1800), (8, 7000), timestamp="2024-05-09T00:00:00+0000")).rows[0]
    assert str(row["acted_on"]) == "2024-05-01"
    assert (str(row["first_seen"]), str(row["last_seen"])) == ("2024-05-01 00:00:00+00:00", "2024-05-01 00:00:05+00:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"pkts_toserver": "many"},
        {"bytes_toclient": -1},
        {"bytes_toserver": 2**64},
        {"bytes_toserver": True},
        {"start": "yesterday"},
        {"start": None},
    ],
)
def test_a_flow_without_counts_or_start_is_rejected(tmp_path: Path, wrong: dict[str, Any]) -> None:
    result = eve(tmp_path, flow((8, 1800), (8, 7000), flow=wrong))
    assert result.rows == []
    assert dict(result.source.reasons) == {"not a flow": 1}


def half(source: str, target: str, sent: tuple[int, int], flags: str | None, **facts: Any) -> dict[str, Any]:
    ports = {"src_port": 443, "dest_port": 40000} if source == FAR else {}
    netflow = {"pkts": sent[0], "bytes": sent[1], "start": TIME, "end": LATER}
    about: dict[str, Any] = {"src_ip": source, "dest_ip": target, "netflow": netflow, **ports}
    if flags is not None:
        about["tcp"] = {"tcp_flags": flags}
    return event("netflow", **about, **facts)


def test_the_two_directions_of_a_netflow_are_one_flow(tmp_path: Path) -> None:
    there, back = half(OWN, FAR, (10, 2000), "1b"), half(FAR, OWN, (9, 9000), "1b")
    result = eve(tmp_path, there, half(OWN, OTHER, (1, 78), "02", flow_id=2), back)
    assert sorted((row["value"], row["what"], int(row["amount"]), row["lines"]) for row in result.rows) == [
        (OTHER, "attempted", 1, [2]),
        (FAR, "received", 9000, [1, 3]),
        (FAR, "sent", 2000, [1, 3]),
    ]


def test_directions_that_came_the_wrong_way_round_are_told_by_the_ports(tmp_path: Path) -> None:
    there, back = half(OWN, FAR, (10, 2000), "1b"), half(FAR, OWN, (9, 9000), "1b")
    result = eve(tmp_path, back, there)
    assert (result.totals("sent"), result.totals("received")) == ({FAR: 2000}, {FAR: 9000})


@pytest.mark.parametrize(
    ("flags", "proto"),
    [
        pytest.param(("02", "14"), "TCP", id="SYN, reset"),
        pytest.param(("12", "04"), "TCP", id="SYN with ACK, reset"),
        pytest.param(("10", "04"), "TCP", id="ACK, reset"),
        pytest.param((None, None), "UDP", id="datagrams, with ICMP for an answer"),
    ],
)
def test_a_probe_from_a_port_that_serves_stays_a_probe(
    tmp_path: Path, flags: tuple[str | None, str | None], proto: str
) -> None:
    there = half(FAR, OWN, (1, 60), flags[0], proto=proto)
    result = eve(tmp_path, there, half(OWN, FAR, (1, 60), flags[1], proto=proto))
    assert result.rows == []
    assert dict(result.source.not_resolved) == {"inbound_unanswered": 1}


def test_datagrams_stand_in_the_order_of_the_log(tmp_path: Path) -> None:
    records = [half(FAR, OWN, (1, 200), None, proto="UDP"), half(OWN, FAR, (1, 300), None, proto="UDP")]
    assert [(row["what"], row["direction"]) for row in eve(tmp_path, *records).rows] == [
        ("received", "in"),
        ("replied", "in"),
    ]


def test_netflows_without_a_number_stand_alone(tmp_path: Path) -> None:
    records = [half(OWN, FAR, (10, 2000), "1b", flow_id=None), half(FAR, OWN, (9, 9000), "1b", flow_id=None)]
    result = eve(tmp_path, *records)
    assert result.totals("sent") == {FAR: 2000}
    assert dict(result.source.not_resolved) == {"inbound_unanswered": 1}


def test_flow_and_netflow_of_one_file_are_not_added_up(tmp_path: Path) -> None:
    netflow = half(OWN, FAR, (10, 2000), "1b")
    whole = flow((10, 2000), (9, 9000), ("1b", "1b"))
    assert eve(tmp_path, whole, netflow).totals("sent") == {FAR: 2000}
    result = eve(tmp_path, netflow, whole)
    assert result.totals("sent") == {FAR: 2000}
    assert dict(result.source.not_resolved) == {"flow_beside_netflow": 1}


def test_records_in_the_wrapping_of_a_firewall_are_read() -> None:
    result = read(SuricataEve(), DATA / "suricata" / "netflow.firewall.json")
    assert (result.totals("sent"), result.totals("received")) == ({FAR: 2000}, {FAR: 9000})
    assert dict(result.source.not_resolved) == {"inbound_unanswered": 1}


def test_flows_of_the_real_log_are_those_an_independent_count_finds(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/suricata/slips-test6.eve.json.gz")
    kinds: Counter[str] = Counter()
    expected: Counter[tuple[str, str]] = Counter()
    for line in text_of(path).splitlines():
        record = json.loads(line)
        kinds[record["event_type"]] += 1
        source, target = (ipaddress.ip_address(record[end]) for end in ("src_ip", "dest_ip"))
        if record["event_type"] != "flow" or not (source.is_private and target.is_global) or target.is_multicast:
            continue
        count = record["flow"]
        empty = {"TCP": 78, "UDP": 60}[record["proto"]]
        if any(count[f"bytes_{way}"] > empty * count[f"pkts_{way}"] for way in ("toserver", "toclient")):
            expected["sent", record["dest_ip"]] += count["bytes_toserver"]
            expected["received", record["dest_ip"]] += count["bytes_toclient"]
        else:
            expected["attempted", record["dest_ip"]] += 1
    result = read(SuricataEve(), path)
    found: Counter[tuple[str, str]] = Counter()
    for row in result.rows:
        if row["kind"] == "ip" and row["direction"] == "out" and row["field"] == "dest_ip":
            found[row["what"], row["value"]] += int(row["amount"])
    assert +found == +expected
    assert expected.total() > 0
    assert (result.source.records_read, result.source.records_rejected) == (kinds.total(), 0)
    counts = result.source.not_resolved
    assert {kind: counts[f"eve_{kind}"] for kind in ("alert", "fileinfo", "anomaly")} == {
        kind: kinds[kind] for kind in ("alert", "fileinfo", "anomaly")
    }
    assert counts["http_from_outside"] == kinds["http"]
