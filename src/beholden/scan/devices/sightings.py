"""The frame of every reader of device records: sightings of hardware addresses, summed by device and place.

Shape: one row per (hardware address, where, field, certainty), with the first and last moment at which the records
    know the device there. Rows of a file with very many devices are partial and merge later.

Only an address with a maker becomes a row: one that software set (randomised WiFi addresses) and one of a group of
stations (multicast, broadcast) are counted in the coverage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation
from beholden.values.mac import is_locally_administered, is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from beholden.scan.source import Source

# Devices and holders of addresses kept at once; more are given as partial rows that merge later.
MAX_DEVICES = 200_000
# Longer than any name that DHCP can carry (RFC 2132: one option holds 255 bytes).
MAX_TEXT = 255
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Link-local addresses (RFC 4291, RFC 3927) are the same on every link and so tell none.
_OF_ANY_LINK = re.compile(r"fe[89ab][0-9a-f]:|169\.254\.", re.ASCII)
_NO_ADDRESS = "00:00:00:00:00:00"


class WrongHardwareError(ValueError):
    """A text that should be a hardware address and is none."""


@dataclass(slots=True)
class Sighting:
    """One record that ties a hardware address to a place.

    Attributes:
        mac: As `parse_mac` gives it.
        raw: As printed.
        line: Where the record stands.
        column: The field of the record that held the address.
        where: Our address that the device had, or the name of our host; None where the record names neither.
        first: When the device was first known to be there.
        heard: When it was last heard of.
        ends: When what it held ends, where the record does not say when it was last heard of.
        is_sure: Whether the record shows that the device itself is there. Where it names no place, or a link-local
            address, the segment is not known, and the sighting counts as probable anyway.
        facts: Small facts for the reader of a finding.
    """

    mac: str
    raw: str
    line: int | None
    column: str
    where: str | None = None
    first: datetime | None = None
    heard: datetime | None = None
    ends: datetime | None = None
    is_sure: bool = True
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Device:
    """What all sightings of one device in one place say together."""

    raw: str
    count: int = 0
    first: datetime | None = None
    heard: datetime | None = None
    ends: datetime | None = None
    lines: list[int] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, seen: Sighting) -> None:
        self.count += 1
        self.first = earliest(self.first, seen.first, seen.heard or seen.ends)
        self.heard = latest(self.heard, seen.first, seen.heard)
        if seen.heard is None:
            self.ends = latest(self.ends, seen.ends)
        if seen.line is not None and len(self.lines) < MAX_LINES:
            self.lines.append(seen.line)
        self.facts.update(seen.facts)

    def last(self, newest: datetime | None) -> datetime | None:
        """When the device was last known to be there.

        Without a moment at which it was heard of, what it holds counts to its end, but not beyond the newest event of
        the file: an end that was still to come when the file was copied is no sighting.
        """
        return latest(self.heard, None if self.ends is None else earliest(self.ends, newest))


class Devices:
    """Sums sightings of one file.

    Attributes:
        rows: Where they end; a reader may add rows of another kind.

    Args:
        source: The file; takes the counts of what has no maker.
        records: What its records are called in a note, in the plural.
        state: Key of the fact that says how a device holds its address, in files where the last record of an address
            is its present state: earlier holders are marked `superseded` there. None: no such file.
    """

    def __init__(self, source: Source, records: str, state: str | None = None) -> None:
        self._source = source
        self._records = records
        self._state = state
        self.rows = Rows(source.path)
        self._devices: dict[tuple[str, str | None, str, bool], _Device] = {}
        self._holders: dict[str, str] = {}
        self._newest: datetime | None = None

    def heard_at(self, *moments: datetime | None) -> None:
        """Take note of events of the file that need not name a device: they tell when it was copied."""
        self._newest = latest(self._newest, *moments)

    def add(self, seen: Sighting) -> None:
        """Sum one sighting, or count why it shows no device with a maker."""
        self.heard_at(seen.first, seen.heard)
        if self._state is not None and seen.where is not None:
            self._holders[seen.where] = seen.mac
        if is_multicast(seen.mac):
            self._source.not_resolved["multicast_address"] += 1
        elif is_locally_administered(seen.mac):
            self._source.not_resolved["locally_administered"] += 1
        else:
            is_sure = seen.is_sure
            if seen.where is None or _OF_ANY_LINK.match(seen.where):
                self._source.not_resolved["segment_not_known"] += 1
                is_sure = False
            key = (seen.mac, seen.where, seen.column, is_sure)
            self._devices.setdefault(key, _Device(seen.raw)).add(seen)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is too much to keep."""
        if len(self._devices) + len(self._holders) > MAX_DEVICES:
            yield from self._written()
        yield from self.rows.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left, and tell what was left out."""
        yield from self._written()
        count = self._source.not_resolved["locally_administered"]
        if count:
            self._source.note(
                f"{count:,} {self._records} have a locally administered (randomised or software-set) MAC: "
                "no maker can be told from it"
            )
        count = self._source.not_resolved["segment_not_known"]
        if count:
            self._source.note(
                f"{count:,} {self._records} name no address of a network: whether their devices are on a segment of "
                "ours or of guests is not known, so they are probable"
            )
        yield from self.rows.rest()

    def _written(self) -> Iterator[pa.RecordBatch]:
        devices, holders = self._devices, self._holders
        self._devices, self._holders = {}, {}
        for (mac, where, of, is_sure), device in devices.items():
            facts = dict(device.facts)
            if self._state is not None and where is not None and holders.get(where) != mac:
                facts[self._state] = "superseded"
            self.rows.add(
                Kind.MAC,
                mac,
                raw=device.raw,
                relation=Relation.HARDWARE,
                direction=Direction.NONE,
                certainty="confirmed" if is_sure else "probable",
                field=of,
                own_host=where,
                lines=device.lines,
                count=device.count,
                first_seen=device.first,
                last_seen=device.last(self._newest),
                detail=facts,
            )
            yield from self.rows.full()


def summed(devices: Devices, sightings: Iterable[Sighting | None]) -> Iterator[pa.RecordBatch]:
    """Sum what a reader gives; what was read before a file breaks off counts.

    Args:
        devices: Where it is summed.
        sightings: One a record; None for a record without a device.

    Raises:
        ScanError: The one that ended the reading, once everything read before it has been given.
    """
    failure: ScanError | None = None
    try:
        for seen in sightings:
            if seen is not None:
                devices.add(seen)
            yield from devices.full()
    except ScanError as error:
        failure = error
    yield from devices.rest()
    if failure is not None:
        raise failure


def hardware(text: str, source: Source) -> str | None:
    """The address of an Ethernet device; None, counted, for another kind of link and for no address.

    Args:
        text: As printed.
        source: Takes the counts.

    Raises:
        WrongHardwareError: The text is no hardware address of any kind.
    """
    mac = parse_mac(text)
    if mac is None and not is_other_hardware(text):
        raise WrongHardwareError(text)
    if mac is None:
        source.not_resolved["not_an_ethernet_address"] += 1
    elif mac == _NO_ADDRESS:
        source.not_resolved["no_hardware_address"] += 1
    else:
        return mac
    return None


def is_other_hardware(text: str) -> bool:
    """Whether a text is a hardware address of another length than six bytes (InfiniBand, FireWire, tunnels)."""
    parts = text.replace("-", ":").split(":")
    return 1 < len(parts) <= 64 and all(0 < len(part) <= 2 and _is_hex(part) for part in parts)


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in text)


def clipped(facts: Mapping[str, str | None]) -> dict[str, str]:
    """The facts that are known, each of bounded length."""
    return {key: value[:MAX_TEXT] for key, value in facts.items() if value}


def moment(seconds: int) -> datetime | None:
    """Seconds since 1970 as a UTC time; None where no calendar has them."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def earliest(*times: datetime | None) -> datetime | None:
    """The first of the moments that are known."""
    found: datetime | None = None
    for time in times:
        if time is not None and (found is None or time < found):
            found = time
    return found


def latest(*times: datetime | None) -> datetime | None:
    """The last of the moments that are known."""
    found: datetime | None = None
    for time in times:
        if time is not None and (found is None or time > found):
            found = time
    return found
