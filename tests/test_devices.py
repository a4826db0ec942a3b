"""Devices from record to finding: whose segment, whose radio, and what a brand leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.command import run_here

if TYPE_CHECKING:
    from pathlib import Path

DAY = ("--as-of", "2026-08-01")
PROFILE = """
[organisation]
roles = ["us-person", "us-federal-contractor"]

[[networks]]
cidr = "10.20.0.0/16"
segment = "own"

[[networks]]
cidr = "10.99.0.0/16"
segment = "guest"
"""
KEA = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "records"
    place.mkdir()
    (place / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    return place


def findings(folder: Path) -> list[dict[str, Any]]:
    return list(run_here("scan", folder, *DAY, "--format", "json").document["findings"])


def of_889(rows: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str]]:
    """Level, operator, segment and relation under section 889."""
    return [
        (row["level"], row["operator"]["id"], row["artefact"]["segment"], row["artefact"]["relation"])
        for row in rows
        if row["listing"] and row["listing"]["regime"] == "us-889"
    ]


def leases(*rows: tuple[str, str]) -> str:
    return KEA + "".join(f"{address},{mac},,3600,1782864000,1,0,0,,0,\n" for address, mac in rows)


def test_a_device_on_a_guest_segment_is_not_our_use(folder: Path) -> None:
    text = leases(("10.20.4.17", "44:19:b6:00:00:01"), ("10.99.4.17", "3c:ef:8c:00:00:01"))
    (folder / "kea-leases4.csv").write_text(text, encoding="utf-8")
    assert of_889(findings(folder)) == [
        ("prohibited", "hikvision", "own", "hardware"),
        ("info", "dahua", "guest", "hardware"),
    ]


def test_a_switch_alone_cannot_say_whose_segment_a_device_is_on_and_a_lease_settles_it(folder: Path) -> None:
    table = "Vlan    Mac Address       Type        Ports\n  10    4419.b600.0001    DYNAMIC     Gi1/0/5\n"
    (folder / "switch.txt").write_text(table, encoding="utf-8")
    (finding, *_) = findings(folder)
    assert (finding["level"], finding["level_if_confirmed"]) == ("review", "prohibited")
    assert finding["questions"] == [
        "Is a device with a hardware address of the block 44:19:b6 in use on a segment of ours?"
    ]
    (folder / "kea-leases4.csv").write_text(leases(("10.20.4.17", "44:19:b6:00:00:01")), encoding="utf-8")
    (finding, *_) = findings(folder)
    assert (finding["level"], finding["artefact"]["segment"]) == ("prohibited", "own")


def test_who_made_a_relabelled_device_is_asked_and_an_answer_settles_it(folder: Path) -> None:
    (folder / "kea-leases4.csv").write_text(leases(("10.20.4.17", "9c:8e:cd:00:00:01")), encoding="utf-8")
    (finding,) = [row for row in findings(folder) if row["level"] == "review"]
    assert (finding["operator"]["id"], finding["artefact"]["relation"]) == ("dahua", "oem_of")
    assert finding["level_if_confirmed"] == "prohibited"
    assert "did Zhejiang Dahua Technology Co., Ltd. make this one?" in finding["questions"][0]
    assert "with another brand's hardware address (9c:8e:cd) may be made by Zhejiang Dahua" in finding["why"]
    assert finding["asked"][0]["id"].startswith("match@")
    answer = f"""
[[answers]]
question = "{finding["asked"][0]["id"]}"
answer = "no"
source = "label on the device"
by = "facilities"
on = 2026-07-01
"""
    (folder / "beholden.toml").write_text(PROFILE + answer, encoding="utf-8")
    assert [row for row in findings(folder) if row["level"] in ("review", "prohibited")] == []


def test_a_module_is_said_to_be_one(folder: Path) -> None:
    (folder / "kea-leases4.csv").write_text(leases(("10.20.4.17", "00:9b:08:00:00:01")), encoding="utf-8")
    (finding, *_) = findings(folder)
    assert finding["operator"]["id"] == "quectel"
    assert "radio module" in finding["why"]
    assert "need not be the maker of the device" in finding["why"]


def test_an_inventory_names_the_maker_in_our_own_words(folder: Path) -> None:
    text = "Name,Status,Site,Role,Manufacturer,Type,Serial number\ngate,Active,Harbour,Camera,Hikvision,DS-2,SN1\n"
    (folder / "netbox.csv").write_text(text, encoding="utf-8")
    (finding, *_) = findings(folder)
    assert (finding["level"], finding["artefact"]["kind"]) == ("prohibited", "name")
    assert finding["why"].startswith("A device of ours is recorded as made by Hangzhou Hikvision")


@pytest.mark.parametrize("mac", ["44:19:b6:00:00:01", "00:9b:08:00:00:01"])
def test_show_says_what_a_block_tells(mac: str) -> None:
    out = run_here("show", mac, *DAY).out.decode()
    assert "(the maker of the radio or network part, not necessarily of the device)" in out


def test_shared_files_hide_the_switch_that_printed_a_table(folder: Path, tmp_path: Path) -> None:
    table = (
        "harbour-sw-3#show mac address-table\nVlan    Mac Address       Type        Ports\n"
        "  10    4419.b600.0001    DYNAMIC     Gi1/0/5\n"
    )
    (folder / "switch.txt").write_text(table, encoding="utf-8")
    page = tmp_path / "report.html"
    document = run_here("scan", folder, *DAY, "--format", "json", "-o", page).document
    assert document["findings"][0]["artefact"]["details"][0]["printed_by"] == "harbour-sw-3"
    assert "harbour-sw-3" not in page.read_text(encoding="utf-8")
