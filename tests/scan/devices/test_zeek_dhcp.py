from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.scan.devices.zeek_dhcp import ZeekDhcp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DHCP = DATA / "zeek" / "dhcp.log"


def test_clients_are_devices_under_the_address_they_were_given() -> None:
    rows = read(ZeekDhcp(), DHCP).rows
    assert [(row["value"], row["own_host"], row["certainty"], row["count"], row["lines"]) for row in rows] == [
        ("44:19:b6:0a:0b:0c", "10.0.0.20", "confirmed", 2, [7, 8]),
        # It asked, and wished for an address that is not its own.
        ("44:19:b6:0a:0b:0d", None, "probable", 1, [9]),
        ("44:19:b6:0a:0b:0e", "10.0.0.21", "confirmed", 1, [10]),
    ]
    assert {(row["relation"], row["direction"], row["acted_on"]) for row in rows} == {("hardware", "none", None)}
    assert json.loads(rows[0]["detail"]) == {"client_software": "udhcp 1.20", "hostname": "lobby-cam"}
    assert (rows[0]["last_seen"] - rows[0]["first_seen"]).total_seconds() == 30.5


def test_what_has_no_maker_is_counted() -> None:
    source = read(ZeekDhcp(), DHCP).source
    assert dict(source.not_resolved) == {
        "segment_not_known": 1,
        "locally_administered": 1,
        "no_hardware_address": 1,
        "multicast_address": 1,
    }
    assert any("randomised" in note for note in source.notes)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("x\t00:11:22:33:44:55", "time out of range"),
        ("1714521600.0\tnothing", "not the hardware address of a device"),
    ],
)
def test_a_record_without_time_or_hardware_is_rejected(tmp_path: Path, cells: str, reason: str) -> None:
    path = tmp_path / "dhcp.log"
    path.write_text(f"#path\tdhcp\n#fields\tts\tmac\n{cells}\n")
    assert dict(read(ZeekDhcp(), path).source.reasons) == {reason: 1}


def test_other_logs_are_refused() -> None:
    for name in ("conn.log", "dns.log", "ssl.log", "http.log", "x509.log", "conn.dotted.json"):
        assert not accepts(ZeekDhcp(), (DATA / "zeek" / name).read_bytes()).accepted


def test_every_record_of_the_real_files_is_read_or_rejected(shared: Callable[[str], Path]) -> None:
    taken = 0
    for path in sorted(shared("data/inputs/zeek").rglob("*dhcp.log")):
        text = text_of(path)
        if not accepts(ZeekDhcp(), path.read_bytes()).accepted:
            # A baseline of a test of Zeek without its header.
            assert "#fields" not in text
            continue
        taken += 1
        source = read(ZeekDhcp(), path).source
        expected = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
        # Baselines print X in place of times.
        crossed = sum(1 for line in text.splitlines() if line.startswith("XXXX"))
        assert (source.records_read, source.records_rejected) == (expected - crossed, crossed), path
    assert taken == 8


def test_devices_of_the_real_log_are_those_an_independent_count_finds(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/ocsf-dhcp.log")
    expected: dict[tuple[str, str | None], int] = {}
    for line in text_of(path).splitlines():
        record = json.loads(line)
        if "mac" in record and not int(record["mac"][1], 16) & 2:
            key = record["mac"], record.get("assigned_addr") or record.get("client_addr")
            expected[key] = expected.get(key, 0) + 1
    found: dict[tuple[str, str | None], int] = {}
    for row in read(ZeekDhcp(), path).rows:
        key = row["value"], row["own_host"]
        found[key] = found.get(key, 0) + row["count"]
    assert found == expected
    assert len(expected) > 20
