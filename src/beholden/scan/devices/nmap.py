"""Nmap's XML output (`-oX`): hosts of our networks that answered a scan, with their hardware addresses.

Source: the Nmap Reference Guide, "XML Output", and its document type definition `nmap.dtd`.
    A hardware address is only seen on the scanner's own link. The `vendor` beside it comes from a table of Nmap's own;
    it is not read, since the dated registry of the knowledge base says it. Operating systems are guesses from
    behaviour and are not read either. A host with an address outside our networks is somebody else's.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, clipped, hardware, moment, summed
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.network.sides import OURS, Sides
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from lxml.etree import _Element

    from beholden.scan.source import Source

_ROOT = re.compile(r"<nmaprun[\s>]")
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_CHUNK = 64 * 1024
# nmaprun, host, hostnames, hostname; ports and scripts may lie deeper.
_DEEPEST = 4
_MAX_DEPTH = 64
# libxml2 counts lines in 16 bits unless told otherwise; from there on the number is not a line.
_LAST_LINE = 65_535


class NmapXml:
    """Reads `nmap -oX`: one observation per host of ours and hardware address."""

    name = "nmap-xml"
    title = "Nmap scans of our own networks (XML output, -oX)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to XML with Nmap's top element."""
        text = head.text
        if text.lstrip().startswith("<") and _ROOT.search(text):
            return Acceptance.yes("has an <nmaprun> element", strength=95)
        return Acceptance.no("has no <nmaprun> element")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (address, MAC) of hosts that were up.

        Raises:
            ScanError: Not well-formed, nested too deep, or with declarations of its own; what came before is given.
        """
        yield from summed(Devices(source, "hosts"), _sightings(source, Sides(watch)))
        if source.not_resolved["host_without_hardware_address"]:
            source.note("a scan shows hardware addresses of the scanner's own link only")
        if source.not_resolved["outside_our_networks"]:
            source.note(
                "hosts with an address outside our networks are not taken for devices of ours; name your networks in "
                "beholden.toml if they are"
            )


@dataclass(slots=True)
class _Host:
    """What one host element says."""

    line: int | None
    is_up: bool = False
    ip: str | None = None
    mac: str | None = None
    name: str | None = None
    started: str = ""
    ended: str = ""

    def add(self, element: _Element) -> None:
        """Take what an element inside says."""
        match element.tag:
            case "status":
                self.is_up = element.get("state") == "up"
            case "address" if element.get("addrtype") == "mac":
                self.mac = element.get("addr")
            case "address":
                self.ip = self.ip or element.get("addr")
            case "hostname":
                self.name = self.name or element.get("name")


def _sightings(source: Source, sides: Sides) -> Iterator[Sighting | None]:
    for host in _hosts(source):
        yield _read(host, source, sides)


def _read(host: _Host, source: Source, sides: Sides) -> Sighting | None:
    if not host.is_up:
        source.accept()
        source.not_resolved["host_not_up"] += 1
        return None
    side = sides[host.ip or ""]
    if not side:
        source.reject(host.line, "host without an address", expected='<address addrtype="ipv4" or "ipv6">')
        return None
    if not side & OURS:
        source.accept()
        source.not_resolved["outside_our_networks"] += 1
        return None
    if host.mac is None:
        source.accept()
        source.not_resolved["host_without_hardware_address"] += 1
        return None
    try:
        mac = hardware(host.mac, source)
    except WrongHardwareError:
        source.reject(host.line, "not a hardware address", expected="six bytes in hex")
        return None
    source.accept()
    if mac is None:
        return None
    first, last = (moment(int(text)) if _SECONDS.fullmatch(text) else None for text in (host.started, host.ended))
    where = sides.canonical(host.ip or "")
    facts = clipped({"hostname": host.name})
    return Sighting(mac, host.mac, host.line, "address", where, first=first or last, heard=last or first, facts=facts)


def _hosts(source: Source) -> Iterator[_Host]:
    """The host elements one by one; nothing of the tree is kept.

    Raises:
        ScanError: Not well-formed, nested too deep, or with declarations of its own.
    """
    # 30 ms that only a folder with a scan should pay.
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    depth = 0
    host: _Host | None = None
    try:
        for chunk in _chunks(source):
            parser.feed(chunk)
            for event, found in parser.read_events():
                element: _Element = found  # type: ignore[assignment]  # the other events are not asked for
                if event == "start":
                    depth += 1
                    if depth == 1:
                        _check_root(element, source)
                    elif depth == 2 and element.tag == "host":
                        host = _Host(_line_of(element), started=element.get("starttime", ""))
                        host.ended = element.get("endtime", "")
                    elif host is not None and depth <= _DEEPEST:
                        host.add(element)
                    elif depth > _MAX_DEPTH:
                        raise source.error("XML nested too deep", code="scan.nested-too-deep")
                    continue
                depth -= 1
                if depth == 1 and host is not None:
                    yield host
                    host = None
                _forget(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise source.error(f"not well-formed XML: {error.msg}", line=error.lineno) from error


def _chunks(source: Source) -> Iterator[bytes]:
    with source.open() as stream:
        try:
            while chunk := stream.read(_CHUNK):
                yield chunk
        except (EOFError, zlib.error) as error:
            raise source.error(f"compressed data is damaged: {error}", code="scan.damaged-archive") from error


def _check_root(root: _Element, source: Source) -> None:
    # Nmap names its document type and declares nothing in it; whatever else is declared is refused.
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and (any(declared.iterentities()) or any(declared.iterelements())):
        raise source.error("declarations in the document type are refused in XML input", code="scan.hostile-xml")
    if root.tag != "nmaprun":
        raise source.error("not Nmap's output: expected <nmaprun> as the top element")


def _forget(element: _Element) -> None:
    """Drop what an ended element holds, and the elements before it, which have ended too."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _line_of(element: _Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) and line < _LAST_LINE else None
