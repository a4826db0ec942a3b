from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan.devices.dhcpd import DhcpdLeases
from beholden.scan.interface import InputHead, Watch
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).resolve().parents[2] / "data"
LEASES = DATA / "dhcpd" / "dhcpd.leases"


def read(path: Path) -> tuple[Source, list[dict[str, Any]]]:
    source = Source(path, path.name)
    batches = list(DhcpdLeases().scan(source, Watch()))
    rows: list[dict[str, Any]] = pa.Table.from_batches(batches, schema=OBSERVATION).to_pylist()
    return source, rows


def head(data: bytes, name: str = "dhcpd.leases") -> InputHead:
    return InputHead(PurePosixPath(name), data, is_complete=True)


def test_one_row_per_leased_address_and_device() -> None:
    _, rows = read(LEASES)
    assert [(row["value"], row["own_host"], row["count"]) for row in rows] == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", 2),
        ("00:53:00:01:02:03", "10.20.4.18", 1),
        ("00:53:00:ff:ff:01", "10.20.4.17", 1),
    ]


def test_a_device_is_hardware_without_direction_and_without_a_day_of_its_own() -> None:
    _, rows = read(LEASES)
    assert {(row["kind"], row["relation"], row["direction"], row["certainty"], row["acted_on"]) for row in rows} == {
        ("mac", "hardware", "none", "confirmed", None)
    }


def test_every_block_of_a_pairing_counts_and_the_seen_span_covers_them() -> None:
    _, rows = read(LEASES)
    assert rows[0]["lines"] == [9, 32]
    assert rows[0]["first_seen"] == datetime(2026, 1, 6, 3, 4, 5, tzinfo=UTC)
    assert rows[0]["last_seen"] == datetime(2026, 1, 7, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cltt", "other", "expected"),
    [
        pytest.param("", "", "2026-01-06 08:00", id="an end to come is no sighting"),
        pytest.param("", "2026/01/06 11:00:00", "2026-01-06 11:00", id="known until the newest event"),
        pytest.param("", "2026/01/09 11:00:00", "2026-01-06 20:00", id="known until its end"),
        pytest.param("cltt 2 2026/01/06 09:30:00;", "2026/01/09 11:00:00", "2026-01-06 09:30", id="last heard of"),
        pytest.param("cltt 2 2026/01/06 07:30:00;", "", "2026-01-06 08:00", id="the start is later still"),
    ],
)
def test_a_device_was_last_seen_when_its_lease_was_last_known_to_be_active(
    cltt: str, other: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "dhcpd.leases"
    text = (
        "lease 10.20.4.17 {\n  starts 2 2026/01/06 08:00:00;\n  ends 2 2026/01/06 20:00:00;\n"
        f"  {cltt}\n  hardware ethernet 00:53:00:0a:0b:0c;\n}}\n"
    )
    if other:
        text += f"lease 10.20.4.18 {{\n  starts 2 {other};\n  ends never;\n}}\n"
    path.write_text(text, encoding="utf-8")
    _, rows = read(path)
    assert f"{rows[0]['last_seen']:%Y-%m-%d %H:%M}" == expected
    assert rows[0]["first_seen"] <= rows[0]["last_seen"]


def test_the_last_block_of_an_address_says_its_state() -> None:
    _, rows = read(LEASES)
    assert json.loads(rows[0]["detail"])["binding_state"] == "superseded"
    assert json.loads(rows[2]["detail"])["binding_state"] == "active"


def test_quoted_strings_may_hold_braces_semicolons_and_quotes() -> None:
    _, rows = read(LEASES)
    assert json.loads(rows[0]["detail"]) == {
        "hostname": "gate-camera-17",
        "vendor_class": 'CAM "7" {x;}',
        "binding_state": "superseded",
    }


def test_epoch_start_and_endless_lease() -> None:
    _, rows = read(LEASES)
    assert rows[1]["first_seen"] == rows[1]["last_seen"] == datetime(2026, 1, 6, 3, 4, 5, tzinfo=UTC)


def test_statements_of_nested_blocks_are_not_the_leases() -> None:
    _, rows = read(LEASES)
    assert "vendor_class" not in json.loads(rows[1]["detail"])


def test_randomised_addresses_and_empty_leases_are_counted_not_observed() -> None:
    source, rows = read(LEASES)
    assert not any(row["value"].startswith("da:") for row in rows)
    assert dict(source.not_resolved) == {
        "locally_administered": 1,
        "lease_without_ethernet_address": 1,
        "host_declaration": 1,
    }
    assert any("locally administered" in note for note in source.notes)
    assert (source.records_read, source.records_rejected) == (6, 0)


def test_broken_blocks_are_rejected_with_their_line_and_the_rest_is_read() -> None:
    source, rows = read(DATA / "dhcpd" / "broken.leases")
    assert [row["value"] for row in rows] == ["00:53:00:00:00:06"]
    assert dict(source.reasons) == {
        "unreadable date": 1,
        "not an IPv4 address": 1,
        "not the hardware address of a device": 2,
        "lease block not closed": 2,
    }
    assert source.first_rejects[0].startswith("broken.leases:1: unreadable date")
    assert source.first_rejects[4].startswith("broken.leases:14: lease block not closed")


def test_a_trailing_number_of_a_date_is_added_as_seconds() -> None:
    _, rows = read(DATA / "dhcpd" / "broken.leases")
    assert rows[0]["first_seen"] == datetime(2026, 1, 6, 4, 4, 5, tzinfo=UTC)


def test_gzip_gives_the_same_rows(tmp_path: Path) -> None:
    packed = tmp_path / "dhcpd.leases"
    packed.write_bytes(gzip.compress(LEASES.read_bytes()))
    assert read(packed)[1] == read(LEASES)[1]


def test_reading_twice_gives_the_same_rows() -> None:
    assert read(LEASES)[1] == read(LEASES)[1]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LEASES.read_bytes(), id="leases"),
        pytest.param(
            b"# The format of this file is documented in the dhcpd.leases(5) manual page.\n", id="no lease yet"
        ),
        pytest.param(b'ia-na "\\001" {\n  cltt 2 2026/01/06 03:04:05;\n}\n', id="DHCPv6 only"),
    ],
)
def test_accepts_lease_files_by_content(data: bytes) -> None:
    assert DhcpdLeases().accepts(head(data, "whatever.txt")).accepted


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"subnet 10.0.0.0 netmask 255.0.0.0 {\n default-lease-time 600;\n}\n", id="dhcpd.conf"),
        pytest.param(b"the lease 10.0.0.1 { is mentioned }", id="prose"),
        pytest.param(b"\xff\x00\x01lease", id="bytes"),
    ],
)
def test_refuses_other_files_whatever_their_name(data: bytes) -> None:
    acceptance = DhcpdLeases().accepts(head(data))
    assert not acceptance.accepted
    assert acceptance.reason


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=6)), max_size=8),
    cut=st.integers(0, 2000),
)
def test_mutated_bytes_raise_nothing_but_scan_errors(tmp_path: Path, edits: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(LEASES.read_bytes())
    for at, new in edits:
        data[at : at + len(new)] = new
    path = tmp_path / "mutated.leases"
    path.write_bytes(bytes(data[cut:]))
    try:
        source, rows = read(path)
    except ScanError:
        return
    assert sum(row["count"] for row in rows) <= source.records_read


def test_slips_dhcp_log_of_another_tool_is_not_ours(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/slips-test13-malicious-dhcpscan-zeek-dir/dhcp.log")
    assert not DhcpdLeases().accepts(head(path.read_bytes()[:65536], "dhcp.log")).accepted


def test_dhcpv6_clients_are_probable_devices_by_their_identifier() -> None:
    source, rows = read(DATA / "dhcpd" / "dhcpd6.leases")
    assert [(row["value"], row["own_host"], row["certainty"], row["lines"]) for row in rows] == [
        ("00:53:00:0a:0b:0c", "2001:db8:4::17", "probable", [4]),
        ("00:53:00:01:02:03", "2001:db8:4:100::", "probable", [20]),
    ]
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 3, 4, 5, tzinfo=UTC)
    assert dict(source.not_resolved) == {"duid_without_hardware_address": 1}
    assert dict(source.reasons) == {"not a client's identity": 1, "unreadable date": 1, "not an IPv6 address": 1}
    assert source.records_read == 3
