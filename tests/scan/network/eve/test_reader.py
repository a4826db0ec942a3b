from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.eve.events import TIME, eve, event
from tests.scan.network.reading import DATA, accepts

from beholden.errors import ScanError
from beholden.scan.interface import Watch
from beholden.scan.network.eve.events import count_of, port_of, text_of
from beholden.scan.network.eve.reader import SuricataEve
from beholden.scan.network.eve.waiting import Waiting
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


@pytest.mark.parametrize(
    "line",
    [
        event("flow"),
        event("alert"),
        {"timestamp": TIME, "event_type": "stats", "stats": {}},
        {"firewall_name": "edge", "event": event("netflow")},
    ],
)
def test_eve_is_known_by_its_common_section(line: dict[str, Any]) -> None:
    assert accepts(SuricataEve(), json.dumps(line).encode() + b"\n").accepted
    # As a sample prints it.
    assert accepts(SuricataEve(), json.dumps(line, indent=2).encode() + b"\n").accepted


@pytest.mark.parametrize(
    "line",
    [
        {"event_type": "click", "timestamp": TIME},
        {"event_type": 5, "timestamp": TIME, "src_ip": "10.0.0.5"},
        {"ts": 1.0, "id.orig_h": "10.0.0.5"},
        {"event": [], "timestamp": TIME},
        [],
    ],
)
def test_other_json_is_refused(line: object) -> None:
    assert not accepts(SuricataEve(), json.dumps(line).encode()).accepted


def test_logs_of_others_are_refused() -> None:
    for name in ("conn.log", "conn.dotted.json", "conn.nested.json", "x509.json"):
        assert not accepts(SuricataEve(), (DATA / "zeek" / name).read_bytes()).accepted


def test_types_that_are_not_read_are_counted_and_invented_ones_together(tmp_path: Path) -> None:
    result = eve(tmp_path, event("alert"), event("smb"), *(event(f"invented_{number}") for number in range(3)))
    assert dict(result.source.not_resolved) == {"eve_alert": 1, "eve_smb": 1, "eve_other": 3}
    assert result.source.records_read == 5
    assert result.source.notes == [
        "5 events are of types that are not read (their names begin with eve_)",
        "the log has alerts but no flow records: the traffic that alerts speak of is not counted",
    ]


def test_alerts_repeat_the_flow_they_belong_to() -> None:
    path = DATA / "suricata" / "eve.json"
    source = Source(path, path.name)
    list(SuricataEve().scan(source, Watch()))
    assert source.not_resolved["eve_alert"] == 1
    assert not any("no flow records" in note for note in source.notes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"timestamp":', "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("plain text", "not a JSON object"),
        ({"timestamp": TIME}, "no event_type"),
        ({"timestamp": TIME, "event_type": ""}, "no event_type"),
        ({"event_type": "flow"}, "time out of range"),
        (event("flow", timestamp="1969-12-31T23:59:59+0000"), "time out of range"),
        (event("flow", timestamp=True), "time out of range"),
        (event("flow", src_ip=None), "not an address"),
        (event("dns", dest_ip="nowhere"), "not an address"),
        (event("tls", dest_ip=5), "not an address"),
        (event("quic", src_ip="1.2.3"), "not an address"),
        (event("http", src_ip=["10.0.0.5"]), "not an address"),
    ],
)
def test_a_record_that_cannot_be_one_is_rejected_and_the_next_is_read(
    tmp_path: Path, line: dict[str, Any] | str, reason: str
) -> None:
    result = eve(tmp_path, line, event("alert"))
    assert dict(result.source.reasons) == {reason: 1}
    assert result.source.records_read == 1


def test_losses_of_every_run_are_added_up(tmp_path: Path) -> None:
    def stats(packets: object, drops: object) -> dict[str, Any]:
        capture = {"kernel_packets": packets, "kernel_drops": drops}
        return {"timestamp": TIME, "event_type": "stats", "stats": {"capture": capture}}

    lost = [stats(1000, 10), stats(2000, 25), stats(100, 5), stats("x", -1), stats(None, 2**80)]
    assert eve(tmp_path, *lost).source.notes == [
        "Suricata lost 30 of 2,100 packets (kernel_drops): sums may be too low, names missing"
    ]
    assert eve(tmp_path, stats(1000, 0)).source.notes == []
    assert eve(tmp_path, {"timestamp": TIME, "event_type": "stats", "stats": 5}).source.notes == []


def test_notes_of_a_part_speak_of_its_own_records(tmp_path: Path) -> None:
    others = {"src_ip": "198.51.100.9", "dest_ip": "203.0.113.7"}
    result = eve(
        tmp_path,
        event("tls", tls={"sni": "a.example.com"}, **others),
        event("http", http={"hostname": "a.example.com"}, **others),
        event("http", http={"hostname": "a.example.com"}, **others),
    )
    assert dict(result.source.not_resolved) == {"our_side_unknown": 3}
    assert [note.split(" run ")[0] for note in result.source.notes] == ["1 handshakes", "2 requests"]


def test_what_was_read_before_damage_is_given(tmp_path: Path) -> None:
    path = tmp_path / "eve.json.gz"
    records = (event("tls", tls={"sni": f"n{number}.example.com", "version": "TLS 1.2"}) for number in range(5000))
    lines = "".join(json.dumps(record) + "\n" for record in records)
    path.write_bytes(gzip.compress(lines.encode())[:-2000])
    source = Source(path, path.name)
    batches: list[pa.RecordBatch] = []
    with pytest.raises(ScanError):
        batches.extend(SuricataEve().scan(source, Watch()))
    assert sum(batch.num_rows for batch in batches) > 0
    assert source.records_read > 0


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (5, "5"), (1.5, "1.5"), (True, ""), (None, ""), ([], ""), ({}, "")]
)
def test_texts(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "count"),
    [(5, 5), ("5", 5), (0, 0), (-1, None), (True, None), (1.5, None), ("", None), (2**63, None), ("9" * 30, None)],
)
def test_counts(value: object, count: int | None) -> None:
    assert count_of(value) == count


@pytest.mark.parametrize(("value", "port"), [(443, 443), ("443", 443), (0, 0), (65_536, -1), (-5, -1), (None, -1)])
def test_ports(value: object, port: int) -> None:
    assert port_of(value) == port


def test_the_oldest_gives_way() -> None:
    waiting: Waiting[str] = Waiting(2)
    assert list(waiting.put("a", "1")) == []
    assert list(waiting.put("b", "2")) == []
    assert list(waiting.put("a", "3")) == ["1"]
    assert list(waiting.put("c", "4")) == ["2"]
    assert (waiting.get("b"), waiting.pop("c"), waiting.pop("c")) == (None, "4", None)
    assert list(waiting.rest()) == ["3"]
    assert list(waiting.rest()) == []
