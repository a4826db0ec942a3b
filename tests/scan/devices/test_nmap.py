from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.scan.devices.reading import DATA, details, head, owning, places, read, read_text

from beholden.errors import ScanError
from beholden.scan.devices.nmap import NmapXml
from beholden.scan.interface import Watch
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

SCAN = DATA / "nmap" / "scan.xml"
HOST = (
    '<host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/>'
    '<address addr="00:53:00:00:00:01" addrtype="mac"/>{}</host>'
)


def run(content: str = "", doctype: str = "<!DOCTYPE nmaprun>") -> str:
    return f'<?xml version="1.0"?>{doctype}<nmaprun scanner="nmap">{content}</nmaprun>'


def test_a_host_of_ours_that_answered_is_a_device() -> None:
    _, rows = read(NmapXml(), SCAN)
    assert places(rows) == [("00:53:00:0a:0b:0c", "10.20.4.17", "confirmed")]
    assert rows[0]["lines"] == [5]
    assert rows[0]["first_seen"] == datetime(2026, 1, 6, 4, 0, 1, tzinfo=UTC)
    assert rows[0]["last_seen"] == datetime(2026, 1, 6, 4, 0, 9, tzinfo=UTC)


def test_neither_the_vendor_of_nmaps_table_nor_a_guess_of_the_system_is_told() -> None:
    _, rows = read(NmapXml(), SCAN)
    assert details(rows[0]) == {"hostname": "gate-camera.site.example"}


def test_other_hosts_are_counted_and_bad_ones_rejected() -> None:
    source, _ = read(NmapXml(), SCAN)
    assert dict(source.not_resolved) == {
        "host_not_up": 1,
        "outside_our_networks": 1,
        "host_without_hardware_address": 1,
        "locally_administered": 1,
    }
    assert dict(source.reasons) == {"not a hardware address": 1, "host without an address": 1}
    assert source.records_read == 5


def test_an_address_is_ours_by_the_profile() -> None:
    _, rows = read(NmapXml(), SCAN, owning("192.0.2.0/24"))
    assert places(rows) == [("00:53:00:00:00:07", "192.0.2.7", "confirmed")]


def test_a_scan_that_was_cut_off_gives_its_hosts_and_the_error(tmp_path: Path) -> None:
    path = tmp_path / "scan.xml"
    path.write_text(run(HOST.format("") * 2).removesuffix("</nmaprun>"), encoding="utf-8")
    batches = NmapXml().scan(Source(path, "scan.xml"), Watch())
    assert next(batches)["count"].to_pylist() == [2]
    with pytest.raises(ScanError, match="not well-formed"):
        next(batches)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(encoding: str, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = tmp_path / "scan.xml"
    text = run(HOST.format('<hostnames><hostname name="&b;"/></hostnames>'), bomb)
    path.write_bytes(text.replace("?>", f' encoding="{encoding}"?>', 1).encode(encoding))
    with pytest.raises(ScanError) as error:
        read(NmapXml(), path)
    assert error.value.code == "scan.hostile-xml"


def test_a_document_type_from_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    outside = tmp_path / "nmap.dtd"
    outside.write_text('<!ENTITY secret "told">', encoding="utf-8")
    doctype = f'<!DOCTYPE nmaprun SYSTEM "{outside.as_uri()}">'
    _, rows = read_text(NmapXml(), run(HOST.format(""), doctype), tmp_path)
    assert [row["value"] for row in rows] == ["00:53:00:00:00:01"]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScanError) as error:
        read_text(NmapXml(), run(HOST.format("<a>" * 100 + "</a>" * 100)), tmp_path)
    assert error.value.code == "scan.nested-too-deep"


def test_addresses_deeper_than_a_host_are_not_its_own(tmp_path: Path) -> None:
    inner = '<trace><hop><x><address addr="10.0.0.9" addrtype="ipv4"/></x></hop></trace>'
    _, rows = read_text(NmapXml(), run(HOST.format(inner)), tmp_path)
    assert [row["own_host"] for row in rows] == ["10.0.0.1"]


def test_other_xml_is_not_accepted() -> None:
    assert not NmapXml().accepts(head('<?xml version="1.0"?><project/>', "scan.xml")).accepted
