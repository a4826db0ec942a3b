"""From the records of traffic logs to observations: joined, judged, named, summed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from beholden.scan.traffic.conversations import judge
from beholden.scan.traffic.held import Held, frame, in_content_order
from beholden.scan.traffic.interfaces import InterfaceAddresses
from beholden.scan.traffic.naming import Names, fields
from beholden.scan.traffic.observations import ADDRESS, NAME, Words, observations
from beholden.scan.traffic.places import Places
from beholden.scan.traffic.spill import Spill
from beholden.scan.traffic.sums import Sums, pile, renumbered
from beholden.schema.naming import NAMING
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

# Judging a record takes a kilobyte for a while. So many records of whole files are judged at once, and so many are held
# of a file that has not ended, before they are written away.
ROWS_JUDGED, ROWS_HELD = 250_000, 500_000


class Aside(NamedTuple):
    """What judging told of one log: records that are set aside, by reason, and whose side only the interface told."""

    reasons: Mapping[str, int]
    told_by_interface: int


class Traffic:
    """Takes the batches of all logs of a run and gives their observations at the end.

    Args:
        watch: Says which networks are ours, and which addresses are one operator's.
        names: What other logs told; None: nothing yet.
    """

    def __init__(self, watch: Watch, names: Names | None = None) -> None:
        self.names = names or Names()
        self._sources: list[Source] = []
        self._numbers: dict[Source, int] = {}
        self._ends: list[tuple[str, str]] = [(field, field) for field in fields()]
        self._interfaces: dict[int, InterfaceAddresses] = {}
        self._flows: list[Held] = []
        self._contacts: list[Held] = []
        self._held = 0
        self._spill = Spill()
        self._told_by_interface: Counter[int] = Counter()
        self._set_aside: dict[int, Counter[str]] = {}
        self._sums = pile()
        self._places = Places(watch)

    def add(self, source: Source, batch: pa.RecordBatch) -> None:
        """Take a batch of one log: FLOW, CONTACT, INTERFACE or NAMING.

        Args:
            source: The log. Batches of different logs do not mix, but for CONTACT and NAMING of logs that are followed.
            batch: What its reader gave.
        """
        if batch.schema.equals(NAMING):
            self.names.add(batch)
            return
        file = self.number_of(source)
        if batch.schema.equals(INTERFACE):
            self._interfaces.setdefault(file, InterfaceAddresses()).add(batch)
            return
        held = self._flows if batch.schema.equals(FLOW) else self._contacts
        held.append(Held(file, self._number_of_ends(batch), batch))
        self._held += len(batch)
        if self._held >= ROWS_HELD:
            self._make_room(file)

    def number_of(self, source: Source) -> int:
        """The number of a log; for a new one room is made."""
        if source not in self._numbers:
            if self._spill or self._held >= ROWS_JUDGED:
                self._settle()
            self._numbers[source] = len(self._sources)
            self._sources.append(source)
        return self._numbers[source]

    def sums(self) -> tuple[Sums | None, list[tuple[str, str]]]:
        """Judge and sum what is left, to be taken by the traffic of another process; the sums, and what `ends` mean.

        What was set aside is in the counts of the logs' sources already; see `aside`.
        """
        self._settle()
        return self._sums.whole(), self._ends

    def source(self, file: int) -> Source:
        """The log of a number."""
        return self._sources[file]

    def aside(self, file: int) -> Aside:
        """What is to be told of a log, once it is judged.

        Args:
            file: Its number.
        """
        return Aside(self._set_aside.get(file, Counter()), self._told_by_interface[file])

    def take_aside(self, file: int, aside: Aside) -> None:
        """Take what judging told elsewhere of a log."""
        self._set_aside.setdefault(file, Counter()).update(aside.reasons)
        self._told_by_interface[file] += aside.told_by_interface

    def take_sums(self, sums: Sums, files: Sequence[int], ends: Sequence[tuple[str, str]]) -> None:
        """Take what was summed elsewhere, with this watch and these names.

        Args:
            sums: Result of `sums`.
            files: The number here of each log there; ascending.
            ends: What `ends` mean there.
        """
        self._sums.add(renumbered(sums, files, [self._number_of_pair(pair) for pair in ends]))

    def table(self) -> pa.Table:
        """Judge and sum what is left; OBSERVATION. What is set aside is told to the logs' sources."""
        self._settle()
        for file, source in enumerate(self._sources):
            _tell(source, self.aside(file))
        sums = self._sums.whole()
        if sums is None:
            return OBSERVATION.empty_table()
        files = [source.path for source in self._sources]
        return observations(sums, Words(files, self._ends, self._places.networks, self.names.words))

    def _number_of_ends(self, batch: pa.RecordBatch) -> int:
        words = batch.schema.metadata or {}
        return self._number_of_pair((words.get(b"source", b"").decode(), words.get(b"target", b"").decode()))

    def _number_of_pair(self, ends: tuple[str, str]) -> int:
        if ends not in self._ends:
            self._ends.append(ends)
        return self._ends.index(ends)

    def _make_room(self, file: int) -> None:
        """Judge what is whole; of the file that is still being read only contacts are."""
        waiting = [held for held in self._flows if held.file == file]
        self._flows = [held for held in self._flows if held.file != file]
        if waiting:
            self._spill.add(waiting)
        self._sum_held()

    def _settle(self) -> None:
        if self._spill and self._flows:
            # The rest of the file whose beginning is on disk already.
            self._spill.add(self._flows)
            self._flows = []
        self._sum_held()
        judged: list[pl.DataFrame] = []
        for flows in self._spill.parts():
            judged.append(self._judged(flows))
            if sum(map(len, judged)) >= ROWS_JUDGED:
                self._sum(pl.concat(judged))
                judged = []
        if judged:
            self._sum(pl.concat(judged))

    def _sum_held(self) -> None:
        contacts, self._contacts = self._contacts, []
        flows, self._flows = self._flows, []
        self._held = 0
        parts = [frame(contacts)] if contacts else []
        if flows:
            parts.append(self._judged(flows))
        if parts:
            self._sum(pl.concat([part.select(parts[0].columns) for part in parts]))

    def _judged(self, flows: list[Held]) -> pl.DataFrame:
        judged = judge(in_content_order(flows), self._interfaces)
        for file, reasons in judged.set_aside.items():
            self._sources[file].not_resolved.update(reasons)
            self._set_aside.setdefault(file, Counter()).update(reasons)
        for file, count in judged.told_by_interface.items():
            self._told_by_interface[file] += count
        return judged.contacts

    def _sum(self, contacts: pl.DataFrame) -> None:
        placed = self._places.of(contacts).with_row_index("contact")
        is_watched = pl.col("class") >= 0
        parts = [placed.filter(is_watched).with_columns(kind=pl.lit(ADDRESS, pl.Int8))]
        named = self.names.of(placed) if self.names else placed.head(0)
        if named.height:
            as_names = (
                pl.lit(NAME, pl.Int8).alias("kind"),
                pl.col("name").alias("class"),
                pl.col("told_by").cast(pl.Int32).alias("ends"),
            )
            parts.append(named.with_columns(as_names).select(parts[0].columns))
        left = placed.filter(~is_watched).join(named, on="contact", how="anti")
        for file, count in left.group_by("file").agg(pl.col("count").sum()).iter_rows():
            self._sources[file].not_resolved["ip"] += count
        for part in parts:
            self._sums.take(part)


def _tell(source: Source, aside: Aside) -> None:
    if count := aside.reasons.get("inbound_unanswered"):
        source.note(
            f"{count} records belong to connections from outside that got no answer with content: no act of ours"
        )
    if count := aside.reasons.get("our_side_unknown"):
        source.note(
            f"{count} records run between public addresses and nothing says which side is ours: "
            "left out; name your networks in beholden.toml"
        )
    if aside.told_by_interface:
        source.note("our side was told by the address that all records of an interface share")
