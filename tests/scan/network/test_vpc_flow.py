from __future__ import annotations

import contextlib
import dataclasses
import gzip
import ipaddress
import tempfile
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.network.reading import DATA, Read, accepts, read, text_of, watching

from beholden.errors import ScanError
from beholden.scan.interface import Watch
from beholden.scan.kernel import parts
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.traffic import stage, sums_reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULT = DATA / "vpcflow" / "default.log"
HEADER = DEFAULT.read_text().splitlines()[0]
DERIVED = "data/inputs/vpcflow/vpcflow-v2.derived-2024-04-21T07.log.gz"
PROBERS = ("47.115.216.88", "101.34.84.105", "101.126.43.40", "43.153.171.66")
HOST = "64.225.56.201"
DAY = 1714521600


def _scan(tmp_path: Path, *lines: str, header: str = HEADER, watch: Watch | None = None) -> Read:
    path = tmp_path / "flow.log"
    path.write_text("\n".join([header, *lines]) + "\n")
    return read(VpcFlow(), path, watch)


def _record(source: str, target: str, *, size: int = 5000, packets: int = 10, start: int = 0, **other: str) -> str:
    """A version 2 record; `source` and `target` are address and port."""
    from_host, from_port = source.rsplit("|", 1)
    to_host, to_port = target.rsplit("|", 1)
    protocol, action = other.get("protocol", "6"), other.get("action", "ACCEPT")
    interface = other.get("interface", "eni-0aaaaaaaaaaaaaaaa")
    return (
        f"2 123456789012 {interface} {from_host} {to_host} {from_port} {to_port} {protocol} {packets} {size} "
        f"{DAY + start} {DAY + start + 60} {action} OK"
    )


def test_outbound_bytes_are_summed_by_remote_and_day_with_the_reply_beside_them() -> None:
    result = read(VpcFlow(), DEFAULT)
    rows = [row for row in result.rows if row["value"] == "203.0.113.7"]
    told = [(row["what"], int(row["amount"]), row["count"], row["acted_on"], row["lines"]) for row in rows]
    assert sorted(told, key=lambda row: row[3]) == [
        ("sent", 5000, 1, date(2024, 5, 1), [2, 3]),
        ("received", 7000, 0, date(2024, 5, 1), [2, 3]),
        ("sent", 300, 1, date(2024, 5, 2), [4]),
        ("received", 0, 0, date(2024, 5, 2), [4]),
    ]
    assert {(row["direction"], row["certainty"]) for row in rows} == {("out", "confirmed")}
    hosts = [row for row in result.hosts if row["value"] == "203.0.113.7"]
    assert [(row["own_host"], row["what"], int(row["amount"]), row["count"], row["lines"]) for row in hosts] == [
        ("10.0.0.5", "sent", 5300, 2, [2, 3, 4]),
        ("10.0.0.5", "received", 7000, 0, [2, 3, 4]),
    ]


def test_a_probe_and_our_reset_are_coverage_only_and_an_answered_session_is_replied() -> None:
    result = read(VpcFlow(), DEFAULT)
    assert "198.51.100.3" not in {row["value"] for row in result.rows}
    assert result.source.not_resolved["inbound_unanswered"] == 2
    assert (result.total("received", "198.51.100.4"), result.total("replied", "198.51.100.4")) == (1800, 2400)


def test_an_opening_packet_and_stopped_traffic_are_attempts() -> None:
    result = read(VpcFlow(), DEFAULT)
    assert result.totals("attempted") == {"203.0.113.8": 1, "203.0.113.9": 1}
    assert {row["certainty"] for row in result.rows if row["what"] == "attempted"} == {"probable"}


def test_nodata_and_skipdata_are_told() -> None:
    source = read(VpcFlow(), DEFAULT).source
    assert (source.records_read, source.not_resolved["nodata"], source.not_resolved["skipdata"]) == (12, 1, 1)
    assert "1 records say SKIPDATA: AWS lost records" in source.notes


def test_records_without_header_are_recognised_and_read_alike() -> None:
    path = DATA / "vpcflow" / "default.no-header.log"
    assert accepts(VpcFlow(), path.read_bytes()).accepted
    assert [(r["value"], r["what"], r["amount"]) for r in read(VpcFlow(), path).rows] == [
        (r["value"], r["what"], r["amount"]) for r in read(VpcFlow(), DEFAULT).rows
    ]


def test_records_that_cloudwatch_exported_carry_a_time_before_them(tmp_path: Path) -> None:
    path = tmp_path / "export.log"
    path.write_text(f"2024-05-01T00:00:00.000Z {_record('10.0.0.5|51515', '203.0.113.7|443')}\n")
    assert accepts(VpcFlow(), path.read_bytes()).accepted
    assert read(VpcFlow(), path).totals("sent") == {"203.0.113.7": 5000}


def test_the_packet_addresses_flow_direction_and_flags_are_preferred() -> None:
    result = read(VpcFlow(), DATA / "vpcflow" / "custom.log")
    assert result.totals("sent") == {"203.0.113.7": 4000, "2001:db8:ffff::7": 6000}
    # SYN came from the remote (2001:db8:ffff::8), though our record is printed first.
    assert result.totals("replied") == {"2001:db8:ffff::8": 6000}
    assert any("on the way" in note for note in result.source.notes)


def test_the_same_bytes_logged_by_a_gateway_count_once(tmp_path: Path) -> None:
    header = (
        "interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes start end action"
    )
    result = _scan(
        tmp_path,
        f"eni-1 10.0.1.5 203.0.113.7 10.0.1.5 203.0.113.7 50000 443 6 8 4000 {DAY} {DAY + 5} ACCEPT",
        f"eni-2 10.0.1.5 10.0.9.9 10.0.1.5 203.0.113.7 50000 443 6 8 4000 {DAY} {DAY + 5} ACCEPT",
        header=header,
    )
    assert result.totals("sent") == {"203.0.113.7": 4000}


OURS, REMOTE = "10.0.0.5", "203.0.113.7"


@pytest.mark.parametrize(
    ("lines", "sent", "replied"),
    [
        pytest.param([_record(f"{OURS}|50000", f"{REMOTE}|443")], 5000, 0, id="alone, their service port"),
        pytest.param([_record(f"{OURS}|443", f"{REMOTE}|50000")], 0, 5000, id="alone, our service port"),
        pytest.param([_record(f"{OURS}|40000", f"{REMOTE}|50000")], 5000, 0, id="alone, ports say nothing"),
        pytest.param(
            [_record(f"{REMOTE}|40000", f"{OURS}|50000", start=1), _record(f"{OURS}|50000", f"{REMOTE}|40000")],
            5000,
            0,
            id="we start earlier",
        ),
        pytest.param(
            [_record(f"{OURS}|50000", f"{REMOTE}|40000", start=1), _record(f"{REMOTE}|40000", f"{OURS}|50000")],
            0,
            5000,
            id="they start earlier",
        ),
        pytest.param(
            [_record(f"{REMOTE}|40000", f"{OURS}|50000"), _record(f"{OURS}|50000", f"{REMOTE}|40000")],
            0,
            5000,
            id="same start, they are printed first",
        ),
        pytest.param(
            [
                _record(f"{OURS}|50000", f"{REMOTE}|40000"),
                _record(f"{REMOTE}|40000", f"{OURS}|50000", action="REJECT"),
            ],
            0,
            0,
            id="same start, theirs was rejected",
        ),
        pytest.param(
            [_record(f"{OURS}|22", f"{REMOTE}|40000"), _record(f"{REMOTE}|40000", f"{OURS}|22", start=5)],
            0,
            5000,
            id="middle of their session with our service",
        ),
        pytest.param(
            [_record(f"{REMOTE}|443", f"{OURS}|40000"), _record(f"{OURS}|40000", f"{REMOTE}|443")],
            5000,
            0,
            id="their reply is printed first",
        ),
        pytest.param(
            [
                _record(f"{REMOTE}|443", f"{OURS}|40000", size=44, packets=1),
                _record(f"{OURS}|40000", f"{REMOTE}|443", size=40, packets=1),
            ],
            0,
            0,
            id="probe from a service port",
        ),
        pytest.param(
            [_record(f"{REMOTE}|53", f"{OURS}|40000", protocol="17")], 0, 0, id="flood from a service port, no answer"
        ),
    ],
)
def test_who_opened_the_conversation_decides(tmp_path: Path, lines: list[str], sent: int, replied: int) -> None:
    result = _scan(tmp_path, *lines)
    assert (result.total("sent", REMOTE), result.total("replied", REMOTE)) == (sent, replied)


def test_a_lone_public_pair_gives_nothing_and_says_why(tmp_path: Path) -> None:
    line = _record("2001:db8::5|50000", "2001:db8:ffff::7|443")
    result = _scan(tmp_path, line, _record("203.0.113.1|1", "203.0.113.2|2", interface="eni-0b"))
    assert not result.rows
    assert result.source.not_resolved["our_side_unknown"] == 2
    assert any("name your networks" in note for note in result.source.notes)


def test_own_networks_of_the_profile_settle_a_public_pair(tmp_path: Path) -> None:
    watch = Watch(own_networks=(ipaddress.ip_network("2001:db8::/64"),))
    result = _scan(tmp_path, _record("2001:db8::5|50000", "2001:db8:ffff::7|443"), watch=watch)
    assert result.totals("sent") == {"2001:db8:ffff::7": 5000}


def test_the_address_common_to_an_interface_is_ours(tmp_path: Path) -> None:
    result = _scan(
        tmp_path,
        _record("198.51.100.9|50000", "203.0.113.7|443"),
        _record("198.51.100.9|50001", "203.0.113.8|443", size=6000),
    )
    assert result.totals("sent") == {"203.0.113.7": 5000, "203.0.113.8": 6000}
    assert {row["own_host"] for row in result.hosts} == {"198.51.100.9"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("51515 443", "BADPORT 443", "not a number, or out of range"),
        ("51515 443", "51515 44.0", "not a number, or out of range"),
        ("51515 443", "51515 ４４３", "not a number, or out of range"),
        ("51515 443", "51515 70000", "not a number, or out of range"),
        (" 5000 ", " -5 ", "not a number, or out of range"),
        (" 5000 ", f" {'9' * 5000} ", "not a number, or out of range"),
        (f"{DAY} {DAY + 60}", f"{DAY} {DAY - 1}", "not a number, or out of range"),
        (f"{DAY} {DAY + 60}", f"{DAY} 999999999999", "not a number, or out of range"),
        ("203.0.113.7", "203.0.113.777", "not an address"),
        ("ACCEPT", "MAYBE", "unknown action"),
        (" OK", " O", "unknown log-status"),
        (" ACCEPT OK", "", "wrong column count"),
    ],
)
def test_a_wrong_record_is_rejected_with_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    line = _record(f"{OURS}|51515", f"{REMOTE}|443")
    result = _scan(tmp_path, line, line.replace(old, new))
    assert dict(result.source.reasons) == {reason: 1}
    assert result.source.first_rejects[0].startswith(f"flow.log:3: {reason}")
    assert result.totals("sent") == {REMOTE: 5000}


def test_unwatched_remotes_are_counted_only(tmp_path: Path) -> None:
    result = read(VpcFlow(), DEFAULT, Watch(addresses=watching("203.0.113.7")))
    assert set(result.totals("sent")) == {"203.0.113.7"}
    assert result.source.not_resolved["ip"] == 6


def test_what_does_not_fit_into_memory_is_judged_from_the_disk_and_comes_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [_record(f"{OURS}|{50000 + n % 37}", f"203.0.113.{n % 11}|443", size=5000 + n) for n in range(200)]
    lines += [_record(f"203.0.113.{n % 11}|443", f"{OURS}|{50000 + n % 37}", size=90 + n, start=5) for n in range(200)]
    whole = _scan(tmp_path, *lines)
    monkeypatch.setattr(stage, "ROWS_HELD", 50)
    # Parts of some twenty lines, so that a file that is on disk already goes on.
    monkeypatch.setattr(parts, "PART_BYTES", 2_000)
    monkeypatch.setattr(sums_reference, "_ROWS_HELD", 3)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spilled"))
    (tmp_path / "spilled").mkdir()
    in_parts = _scan(tmp_path, *lines)
    assert in_parts == dataclasses.replace(whole, source=in_parts.source)
    assert whole.total("sent", "203.0.113.7") > 0
    assert list((tmp_path / "spilled").iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"a b c\n", b"srcaddr dstaddr\n1.2.3.4 5.6.7.8\n", b"{}\n"])
def test_other_content_is_refused_with_a_reason(data: bytes) -> None:
    acceptance = accepts(VpcFlow(), data, "vpc-flow.log")
    assert not acceptance.accepted
    assert acceptance.reason


def test_every_record_of_the_real_files_is_read_or_rejected(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("data/inputs/vpcflow").glob("*.log*")):
        result = read(VpcFlow(), path)
        assert result.source.records_read + result.source.records_rejected == len(text_of(path).splitlines()) - 1, path


def test_nothing_counts_as_sent_to_addresses_that_opened_flows_to_us(shared: Callable[[str], Path]) -> None:
    records = [line.split() for line in text_of(shared(DERIVED)).splitlines()[1:]]
    # The file prints the opener's half first.
    seen: set[tuple[str, ...]] = set()
    probers = set()
    for cells in records:
        if (cells[4], cells[3], cells[6], cells[5]) not in seen and cells[4] == HOST:
            probers.add(cells[3])
        seen.add((cells[3], cells[4], cells[5], cells[6]))
    result = read(VpcFlow(), shared(DERIVED))
    assert len(probers) > 900
    assert set(PROBERS) <= probers
    assert not probers & (result.totals("sent").keys() | result.totals("attempted").keys())
    assert {row["own_host"] for row in result.hosts} == {HOST}


@pytest.mark.parametrize("with_reply", [True, False])
def test_planted_outbound_flows_are_found_with_exactly_their_bytes(
    shared: Callable[[str], Path], tmp_path: Path, *, with_reply: bool
) -> None:
    lines = text_of(shared(DERIVED)).splitlines()
    for number, remote in enumerate(PROBERS):
        # On the interface that the prober's own probes were logged on, or on a new one.
        interface = next(line.split()[2] for line in lines if f" {remote} {HOST} " in line) if number % 2 else "eni-0f"
        ends = f"2 123456789012 {interface}"
        planted = [f"{ends} {HOST} {remote} 5151{number} 443 6 900 {1048576 + number} 1713684000 1713684060 ACCEPT OK"]
        if with_reply:
            planted.append(f"{ends} {remote} {HOST} 443 5151{number} 6 400 25000 1713684000 1713684060 ACCEPT OK")
        lines[3000:3000] = planted
    path = tmp_path / "flow.log.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    sent = read(VpcFlow(), path).totals("sent")
    assert {remote: count for remote, count in sent.items() if remote in PROBERS} == {
        remote: 1048576 + number for number, remote in enumerate(PROBERS)
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["default.log", "default.no-header.log", "custom.log"]))
def test_mutated_bytes_raise_nothing_but_scan_errors(tmp_path: Path, data: st.DataObject, name: str) -> None:
    raw = bytearray((DATA / "vpcflow" / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(raw)
    accepts(VpcFlow(), bytes(raw))
    with contextlib.suppress(ScanError):
        read(VpcFlow(), path)
