from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, places, read, read_text, reader_of

from beholden.scan.devices.device_list import DeviceList
from beholden.scan.interface import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PORTS, INTERFACES = DATA / "device-list" / "ports.csv", DATA / "device-list" / "netbox-interfaces.csv"


def test_rows_with_an_address_are_devices_and_rows_with_a_port_alone_probable_ones() -> None:
    source, rows = read(DeviceList(), PORTS)
    assert places(rows) == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed"),
        ("00:53:00:01:02:03", None, "probable"),
        ("00:53:00:00:00:0a", "10.20.4.22", "confirmed"),
    ]
    assert dict(source.reasons) == {"not a hardware address": 1, "not an address": 1}
    assert dict(source.not_resolved) == {
        "segment_not_known": 1,
        "locally_administered": 1,
        "no_hardware_address": 1,
        "unreadable_time": 1,
    }


def test_times_are_read_where_they_are_unmistakable() -> None:
    _, rows = read(DeviceList(), PORTS)
    assert [row["last_seen"] for row in rows] == [
        datetime(2026, 1, 6, 16, 30, 5, tzinfo=UTC),
        datetime(2026, 1, 6, 4, tzinfo=UTC),
        None,
    ]


def test_the_vendor_that_another_tool_looked_up_is_no_evidence() -> None:
    _, rows = read(DeviceList(), PORTS)
    assert details(rows[0]) == {"port": "Gi1/0/5", "switch": "access-3", "vlan": "10"}
    assert {row["kind"] for row in rows} == {"mac"}


def test_interfaces_of_netbox_with_several_addresses_or_none() -> None:
    _, rows = read(DeviceList(), INTERFACES)
    assert places(rows) == [
        ("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed"),
        ("00:53:00:0a:0b:0d", "depot-camera", "confirmed"),
    ]


def test_a_mapping_outranks_the_words_and_names_what_no_word_does(tmp_path: Path) -> None:
    text = "Kennung;Wo;Zuletzt;MAC\n0053000a0b0c;10.20.4.17;2026-01-06T05:00:00+01:00;x\n"
    mapping = {"mac": "Kennung", "address": "Wo", "last_seen": "Zuletzt", "colour": "x"}
    assert DeviceList().accepts(head(text, columns=mapping)).strength == 90
    source, rows = read_text(DeviceList(), text, tmp_path, Watch(columns=mapping))
    assert places(rows) == [("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed")]
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 4, tzinfo=UTC)
    assert source.notes[0].startswith("column mapping: unknown keys colour")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("vendor,amount,date\nExample Ltd,1.00,2026-01-06\n", id="ledger"),
        pytest.param("mac\n00:53:00:0a:0b:0c\n", id="one column"),
        pytest.param("macro,port\nx,1\n", id="another word"),
        pytest.param("MAC,SSID,AuthMode,FirstSeen,RSSI\n00:53:00:0a:0b:0c,x,[ESS],2026-01-06,-70\n", id="WiFi survey"),
    ],
)
def test_other_tables_are_not_device_lists(text: str, tmp_path: Path) -> None:
    assert reader_of(text, tmp_path) != "device-list"


def test_a_ledger_without_amounts_does_not_take_a_device_list_with_a_vendor_column(tmp_path: Path) -> None:
    assert reader_of("mac,ip,vendor,date\n00:53:00:0a:0b:0c,10.0.0.1,Example,2026-01-06\n", tmp_path) == "device-list"


def test_a_table_of_another_tool_with_made_up_addresses_has_devices_and_no_maker(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/btest-dhcp-max-tracked-transactions-dhcp.log")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    local = [line for line in lines[1:] if line.split("\t")[4].startswith("02:")]
    source, rows = read(DeviceList(), path)
    assert (source.records_read, source.not_resolved["locally_administered"]) == (len(lines) - 1, len(local))
    assert (rows, source.records_rejected) == ([], 0)


def test_clients_of_our_own_wifi_have_an_address_and_are_devices(tmp_path: Path) -> None:
    assert reader_of("mac,ssid,rssi,ip\n00:53:00:0a:0b:0c,site,-60,10.20.4.17\n", tmp_path) == "device-list"
