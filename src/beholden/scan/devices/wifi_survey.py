"""The frame of the readers of Wi-Fi surveys: what was heard is a neighbour's unless the record ties it to us.

An access point is ours where it is a radio that the profile names, or broadcasts a name of ours (`probable`: anybody
can broadcast a name). A station is ours to judge where the record says that it joined such an access point. All other
devices are counted and never kept; nor are positions, the names of other people's networks, and what stations look for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation
from beholden.values.mac import is_locally_administered, is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import OwnWifi, Watch
    from beholden.scan.source import Source

# Devices of ours held at once; more are given as partial rows that merge later.
_MAX_DEVICES = 200_000
# Access points of ours whose stations are known; a file with more radios under one name is not a survey.
_MAX_RADIOS = 100_000

HEARD = "wifi_heard_not_ours"
IMITATED = "wifi_our_name_on_other_radio"
RANDOMISED = "locally_administered"


class Seen(NamedTuple):
    """Where and when a survey heard a device.

    Attributes:
        line: 1-based; None in a file without lines.
        first: First heard.
        last: Last heard.
    """

    line: int | None = None
    first: datetime | None = None
    last: datetime | None = None


def local_time(text: str) -> datetime | None:
    """Read a time that is printed without its zone, as if it were UTC; None where it is unreadable.

    Args:
        text: `2026-01-31 23:59:59`.
    """
    try:
        return datetime.strptime(text.strip()[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


class _Key(NamedTuple):
    mac: str
    network: OwnWifi
    is_access_point: bool
    is_sure: bool


@dataclass(slots=True)
class _Device:
    raw: str
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    lines: list[int] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        self.count += 1
        first, last = seen.first or seen.last, seen.last or seen.first
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last
        if seen.line is not None and len(self.lines) < MAX_LINES:
            self.lines.append(seen.line)


class Survey:
    """Tells ours from what was only heard, and sums it.

    Args:
        source: The survey; every device that is given to it counts as one record.
        watch: Names our Wi-Fi networks.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._has_networks = bool(watch.wifi)
        self._by_radio = {bssid: network for network in watch.wifi for bssid in network.bssids}
        self._by_name = {network.ssid: network for network in watch.wifi if network.ssid is not None}
        self._joined_by_name: dict[str, OwnWifi] = {}
        self._devices: dict[_Key, _Device] = {}
        self._rows = Rows(source.path)

    def access_point(self, address: str, names: Iterable[str], seen: Seen) -> None:
        """Take an access point that was heard.

        Args:
            address: Its BSSID, as printed.
            names: The names that it broadcasts.
            seen: Where and when.
        """
        mac = self._unicast(address, seen)
        if mac is None:
            return
        network, is_sure = self._by_radio.get(mac), True
        if network is None:
            network, is_sure = self._network_named(names), False
        if network is None:
            self._only_heard(mac)
            return
        if not is_sure and len(self._joined_by_name) < _MAX_RADIOS:
            self._joined_by_name[mac] = network
        self._ours(address, _Key(mac, network, is_access_point=True, is_sure=is_sure), seen)

    def station(self, address: str, joined: Iterable[str], seen: Seen) -> None:
        """Take a station that was heard; its access points must have been given before.

        Args:
            address: Its address, as printed.
            joined: The BSSIDs that the record says it joined, as printed.
            seen: Where and when.
        """
        mac = self._unicast(address, seen)
        if mac is None:
            return
        networks: dict[OwnWifi, bool] = {}
        for text in joined:
            radio = parse_mac(text) or ""
            if radio in self._by_radio:
                networks[self._by_radio[radio]] = True
            elif radio in self._joined_by_name:
                networks.setdefault(self._joined_by_name[radio], False)
        if not networks:
            self._only_heard(mac)
        for network, is_sure in networks.items():
            self._ours(address, _Key(mac, network, is_access_point=False, is_sure=is_sure), seen)

    def other(self, count: int = 1) -> None:
        """Count what is no Wi-Fi device (Bluetooth, cell towers, sensors): nothing ties it to a network of ours."""
        self._source.accept(count)
        self._source.not_resolved[HEARD] += count

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there are too many devices to keep."""
        if len(self._devices) >= _MAX_DEVICES:
            self._flush()
        yield from self._rows.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        self._flush()
        yield from self._rows.rest()

    def tell(self) -> None:
        """Put what was left out into coverage."""
        source, counts = self._source, self._source.not_resolved
        if heard := counts[HEARD]:
            known = (
                "nothing ties them to a Wi-Fi network of yours" if self._has_networks else "your networks are unknown"
            )
            source.note(
                f"{heard:,} records of devices that were only heard: {known}, and heard is not owned; "
                "networks of yours stand under [[wifi]] in beholden.toml"
            )
        if count := counts[IMITATED]:
            source.note(
                f"{count:,} records of access points that broadcast a name of yours and are none of the radios that "
                "beholden.toml lists for it: a radio that is missing there, or an imitation"
            )
        if count := counts[RANDOMISED]:
            source.note(
                f"{count:,} records of devices with a locally administered address (randomised, or one of several "
                "networks of one radio): no maker can be told from it"
            )

    def _unicast(self, address: str, seen: Seen) -> str | None:
        mac = parse_mac(address)
        if mac is None or is_multicast(mac):
            self._source.reject(seen.line, "not the hardware address of a device", expected="six bytes, unicast")
            return None
        self._source.accept()
        return mac

    def _network_named(self, names: Iterable[str]) -> OwnWifi | None:
        """The network of ours that goes by one of these names and whose radios are not all listed."""
        for name in names:
            network = self._by_name.get(name)
            if network is not None and not network.bssids:
                return network
            if network is not None:
                self._source.not_resolved[IMITATED] += 1
        return None

    def _only_heard(self, mac: str) -> None:
        self._source.not_resolved[HEARD] += 1
        self._is_randomised(mac)

    def _ours(self, raw: str, key: _Key, seen: Seen) -> None:
        if not self._is_randomised(key.mac):
            self._devices.setdefault(key, _Device(raw.strip())).add(seen)

    def _is_randomised(self, mac: str) -> bool:
        is_randomised = is_locally_administered(mac)
        self._source.not_resolved[RANDOMISED] += is_randomised
        return is_randomised

    def _flush(self) -> None:
        for key, device in self._devices.items():
            network = key.network
            # The radios of a guest network are our equipment: they stand in our inventory, not among the guests.
            is_inventory = key.is_access_point and network.has_our_radios
            detail = {"seen_as": "access point" if key.is_access_point else "station"}
            if network.ssid is not None:
                detail["ssid"] = network.ssid
            self._rows.add(
                Kind.MAC,
                key.mac,
                raw=device.raw,
                relation=Relation.HARDWARE,
                direction=Direction.NONE,
                certainty="confirmed" if key.is_sure else "probable",
                field="bssid" if key.is_access_point else "station",
                own_host=None if is_inventory else network.own_host,
                unit=network.unit if is_inventory else None,
                lines=device.lines,
                count=device.count,
                first_seen=device.first,
                last_seen=device.last,
                detail=detail,
            )
        self._devices.clear()
