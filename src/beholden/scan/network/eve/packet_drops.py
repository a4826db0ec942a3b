"""EVE `stats` events: packets that the sensor lost.

Counters run from the start of Suricata, so the last one of each run counts, and a smaller one tells of a new run.

Source: Suricata user guide, "Statistics" (`capture.kernel_packets`, `capture.kernel_drops`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.eve.events import Event, Refusal, count_of, part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source


class _Counter:
    """A counter that starts anew with each run."""

    def __init__(self) -> None:
        self._former_runs = 0
        self._now = 0

    def read(self, value: int) -> None:
        if value < self._now:
            self._former_runs += self._now
        self._now = value

    @property
    def total(self) -> int:
        return self._former_runs + self._now


class PacketDrops:
    """Adds up what `stats` events say was lost.

    Args:
        source: Takes the note.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._packets = _Counter()
        self._drops = _Counter()

    def add(self, event: Event) -> Refusal | None:
        """Take one event; none is refused, since captures differ in what they count."""
        capture = part_of(event.part(), "capture")
        packets, drops = count_of(capture.get("kernel_packets")), count_of(capture.get("kernel_drops"))
        if packets is not None:
            self._packets.read(packets)
        if drops is not None:
            self._drops.read(drops)
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give nothing: losses are no observations."""
        yield from ()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give nothing: losses are no observations."""
        yield from ()

    def finish(self) -> None:
        """Tell how much is missing."""
        if self._drops.total:
            of = f" of {self._packets.total:,}" if self._packets.total else ""
            self._source.note(
                f"Suricata lost {self._drops.total:,}{of} packets (kernel_drops): sums may be too low, names missing"
            )
