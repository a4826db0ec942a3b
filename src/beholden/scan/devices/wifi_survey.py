"""The frame of the readers of Wi-Fi surveys: what was heard is a neighbour's unless the record ties it to us.

An access point is ours where it is a radio that the profile names, or broadcasts a name of ours (`probable`: anybody
can broadcast a name). A station is ours to judge where the record says that it joined such an access point. All other
devices are counted and never kept; nor are positions, the names of other people's networks, and what stations look for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.devices.sightings import Devices, Sighting, clipped
from beholden.values.mac import is_locally_administered, is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import OwnWifi, Watch
    from beholden.scan.source import Source

# Access points of ours whose stations are known; a file with more radios under one name is not a survey.
_MAX_RADIOS = 100_000

HEARD = "wifi_heard_not_ours"
IMITATED = "wifi_our_name_on_other_radio"
_RANDOMISED = "locally_administered"


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
        self._devices = Devices(source, "records of a survey")

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
        self._ours("access point", network.radios, mac, address, network, seen, is_sure=is_sure)

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
            self._ours("station", network.stations, mac, address, network, seen, is_sure=is_sure)

    def other(self, count: int = 1) -> None:
        """Count what is no Wi-Fi device (Bluetooth, cell towers, sensors): nothing ties it to a network of ours."""
        self._source.accept(count)
        self._source.not_resolved[HEARD] += count

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there are too many devices to keep."""
        yield from self._devices.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._devices.rest()

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
        self._source.not_resolved[_RANDOMISED] += is_locally_administered(mac)

    def _ours(self, what: str, where: str, mac: str, raw: str, network: OwnWifi, seen: Seen, *, is_sure: bool) -> None:
        self._devices.add(
            Sighting(
                mac,
                raw.strip(),
                seen.line,
                "bssid" if what == "access point" else "station",
                where,
                first=seen.first,
                heard=seen.last or seen.first,
                is_sure=is_sure,
                facts=clipped({"seen_as": what, "ssid": network.ssid}),
            )
        )
