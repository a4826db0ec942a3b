from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, places, read, read_text

from beholden.errors import ScanError
from beholden.scan.devices.windows_dhcp_log import WindowsDhcpLog
from beholden.scan.devices.windows_leases import WindowsLeases

if TYPE_CHECKING:
    from pathlib import Path

V4, V6 = DATA / "windows-leases" / "v4.csv", DATA / "windows-leases" / "v6.csv"
LOG = DATA / "windows-dhcp-log" / "DhcpSrvLog-Tue.log"
LOG_V6 = DATA / "windows-dhcp-log" / "DhcpV6SrvLog-Tue.log"


# --- exported leases ------------------------------------------------------------------------------------------------


def test_exported_leases_below_their_type_line() -> None:
    source, rows = read(WindowsLeases(), V4)
    assert places(rows) == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed"),
        ("00:53:00:01:02:03", "10.20.4.18", "probable"),
    ]
    assert (source.records_read, dict(source.reasons)) == (5, {"not an address": 1, "not a client id": 1})


def test_a_reservation_that_nobody_holds_shows_a_plan() -> None:
    _, rows = read(WindowsLeases(), V4)
    assert details(rows[1])["lease_state"] == "InactiveReservation"


def test_a_declined_address_and_another_client_id_show_no_maker() -> None:
    source, _ = read(WindowsLeases(), V4)
    assert dict(source.not_resolved) == {
        "locally_administered": 1,
        "declined_address": 1,
        "client_id_without_hardware_address": 1,
    }


def test_the_expiry_is_shown_as_printed_and_dates_nothing() -> None:
    _, rows = read(WindowsLeases(), V4)
    assert details(rows[0])["expires"] == "1/6/2026 4:00:00 PM"
    assert {row["last_seen"] for row in rows} == {None}


def test_exported_dhcpv6_leases() -> None:
    source, rows = read(WindowsLeases(), V6)
    assert places(rows) == [("00:53:00:0a:0b:0c", "2001:db8:4::17", "probable")]
    assert source.not_resolved["duid_without_hardware_address"] == 1


def test_utf_16_as_powershell_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "leases.csv"
    path.write_bytes(V4.read_text(encoding="utf-8").encode("utf-16"))
    assert places(read(WindowsLeases(), path)[1]) == places(read(WindowsLeases(), V4)[1])


def test_another_table_with_client_ids_is_not_accepted() -> None:
    assert not WindowsLeases().accepts(head("ClientId,HostName,Amount\n1,a,2\n")).accepted


# --- audit logs -----------------------------------------------------------------------------------------------------


def test_events_of_a_client_are_sightings_of_its_device() -> None:
    _, rows = read(WindowsDhcpLog(), LOG)
    assert [(row["value"], row["own_host"], row["lines"]) for row in rows] == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", [18, 19]),
        ("00:53:00:01:02:03", "10.20.4.30", [20]),
        ("00:53:00:01:02:09", "10.30.9.9", [21]),
    ]
    assert rows[0]["first_seen"] == datetime(2026, 1, 6, 8, 0, tzinfo=UTC)
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 16, 30, 5, tzinfo=UTC)


def test_a_lease_that_the_server_lets_expire_is_no_sighting() -> None:
    _, rows = read(WindowsDhcpLog(), LOG)
    assert (rows[1]["first_seen"], rows[1]["last_seen"]) == (None, None)


def test_other_events_are_counted_and_bad_ones_rejected() -> None:
    source, _ = read(WindowsDhcpLog(), LOG)
    assert dict(source.not_resolved) == {
        "event_of_no_client": 2,
        "locally_administered": 1,
        "client_id_without_hardware_address": 1,
    }
    assert [reject.partition(";")[0] for reject in source.first_rejects] == [
        "DhcpSrvLog-Tue.log:25: unreadable date",
        "DhcpSrvLog-Tue.log:26: not an address",
        "DhcpSrvLog-Tue.log:27: not the hardware address of a device",
        "DhcpSrvLog-Tue.log:28: wrong column count",
    ]
    assert "times are the server's local ones and are read as UTC" in source.notes


def test_dhcpv6_events() -> None:
    source, rows = read(WindowsDhcpLog(), LOG_V6)
    assert places(rows) == [("00:53:00:0a:0b:0c", "2001:db8:4::17", "probable")]
    assert dict(source.not_resolved) == {"event_of_no_client": 1, "duid_without_hardware_address": 1}


def test_a_log_without_the_line_of_columns_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no line names the columns"):
        read_text(WindowsDhcpLog(), "Event ID  Meaning\n10\tleased\n", tmp_path)
