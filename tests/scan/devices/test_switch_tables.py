from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, places, read

from beholden.scan import SCANNERS
from beholden.scan.detect import detect
from beholden.scan.devices.switch_tables import EthernetSwitchingTable, MacAddressTable
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.scan.interface import Scanner

TABLES = DATA / "switch-tables"
CAMERA = ("00:53:00:0a:0b:0c", None, "probable")


@pytest.mark.parametrize(
    ("scanner", "file", "expected", "port"),
    [
        (MacAddressTable(), "ios.txt", [CAMERA, ("00:53:00:01:02:03", None, "probable")], ("10", "Gi1/0/5")),
        (MacAddressTable(), "nxos.txt", [CAMERA, ("00:53:00:00:00:01", None, "probable")], ("10", "Eth1/5")),
        (MacAddressTable(), "catalyst6500.txt", [CAMERA], ("10", "Gi1/5")),
        (MacAddressTable(), "eos.txt", [CAMERA], ("10", "Et5")),
        (
            EthernetSwitchingTable(),
            "junos.txt",
            [CAMERA, ("00:53:00:00:00:01", None, "probable")],
            ("default", "ge-0/0/5.0"),
        ),
        (EthernetSwitchingTable(), "junos-els.txt", [CAMERA], ("cameras", "ge-0/0/5.0")),
    ],
)
def test_devices_of_a_table(
    scanner: Scanner, file: str, expected: list[tuple[str, str | None, str]], port: tuple[str, str]
) -> None:
    source, rows = read(scanner, TABLES / file)
    assert places(rows) == expected
    assert (details(rows[0])["vlan"], details(rows[0])["interface"]) == port
    assert any("segment of ours or of guests is not known" in note for note in source.notes)


def test_the_prompt_tells_the_switch_and_a_cut_line_is_rejected() -> None:
    source, rows = read(MacAddressTable(), TABLES / "ios.txt")
    assert details(rows[0])["printed_by"] == "access-3"
    assert source.first_rejects[0].startswith("ios.txt:11: not an entry of the table")
    assert (source.records_read, source.records_rejected) == (4, 1)
    assert dict(source.not_resolved) == {"multicast_address": 1, "locally_administered": 1, "segment_not_known": 2}


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.txt")), ids=lambda path: path.name)
def test_each_output_goes_to_one_reader(path: Path) -> None:
    accepting = [
        scanner.name for scanner in SCANNERS if scanner.accepts(head(path.read_text(encoding="utf-8"))).accepted
    ]
    assert len(accepting) == 1


def test_two_tables_in_one_file_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "session.txt"
    tables = [TABLES / "ios.txt", DATA / "neighbours" / "ios-arp.txt"]
    path.write_text("".join(table.read_text(encoding="utf-8") for table in tables), encoding="utf-8")
    found = detect(Source(path, path.name), SCANNERS)
    assert found.scanner is None
    assert "save what one command prints in a file of its own" in found.reason
