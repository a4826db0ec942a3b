"""What the readers of a run gave, put together: observations, and records of traffic that still are to become some."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.run.reduce import Reducer
from beholden.schema.observation import GROUP_BY, OBSERVATION
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
        self._watch = watch
        self._reducer = Reducer()
        self._traffic: beholden.scan.traffic.stage.Traffic | None = None
        self._named: list[int] = []
        self._watch_with_names = watch
        self._tempo: beholden.scan.tempo.measure.Tempo | None = None
        if detect_tempo:
            from beholden.scan.tempo.measure import Tempo

            self._tempo = Tempo(watch)

    def add(self, source: Source, batch: pa.RecordBatch) -> None:
        """Take a batch of one file."""
        if batch.schema.equals(OBSERVATION):
            self._reducer.add(batch)
            return
        if self._traffic is None:
            # It loads Polars, which only logs need.
            from beholden.scan.traffic.stage import Traffic

            self._traffic = Traffic(self._watch)
        self._traffic.add(source, batch)

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
        addresses = self._watch.addresses
        if self._traffic is None or not self._traffic.names or addresses is None:
            return self._watch
        named = sorted({int.from_bytes(packed) for packed in self._traffic.names.addresses})
        if named != self._named:
            tables = [addresses.watch_ranges, labelled([(number, number, 0) for number in named])]
            self._watch_with_names = replace(self._watch, addresses=AddressRanges(combined(tables)))
            self._named = named
        return self._watch_with_names

    def observations(self) -> pa.Table:
        """OBSERVATION, in the order of what they are grouped by; what was reached has its own rows in one group."""
        found = self._reducer.table()
        if self._traffic is None:
            return found
        both = pa.concat_tables([found, self._traffic.table()])
        keys = [(name, "ascending", "at_start") for name in (*GROUP_BY, "raw")]
        order = pc.sort_indices(both, sort_keys=keys)
        columns = []
        # Column after column, each given up as it is taken: of millions of rows only one is held twice.
        while both.num_columns:
            columns.append(both.column(0).take(order))
            both = both.remove_column(0)
        return pa.Table.from_arrays(columns, schema=OBSERVATION)
