from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, places, read, read_text

from beholden.errors import ScanError
from beholden.scan.devices.kea import KeaLeases

if TYPE_CHECKING:
    from pathlib import Path

V4 = DATA / "kea" / "leases4.csv"
V6 = DATA / "kea" / "leases6.csv"
HEADER = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname"


def test_one_row_per_leased_address_and_device() -> None:
    _, rows = read(KeaLeases(), V4)
    assert [(row["value"], row["own_host"], row["count"], row["lines"]) for row in rows] == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", 2, [2, 5]),
        ("00:53:00:01:02:03", "10.20.4.18", 1, [3]),
        ("00:53:00:ff:ff:01", "10.20.4.17", 1, [7]),
        ("00:53:00:00:00:07", "10.20.4.21", 1, [8]),
    ]
    assert {(row["kind"], row["relation"], row["certainty"]) for row in rows} == {("mac", "hardware", "confirmed")}


def test_the_client_was_heard_of_a_lifetime_before_the_lease_expires() -> None:
    _, rows = read(KeaLeases(), V4)
    assert rows[0]["first_seen"] == datetime(2026, 1, 6, 3, tzinfo=UTC)
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 4, tzinfo=UTC)


def test_an_endless_lease_was_heard_of_at_a_time_of_this_century(tmp_path: Path) -> None:
    _, rows = read(KeaLeases(), V4)
    assert rows[1]["last_seen"] == datetime(2026, 1, 6, 4, tzinfo=UTC)
    # A server that keeps `expire` in 32 bits writes the sum without its carry.
    _, rows = read_text(KeaLeases(), f"{HEADER}\n10.0.0.1,00:53:00:00:00:01,,4294967295,1767671999,1,0,0,\n", tmp_path)
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 4, tzinfo=UTC)


def test_the_last_row_of_an_address_is_its_state() -> None:
    _, rows = read(KeaLeases(), V4)
    assert [details(row)["lease_state"] for row in rows] == ["superseded", "active", "active", "removed"]


def test_an_escaped_comma_is_one() -> None:
    _, rows = read(KeaLeases(), V4)
    assert details(rows[0])["hostname"] == "gate,camera.site.example"


def test_what_is_no_device_with_a_maker_is_counted() -> None:
    source, _ = read(KeaLeases(), V4)
    assert dict(source.not_resolved) == {
        "no_hardware_address": 1,
        "locally_administered": 1,
        "not_an_ethernet_address": 1,
    }


def test_bad_rows_are_rejected_with_their_line() -> None:
    source, _ = read(KeaLeases(), V4)
    assert (source.records_read, source.records_rejected) == (8, 4)
    assert [reject.partition(";")[0] for reject in source.first_rejects] == [
        "leases4.csv:10: not an address",
        "leases4.csv:11: unreadable time",
        "leases4.csv:12: not the hardware address of a device",
        "leases4.csv:13: wrong column count",
    ]


def test_the_address_inside_a_duid_is_probable_and_one_on_the_wire_is_not() -> None:
    source, rows = read(KeaLeases(), V6)
    assert places(rows) == [
        ("00:53:00:0a:0b:0c", "2001:db8:4::17", "probable"),
        ("00:53:00:01:02:04", "2001:db8:4:100::", "confirmed"),
    ]
    assert [row["field"] for row in rows] == ["duid", "hwaddr"]
    assert details(rows[1])["lease"] == "prefix"
    assert source.not_resolved["duid_without_hardware_address"] == 1


def test_rows_of_a_newer_server_below_an_older_header_are_read(tmp_path: Path) -> None:
    older = "10.0.0.1,00:53:00:00:00:01,,60,1767672000,1,0,0,a"
    newer = "10.0.0.2,00:53:00:00:00:02,,60,1767672000,1,0,0,b,0,,0"
    text = f"{HEADER}\n{older}\n{newer}\n"
    source, rows = read_text(KeaLeases(), text, tmp_path)
    assert [row["own_host"] for row in rows] == ["10.0.0.1", "10.0.0.2"]
    assert source.records_rejected == 0


def test_a_header_in_the_middle_is_no_lease(tmp_path: Path) -> None:
    row = "10.0.0.1,00:53:00:00:00:01,,60,1767672000,1,0,0,\n"
    source, rows = read_text(KeaLeases(), f"{HEADER}\n{row}{HEADER}\n{row}", tmp_path)
    assert (rows[0]["count"], source.records_rejected) == (2, 0)


@pytest.mark.parametrize("expire", ["9" * 20, "0", "99999999999999"])
def test_times_beyond_reason_neither_raise_nor_lose_the_device(expire: str, tmp_path: Path) -> None:
    text = f"{HEADER}\n10.0.0.1,00:53:00:00:00:01,,60,{expire},1,0,0,\n"
    _, rows = read_text(KeaLeases(), text, tmp_path)
    assert [row["value"] for row in rows] == ["00:53:00:00:00:01"]


def test_a_file_without_the_header_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no Kea lease header"):
        read_text(KeaLeases(), "a,b,c\n1,2,3\n", tmp_path)


@pytest.mark.parametrize("text", ["", "address,amount\n", "address,hwaddr\n10.0.0.1,00:53:00:00:00:01\n"])
def test_other_tables_are_not_accepted(text: str) -> None:
    assert not KeaLeases().accepts(head(text, "kea-leases4.csv")).accepted
