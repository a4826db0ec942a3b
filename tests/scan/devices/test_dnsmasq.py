from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, places, read, read_text

from beholden.scan.devices.dnsmasq import DnsmasqLeases

if TYPE_CHECKING:
    from pathlib import Path

LEASES = DATA / "dnsmasq" / "dnsmasq.leases"


def test_leases_of_both_kinds() -> None:
    source, rows = read(DnsmasqLeases(), LEASES)
    assert places(rows) == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed"),
        ("00:53:00:01:02:03", "10.20.4.18", "confirmed"),
        ("00:53:00:0a:0b:0c", "2001:db8:4::17", "probable"),
    ]
    assert dict(source.not_resolved) == {
        "locally_administered": 1,
        "not_an_ethernet_address": 1,
        "duid_without_hardware_address": 1,
    }
    assert (source.records_read, source.records_rejected) == (6, 0)


def test_the_servers_own_identifier_is_no_device() -> None:
    _, rows = read(DnsmasqLeases(), LEASES)
    assert not any(row["value"] == "00:53:00:aa:aa:aa" for row in rows)


def test_an_expiry_is_no_sighting() -> None:
    _, rows = read(DnsmasqLeases(), LEASES)
    assert {(row["first_seen"], row["last_seen"]) for row in rows} == {(None, None)}
    assert details(rows[0]) == {"hostname": "gate-camera", "expires": "2026-01-06T04:00:00+00:00"}


def test_a_lease_without_end_and_a_length_in_place_of_a_moment_have_no_expiry(tmp_path: Path) -> None:
    text = "0 00:53:00:00:00:01 10.0.0.1 * *\n43200 00:53:00:00:00:02 10.0.0.2 * *\n"
    _, rows = read_text(DnsmasqLeases(), text, tmp_path)
    assert [details(row) for row in rows] == [{}, {}]


def test_bad_lines_are_rejected(tmp_path: Path) -> None:
    text = (
        "1767672000 00:53:00:00:00:01 10.0.0.1 * *\n"
        "1767672000 00:53:00:00:00:02 10.0.0 * *\n"
        "soon 00:53:00:00:00:03 10.0.0.3 * *\n"
        "1767672000 camera 10.0.0.4 * *\n"
        "1767672000 00:53:00\n"
        "duid 00:01\n"
        "1767672000 7 10.0.0.5 * *\n"
        "1767672000 7 2001:db8::5 * camera\n"
    )
    source, rows = read_text(DnsmasqLeases(), text, tmp_path)
    assert [row["own_host"] for row in rows] == ["10.0.0.1"]
    assert dict(source.reasons) == {"not an address": 2, "not a lease": 2, "not the hardware address of a device": 2}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("duid 00:01:00:01\n", id="no lease"),
        pytest.param("10.0.0.1 00:53:00:00:00:01\n", id="ethers"),
        pytest.param("Jan  6 04:00:00 dnsmasq[7]: query[A] www.example from 10.0.0.1\n" * 3, id="log of dnsmasq"),
        pytest.param("1767672000 00:53:00:00:00:01 10.0.0.1 * *\nprose\nmore prose\nmore\n", id="one line in prose"),
    ],
)
def test_other_files_are_not_accepted(text: str) -> None:
    assert not DnsmasqLeases().accepts(head(text, "dnsmasq.leases")).accepted
