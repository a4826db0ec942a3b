from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scan.devices.reading import DATA, details, read, reader_of

from beholden.scan.devices.inventory import HardwareInventory

if TYPE_CHECKING:
    from pathlib import Path

NETBOX, ASSETS = DATA / "inventory" / "netbox-devices.csv", DATA / "inventory" / "assets.csv"


def test_a_manufacturer_of_our_inventory_is_a_name_related_as_hardware() -> None:
    source, rows = read(HardwareInventory(), NETBOX)
    assert [(row["kind"], row["value"], row["relation"], row["own_host"], row["certainty"]) for row in rows] == [
        ("name", "Invented Cameras Ltd", "hardware", "10.20.4.17", "confirmed"),
        ("name", "Invented Cameras Ltd", "hardware", "depot-camera", "probable"),
    ]
    assert details(rows[1])["status"] == "Planned"
    assert dict(source.not_resolved) == {"manufacturer_not_stated": 1}


def test_a_hardware_address_in_it_is_a_device_of_its_own() -> None:
    source, rows = read(HardwareInventory(), ASSETS)
    assert [(row["kind"], row["value"], row["own_host"]) for row in rows] == [
        ("name", "Invented Cameras Ltd", "gate-camera"),
        ("mac", "00:53:00:0a:0b:0c", "gate-camera"),
    ]
    assert dict(source.reasons) == {"not a hardware address": 1, "wrong column count": 1}


def test_field_names_and_labels_are_the_same_columns(tmp_path: Path) -> None:
    for header in ("name,device_role,manufacturer,device_type,serial", "Name,Role,Manufacturer,Type,Serial number"):
        assert reader_of(f"{header}\ngate,camera,Invented Cameras Ltd,IC-2CD,SN1\n", tmp_path) == "hardware-inventory"


def test_a_catalogue_of_types_has_no_devices(tmp_path: Path) -> None:
    assert reader_of("manufacturer,model,slug,u_height\nInvented,IC-2CD,ic-2cd,1\n", tmp_path) is None


def test_fixed_assets_with_amounts_stay_a_ledger(tmp_path: Path) -> None:
    text = "vendor,amount,date,manufacturer,model,serial\nShop Ltd,10.00,2026-01-06,Invented Cameras Ltd,IC-2CD,SN1\n"
    assert reader_of(text, tmp_path) == "ledger-csv"
