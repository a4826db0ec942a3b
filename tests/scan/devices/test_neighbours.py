from __future__ import annotations

from pathlib import Path

import pytest
from tests.scan.devices.reading import DATA, details, head, owning, places, read, read_text, reader_of

from beholden.scan import SCANNERS
from beholden.scan.devices.host_neighbours import ArpCommand, IpNeighbour, NdpCommand, ProcNetArp, WindowsArp
from beholden.scan.devices.router_neighbours import RouterArp
from beholden.scan.interface import Scanner

NEIGHBOURS = DATA / "neighbours"
ROUTER, CAMERA = ("00:53:00:00:00:01", "10.20.4.1", "confirmed"), ("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed")


@pytest.mark.parametrize(
    ("scanner", "file", "expected", "left_out"),
    [
        (
            ArpCommand(),
            "arp-an.txt",
            [ROUTER, ("00:53:00:01:02:03", "10.20.4.10", "confirmed")],
            {"nobody_answered": 1, "locally_administered": 1, "outside_our_networks": 1},
        ),
        (ArpCommand(), "arp-macos.txt", [ROUTER, CAMERA], {"nobody_answered": 1, "multicast_address": 2}),
        (
            ArpCommand(),
            "arp-n.txt",
            [ROUTER, CAMERA, ("00:53:00:00:00:03", None, "probable")],
            {"nobody_answered": 1, "segment_not_known": 1},
        ),
        (ArpCommand(), "arp-openbsd.txt", [ROUTER, CAMERA], {"nobody_answered": 1}),
        (
            IpNeighbour(),
            "ip-neigh.txt",
            [ROUTER, CAMERA, ("00:53:00:00:00:01", "fe80::253:ff:fe00:1", "probable")],
            {
                "nobody_answered": 4,
                "multicast_address": 1,
                "not_an_ethernet_address": 1,
                "outside_our_networks": 1,
                "segment_not_known": 1,
            },
        ),
        (ProcNetArp(), "proc-net-arp.txt", [ROUTER, CAMERA], {"nobody_answered": 1, "not_an_ethernet_address": 1}),
        (WindowsArp(), "arp-windows.txt", [ROUTER, CAMERA], {"multicast_address": 2}),
        (
            NdpCommand(),
            "ndp-an.txt",
            [("00:53:00:00:00:01", "fe80::253:ff:fe00:1", "probable")],
            {"nobody_answered": 1, "outside_our_networks": 1, "segment_not_known": 1},
        ),
        (
            RouterArp(),
            "ios-arp.txt",
            [
                ROUTER,
                CAMERA,
                ("00:00:5e:00:01:0a", "10.20.4.3", "confirmed"),
                ("00:53:00:0a:0b:0c", "fe80::253:ff:fe0a:b0c", "probable"),
            ],
            {"nobody_answered": 1, "outside_our_networks": 2, "segment_not_known": 1},
        ),
        (RouterArp(), "nxos-arp.txt", [CAMERA], {"nobody_answered": 1}),
        (RouterArp(), "junos-arp.txt", [CAMERA], {}),
    ],
)
def test_devices_of_a_table(
    scanner: Scanner, file: str, expected: list[tuple[str, str | None, str]], left_out: dict[str, int]
) -> None:
    source, rows = read(scanner, NEIGHBOURS / file)
    assert places(rows) == expected
    assert dict(source.not_resolved) == left_out
    assert source.records_rejected == 0
    assert {(row["first_seen"], row["last_seen"]) for row in rows} == {(None, None)}


@pytest.mark.parametrize("path", sorted(NEIGHBOURS.glob("*.txt")), ids=lambda path: path.name)
def test_each_output_goes_to_one_reader(path: Path) -> None:
    accepting = [
        scanner.name for scanner in SCANNERS if scanner.accepts(head(path.read_text(encoding="utf-8"))).accepted
    ]
    assert len(accepting) == 1


def test_an_address_is_ours_by_the_profile() -> None:
    source, rows = read(ArpCommand(), NEIGHBOURS / "arp-an.txt", owning("192.0.2.0/24"))
    assert places(rows) == [("00:53:00:00:00:02", "192.0.2.1", "confirmed")]
    assert source.not_resolved["outside_our_networks"] == 4
    assert any("name your networks" in note for note in source.notes)


def test_where_a_device_was_seen_is_told() -> None:
    _, rows = read(RouterArp(), NEIGHBOURS / "ios-arp.txt")
    assert details(rows[1]) == {"interface": "Vlan10", "printed_by": "edge-7"}
    _, rows = read(ArpCommand(), NEIGHBOURS / "arp-macos.txt")
    assert details(rows[1]) == {"interface": "en0", "hostname": "gate.site.example"}


def test_damaged_entries_are_rejected(tmp_path: Path) -> None:
    text = (
        "? (10.20.4.1) at 00:53:00:00:00:01 [ether] on eth0\n"
        "? (10.20.4.1) at 00:53:00:00\n"
        "? (10.20.4.999) at 00:53:00:00:00:01 [ether] on eth0\n"
        "? (10.20.4.2) at 00:53:00:00:00:02 [ether] on eth0\n"
        "? (10.20.4.3) is gone\n"
    )
    source, rows = read_text(ArpCommand(), text, tmp_path)
    assert [row["own_host"] for row in rows] == ["10.20.4.1", "10.20.4.2"]
    assert dict(source.reasons) == {"not an address": 1, "not an entry of the table": 1}
    assert source.not_resolved["not_an_ethernet_address"] == 1


def test_long_lines_are_no_work(tmp_path: Path) -> None:
    text = "? (10.20.4.1) at 00:53:00:00:00:01" + " on x" * 150_000 + "\n" + "10.0.0.1 dev " + "a " * 400_000 + "\n"
    source, rows = read_text(ArpCommand(), text, tmp_path)
    assert (rows, source.records_rejected) == ([], 2)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Jan 6 host kernel: arp: 10.0.0.1 moved from 00:53:00:00:00:01 to 00:53:00:00:00:02\n", id="log"),
        pytest.param("10.0.0.1 00:53:00:00:00:01\n", id="two columns"),
        pytest.param("IP address HW type Flags HW address\n", id="heading alone"),
        pytest.param(
            "# Neighbours\n\nRun `arp -an`; it prints\n\n? (10.0.0.1) at 00:53:00:00:00:01 on en0\n\nor so.\n",
            id="prose",
        ),
    ],
)
def test_other_texts_are_of_no_reader_of_tables(text: str, tmp_path: Path) -> None:
    assert reader_of(text, tmp_path) is None
