"""Kismet logs (`.kismet`, SQLite): the devices that a sensor heard, and the access points that stations had joined.

Source: kismetwireless.net, "KismetDB logs" (what versions 6 to 8 add is in other tables than `devices`), "Devices" and
    "Major API changes" (maps without content are left out since 2020-08). Positions are not selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from beholden.scan.devices.sqlite_table import SIGNATURE, Table
from beholden.scan.devices.wifi_survey import Seen, Survey
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.network.cells import LATEST
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.tally import utc
from beholden.scan.place import has_beside
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pyarrow as pa

    from beholden.scan.source import Source

_MARKS = (b"CREATE TABLE KISMET", b"CREATE TABLE devices")
_COLUMNS = ("first_time", "last_time", "phyname", "devmac", "device")
_DOT11 = b"IEEE802.11"
_VERSIONS = range(5, 9)
_Item = TypeVar("_Item")
_JOURNALS = ("-journal", "-wal")


# Some versions print 0 where a text or a map is empty.
_Empty = int | None


class _Advertised(msgspec.Struct):
    ssid: str | _Empty = msgspec.field(name="dot11.advertisedssid.ssid", default=None)


class _Client(msgspec.Struct):
    bssid: str | _Empty = msgspec.field(name="dot11.client.bssid", default=None)


class _Dot11(msgspec.Struct):
    """Maps are objects keyed by a checksum or an address, and some are arrays in later versions."""

    advertised: dict[str, _Advertised] | list[_Advertised] | _Empty = msgspec.field(
        name="dot11.device.advertised_ssid_map", default=None
    )
    clients: dict[str, _Client] | list[_Client] | _Empty = msgspec.field(name="dot11.device.client_map", default=None)


class _Record(msgspec.Struct):
    type: str | _Empty = msgspec.field(name="kismet.device.base.type", default=None)
    dot11: _Dot11 | _Empty = msgspec.field(name="dot11.device", default=None)


_DECODER = msgspec.json.Decoder(_Record)


class _Device(NamedTuple):
    address: str
    seen: Seen
    dot11: _Dot11
    is_access_point: bool


class KismetLog:
    """Reads the devices of a Kismet log."""

    name = "kismet"
    title = "Kismet log (SQLite, versions 5 to 8)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a SQLite file whose first page defines Kismet's tables."""
        if not head.data.startswith(SIGNATURE):
            return Acceptance.no("not a SQLite database")
        if all(mark in head.data for mark in _MARKS):
            return Acceptance.yes("SQLite database with Kismet's tables", strength=95)
        return Acceptance.no("SQLite database without Kismet's tables")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per device of ours and network of ours.

        Raises:
            ScanError: Not a plain SQLite table of devices, or damaged; what was read is given first.
        """
        survey = Survey(source, watch)
        yield from with_rest(_gathered(source, survey), survey, survey.tell)


def _gathered(source: Source, survey: Survey) -> Iterator[pa.RecordBatch]:
    _note_versions(source)
    table = Table(source, "devices", _COLUMNS)
    # Stations wait until every access point is known: the table is in no order that could be relied on.
    for device in _devices(table, source, survey, is_first_pass=True):
        if device.is_access_point:
            survey.access_point(device.address, _names(device.dot11), device.seen)
            yield from survey.full()
    for device in _devices(table, source, survey, is_first_pass=False):
        if not device.is_access_point:
            survey.station(device.address, _joined(device.dot11), device.seen)
            yield from survey.full()


def _note_versions(source: Source) -> None:
    for (version,) in Table(source, "KISMET", ("db_version",)):
        if version not in _VERSIONS:
            source.note("the version of this log is none of 5 to 8: what changed in others is not known here")
    if any(has_beside(source.place, tail) for tail in _JOURNALS):
        source.note("a journal lies beside this log and is not read: merge it with `kismetdb_clean`")


def _devices(table: Table, source: Source, survey: Survey, *, is_first_pass: bool) -> Iterator[_Device]:
    """Decode the Wi-Fi devices; what is rejected or no Wi-Fi device is counted in the first pass."""
    for first, last, phyname, address, record in table:
        if phyname != _DOT11:
            if is_first_pass:
                survey.other()
            continue
        device = _decode(first, last, address, record)
        if isinstance(device, _Device):
            yield device
        elif is_first_pass:
            source.reject(None, device, expected="a device of Kismet's JSON with address and times")


def _decode(first: object, last: object, address: object, record: object) -> _Device | str:
    """The device, or the reason why it is none."""
    times = (_moment(first), _moment(last))
    if None in times:
        return "time out of range"
    if not isinstance(address, bytes) or not isinstance(record, bytes):
        return "wrong type of value"
    try:
        decoded = _DECODER.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "not the JSON of a device"
    dot11 = decoded.dot11 if isinstance(decoded.dot11, _Dot11) else _Dot11()
    is_access_point = bool(dot11.advertised) or decoded.type == "Wi-Fi AP"
    return _Device(address.decode("ascii", "replace"), Seen(None, *times), dot11, is_access_point)


def _moment(seconds: object) -> datetime | None:
    return utc(seconds) if isinstance(seconds, int) and 0 <= seconds <= LATEST else None


def _names(dot11: _Dot11) -> list[str]:
    return [name.ssid for name in _items(dot11.advertised) if isinstance(name.ssid, str)]


def _joined(dot11: _Dot11) -> list[str]:
    # Not `last_bssid`: a station that only asked who is there has one, too.
    return [client.bssid for client in _items(dot11.clients) if isinstance(client.bssid, str)]


def _items(found: dict[str, _Item] | list[_Item] | _Empty) -> list[_Item]:
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else []
