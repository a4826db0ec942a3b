"""Wi-Fi networks that `beholden.toml` calls ours, so that surveys of the air tell our devices from the neighbours'."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from beholden.errors import UsageError
from beholden.scan.interface import OwnWifi
from beholden.schema.vocabulary import Segment
from beholden.values.mac import is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Collection

    from beholden.policy.places import Places

# IEEE 802.11: a name is at most 32 bytes.
_LONGEST_SSID = 32
# The radios of a guest network are ours as well; those that only serve a tenant or a customer may be theirs.
_OUR_RADIOS = frozenset({Segment.OWN, Segment.GUEST})


class WifiRow(msgspec.Struct, forbid_unknown_fields=True):
    """One network, known by its name, its radios, or both."""

    ssid: str | None = None
    bssids: list[str] = []
    segment: str = "own"
    unit: str | None = None


class Wifi(msgspec.Struct, frozen=True):
    """A network of ours and whose traffic runs in it.

    Attributes:
        network: What readers learn of it.
        segment: Where its stations belong.
        unit: Whose it is.
    """

    network: OwnWifi
    segment: Segment
    unit: str | None

    def segment_of(self, own_host: str) -> Segment | None:
        """The segment of one of its two places; None where it is neither."""
        if own_host == self.network.stations:
            return self.segment
        if own_host == self.network.radios:
            return Segment.OWN if self.segment in _OUR_RADIOS else self.segment
        return None


def read_wifi(rows: list[WifiRow], units: Collection[str], place: Places) -> tuple[Wifi, ...]:
    """Check the entries of `[[wifi]]`.

    Raises:
        UsageError: Neither name nor radio, an unreadable radio, an unknown segment or unit, a network named twice.
    """
    networks: list[Wifi] = []
    named: set[str] = set()
    for number, row in enumerate(rows):
        network = _network(row, number, units, place)
        names = {*network.network.bssids, *([f"ssid {row.ssid}"] if row.ssid else [])}
        if names & named:
            raise UsageError(
                "a Wi-Fi network is named twice; expected each ssid and each bssid once",
                code="profile.wrong-wifi",
                origin=place.entry("wifi", number),
            )
        named |= names
        networks.append(network)
    return tuple(networks)


def _network(row: WifiRow, number: int, units: Collection[str], place: Places) -> Wifi:
    def wrong(message: str, code: str = "profile.wrong-wifi") -> UsageError:
        return UsageError(message, code=code, origin=place.entry("wifi", number))

    if not row.ssid and not row.bssids:
        raise wrong("a Wi-Fi network needs a name or a radio; expected `ssid` or `bssids`")
    if row.ssid is not None and not 0 < len(row.ssid.encode("utf-8", "surrogatepass")) <= _LONGEST_SSID:
        raise wrong(f"ssid of {len(row.ssid)} characters; expected 1 to {_LONGEST_SSID} bytes")
    bssids = [(text, parse_mac(text)) for text in row.bssids]
    for text, mac in bssids:
        if mac is None or is_multicast(mac):
            raise wrong(f"'{text}' is not the address of a radio; expected six bytes like `00:00:5e:00:53:01`")
    if row.segment not in set(Segment):
        raise wrong(f"unknown segment '{row.segment}'; expected one of {', '.join(Segment)}")
    if row.unit is not None and row.unit not in units:
        raise wrong(f"unknown unit '{row.unit}'", code="profile.unknown-unit")
    radios = sorted(mac for _, mac in bssids if mac)
    name = row.ssid or radios[0]
    # Never an address, so that no range of `[[networks]]` can hold it.
    network = OwnWifi(f"wifi:{name}", f"wifi-radio:{name}", row.ssid, frozenset(radios))
    return Wifi(network, Segment(row.segment), row.unit)
