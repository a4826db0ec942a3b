"""What the readers of a run gave, put together: observations, and records of traffic that still are to become some."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.run.reduce import Reducer
from beholden.schema.observation import OBSERVATION
from beholden.values.ranges import AddressRanges, combined, labelled

if TYPE_CHECKING:
    import beholden.scan.tempo.measure
    import beholden.scan.traffic.stage
    from beholden.run.readings import Reading
    from beholden.scan.interface import Watch
    from beholden.scan.source import Source
    from beholden.schema.signal import Signal


class Collected:
    """Takes batches file by file.

    Args:
        watch: Says which networks are ours, and which addresses are one operator's.
        detect_tempo: Whether the tempo of logs is measured, too.
    """

    def __init__(self, watch: Watch, *, detect_tempo: bool) -> None:
        self.watch = watch
        self._reducer = Reducer()
        self._traffic: beholden.scan.traffic.stage.Traffic | None = None
        self._named: list[bytes] = []
        self._watch_with_names = watch
        self._tempo: beholden.scan.tempo.measure.Tempo | None = None
        if detect_tempo:
            from beholden.scan.tempo.measure import Tempo

            self._tempo = Tempo(watch)

    def add(self, source: Source, batch: pa.RecordBatch) -> None:
        """Take a batch of one file."""
        if batch.schema.equals(OBSERVATION):
            self._reducer.add(batch)
        else:
            self.traffic().add(source, batch)

    def meet(self, source: Source) -> None:
        """Give a file its place among the others now; else it has that of its first batch."""
        self.traffic().number_of(source)

    def traffic(self) -> beholden.scan.traffic.stage.Traffic:
        """What becomes of records of traffic, for runners that judge and sum them elsewhere."""
        if self._traffic is None:
            # It loads Polars, which only logs need.
            from beholden.scan.traffic.stage import Traffic

            self._traffic = Traffic(self.watch)
        return self._traffic

    def end(self, reading: Reading) -> None:
        """Measure the tempo of a file that was read, if that was asked for."""
        if self._tempo is not None and reading.can_be_read_again:
            assert reading.source is not None
            assert reading.scanner is not None
            self._tempo.read(reading.source, reading.scanner)

    def signals(self) -> list[Signal]:
        """Behaviour that was asked for."""
        return [] if self._tempo is None else self._tempo.signals()

    def watch_with_names(self) -> Watch:
        """The watch with the addresses that names of interest stood for, whoever holds these."""
        addresses = self.watch.addresses
        if self._traffic is None or not self._traffic.names or addresses is None:
            return self.watch
        named = self._traffic.names.addresses
        if named != self._named:
            numbers = map(int.from_bytes, named)
            tables = [addresses.watch_ranges, labelled([(number, number, 0) for number in numbers])]
            self._watch_with_names = replace(self.watch, addresses=AddressRanges(combined(tables)))
            self._named = named
        return self._watch_with_names

    def observations(self) -> pa.Table:
        """OBSERVATION: what readers saw, then the sums of traffic, each in an order that their content decides."""
        found = self._reducer.table()
        return found if self._traffic is None else pa.concat_tables([found, self._traffic.table()])
