from __future__ import annotations

import contextlib
import dataclasses
import gzip
import ipaddress
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.network.reading import DATA, accepts, read, text_of, watching

from beholden.errors import ScanError
from beholden.scan.interface import Watch
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.source import Source
from beholden.scan.traffic import rows, stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONN = DATA / "zeek" / "conn.log"
PROBED_HOUR = "data/inputs/zeek/rita-missing_host/2024-04-21/conn.070000-080000.log.gz"
OTHER_HOUR = "data/inputs/zeek/rita-missing_host/2024-04-20/conn.120000-130000.log.gz"
# Alibaba Cloud and Tencent Cloud addresses that probed the monitored host in that hour.
PROBERS = ("47.115.216.88", "101.34.84.105", "101.126.43.40", "43.153.171.66")
HOST = "64.225.56.201"


def test_outbound_payload_is_summed_by_remote_and_day() -> None:
    result = read(ZeekConn(), CONN)
    sent = [row for row in result.rows if row["value"] == "203.0.113.7"]
    told = [(row["what"], int(row["amount"]), row["count"], row["acted_on"]) for row in sent]
    assert sorted(told, key=lambda row: row[3]) == [
        ("sent", 1234, 2, date(2024, 5, 1)),
        ("received", 5066, 0, date(2024, 5, 1)),
        ("sent", 7, 1, date(2024, 5, 2)),
        ("received", 8, 0, date(2024, 5, 2)),
    ]


def test_a_row_says_when_where_and_which_host_of_ours() -> None:
    result = read(ZeekConn(), CONN)
    row = next(row for row in result.rows if (row["value"], row["acted_on"]) == ("203.0.113.7", date(2024, 5, 1)))
    assert row["first_seen"] == datetime(2024, 5, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    # The last connection began at 00:01:00.25 and took a second.
    assert row["last_seen"] == datetime(2024, 5, 1, 0, 1, 1, 250_000, tzinfo=UTC)
    assert (row["lines"], row["direction"]) == ([8, 9], "out")
    assert (row["kind"], row["relation"], row["certainty"]) == ("ip", None, "confirmed")
    host = next(row for row in result.hosts if row["value"] == "203.0.113.7")
    assert host["own_host"] == "10.0.0.5"
    assert json.loads(host["detail"]) == {"state": "SF", "ports": [443], "protocol": "tcp", "service": "ssl"}


def test_an_unanswered_attempt_is_probable_and_sends_nothing() -> None:
    rows = [row for row in read(ZeekConn(), CONN).rows if row["value"] == "203.0.113.8"]
    assert [(row["what"], row["certainty"], int(row["amount"]), row["count"]) for row in rows] == [
        ("attempted", "probable", 2, 2)
    ]


def test_a_datagram_without_byte_count_takes_its_bytes_on_the_wire_and_says_so() -> None:
    result = read(ZeekConn(), CONN)
    assert result.total("sent", "203.0.113.9") == 128
    assert any("orig_ip_bytes" in note for note in result.source.notes)


def test_an_answered_session_from_outside_is_received_and_replied_never_sent() -> None:
    rows = [row for row in read(ZeekConn(), CONN).rows if row["value"] == "198.51.100.3"]
    assert [(row["direction"], row["what"], int(row["amount"])) for row in rows] == [
        ("in", "received", 700),
        ("in", "replied", 900),
    ]


def test_probes_errors_late_replies_and_foreign_traffic_are_counted_not_observed() -> None:
    result = read(ZeekConn(), CONN)
    assert {row["value"] for row in result.rows} == {"203.0.113.7", "203.0.113.8", "203.0.113.9", "198.51.100.3"}
    assert dict(result.source.not_resolved) == {
        "inbound_unanswered": 3,
        "icmp_reports": 1,
        "local_to_local": 1,
        "neither_side_ours": 1,
        "multicast_or_broadcast": 1,
    }


def test_missed_bytes_are_told() -> None:
    assert any("missed 12 bytes" in note for note in read(ZeekConn(), CONN).source.notes)


@pytest.mark.parametrize("name", ["conn.dotted.json", "conn.nested.json"])
def test_json_gives_the_same_rows_as_tsv(name: str) -> None:
    def plain(path: Path) -> list[dict[str, object]]:
        return [{**row, "file": "", "lines": ""} for row in read(ZeekConn(), path).rows]

    assert plain(DATA / "zeek" / name) == plain(CONN)


def test_a_truncated_last_line_is_rejected_with_its_line() -> None:
    result = read(ZeekConn(), DATA / "zeek" / "conn.truncated-line.log")
    assert (result.source.records_read, result.source.records_rejected) == (1, 1)
    assert result.source.first_rejects == ["conn.truncated-line.log:9: wrong column count; expected 21 columns"]


@pytest.mark.parametrize("time", ["-1.0", "nan", "inf", "999999999999.0", "XXXXXXXXXX.XXXXXX", "-"])
def test_a_time_out_of_range_is_rejected(tmp_path: Path, time: str) -> None:
    path = tmp_path / "conn.log"
    path.write_text(CONN.read_text().replace("1714521600.5", time))
    result = read(ZeekConn(), path)
    assert result.source.reasons == {"time out of range": 1}
    assert result.total("sent", "203.0.113.7") == 241


def test_watched_addresses_filter_the_remote_and_count_the_rest() -> None:
    result = read(ZeekConn(), CONN, Watch(addresses=watching("203.0.113.9", "10.0.0.5")))
    assert {row["value"] for row in result.rows} == {"203.0.113.9"}
    assert result.source.not_resolved["ip"] == 8


def test_without_flags_own_networks_decide(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text(CONN.read_text().replace("\tT\tF\t", "\t-\t-\t").replace("10.0.0.5", "192.0.2.5"))
    unknown = read(ZeekConn(), path)
    assert not unknown.totals("sent")
    assert any("which side is ours" in note for note in unknown.source.notes)
    known = read(ZeekConn(), path, Watch(own_networks=(ipaddress.ip_network("192.0.2.0/24"),)))
    assert known.total("sent", "203.0.113.7") == 1241


def test_sums_of_parts_of_a_log_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(ZeekConn(), CONN)
    monkeypatch.setattr(stage, "ROWS_HELD", 2)
    monkeypatch.setattr(rows, "BATCH_ROWS", 1)
    parts = read(ZeekConn(), CONN)
    assert parts == dataclasses.replace(whole, source=parts.source)


def test_damaged_gzip_raises_after_giving_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "conn.log.gz"
    path.write_bytes(gzip.compress(CONN.read_bytes() * 3000)[:-9])
    given_rows: list[dict[str, object]] = []
    batches = ZeekConn().scan(Source(path, "conn.log.gz"), Watch())
    with pytest.raises(ScanError, match="damaged"):
        given_rows.extend(row for batch in batches for row in batch.to_pylist())
    assert given_rows


def test_header_without_addresses_is_an_error_that_names_them(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    path.write_text("#path\tconn\n#fields\tts\tconn_state\n1.0\tSF\n")
    with pytest.raises(ScanError, match=r"id\.orig_h"):
        read(ZeekConn(), path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "neither"),
        (b"#path\tdns\n#fields\tts\n", "dns log, not conn"),
        (b'{"_path":"ssl","ts":1}\n', "ssl log, not conn"),
        (b'{"bomFormat":"CycloneDX"}\n', "JSON without"),
        (b"#fields\tts\n1\n", "lacks id.orig_h"),
        (b"# a shell script\n", "no #fields"),
    ],
)
def test_other_content_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    acceptance = accepts(ZeekConn(), data, "conn.log")
    assert not acceptance.accepted
    assert reason in acceptance.reason


def test_every_record_of_the_real_files_is_read_or_rejected(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("data/inputs/zeek").rglob("*conn*.log*")):
        result = read(ZeekConn(), path)
        expected = sum(1 for line in text_of(path).splitlines() if line.strip() and not line.startswith("#"))
        assert result.source.records_read + result.source.records_rejected == expected, path


@pytest.mark.parametrize("hour", [PROBED_HOUR, OTHER_HOUR])
def test_nothing_counts_as_sent_to_addresses_that_opened_connections_to_us(
    shared: Callable[[str], Path], hour: str
) -> None:
    path = shared(hour)
    rows = [line.split("\t") for line in text_of(path).splitlines() if not line.startswith("#")]
    probers = {cells[3] for cells in rows if cells[5] == HOST}
    result = read(ZeekConn(), path)
    assert len(probers) > 400
    assert not probers & (result.totals("sent").keys() | result.totals("attempted").keys())
    assert set(result.totals("sent")) == {
        cells[5] for cells in rows if cells[3] == HOST and cells[7] != "icmp" and cells[11] not in ("-", "0")
    } | {cells[5] for cells in rows if cells[3] == HOST and cells[7] == "udp"}


def test_planted_outbound_connections_are_found_with_exactly_their_bytes(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    lines = text_of(shared(PROBED_HOUR)).splitlines()
    before = read(ZeekConn(), shared(PROBED_HOUR))
    for number, remote in enumerate(PROBERS):
        assert not before.total("sent", remote)
        lines.insert(
            2000 + number,
            f"worker-eth0-1\t1713684000.25\tCplant{number}\t{HOST}\t5151{number}\t{remote}\t443\ttcp\tssl\t3.5\t"
            f"{1048576 + number}\t4096\tSF\tT\tF\t0\tShADadFf\t800\t1090000\t400\t25000\t-",
        )
    path = tmp_path / "conn.log.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    result = read(ZeekConn(), path)
    sent = {remote: count for remote, count in result.totals("sent").items() if remote in PROBERS}
    assert sent == {remote: 1048576 + number for number, remote in enumerate(PROBERS)}
    # The planted reply comes on top of nothing; what they sent in their own sessions stays apart, as direction in.
    received = [row for row in result.rows if row["what"] == "received" and row["direction"] == "out"]
    assert {row["value"]: int(row["amount"]) for row in received if row["value"] in PROBERS} == dict.fromkeys(
        PROBERS, 4096
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["conn.log", "conn.nested.json"]))
def test_mutated_bytes_raise_nothing_but_scan_errors(tmp_path: Path, data: st.DataObject, name: str) -> None:
    raw = bytearray((DATA / "zeek" / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / name
    path.write_bytes(raw[data.draw(st.integers(0, 60)) :])
    accepts(ZeekConn(), bytes(raw))
    with contextlib.suppress(ScanError):
        read(ZeekConn(), path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(["ts", "id", "id.orig_h", "proto", "orig_bytes", "conn_state", "local_orig"]), value=_JSON)
def test_json_fields_of_any_type_raise_nothing(tmp_path: Path, field: str, value: object) -> None:
    record = json.loads((DATA / "zeek" / "conn.dotted.json").read_text().splitlines()[0])
    record[field] = value
    path = tmp_path / "conn.json"
    path.write_text(json.dumps(record) + "\n")
    result = read(ZeekConn(), path)
    assert result.source.records_read + result.source.records_rejected == 1
