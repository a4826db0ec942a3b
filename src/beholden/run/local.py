"""The local runner: one process, one file after another, bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.errors import ScanError, UsageError
from beholden.policy.pseudonyms import KEY_FILE_REASON
from beholden.run.reduce import Reducer
from beholden.scan.detect import detect
from beholden.scan.source import Source
from beholden.scan.walk import Found, walk
from beholden.schema.observation import OBSERVATION
from beholden.schema.result import Coverage
from beholden.values.ranges import AddressRanges, combined, labelled

if TYPE_CHECKING:
    import beholden.scan.tempo.measure
    import beholden.scan.traffic.stage
    from beholden.scan.interface import Scanner, Scanners, Watch
    from beholden.schema.signal import Signal

Progress = Callable[[str], None]
Columns = Callable[[str], dict[str, str]]


@dataclass(slots=True)
class Scanned:
    """What a run over the inputs gave.

    Attributes:
        observations: OBSERVATION, reduced.
        coverage: One entry per file, in walking order.
        has_rejects: Whether a file that the user named or a reader claimed was rejected in whole or part.
        signals: Behaviour that was asked for.
    """

    observations: pa.Table
    coverage: list[Coverage] = field(default_factory=list)
    has_rejects: bool = False
    signals: list[Signal] = field(default_factory=list)


def scan(
    paths: Sequence[Path | str],
    scanners: Scanners,
    watch: Watch,
    columns: Columns,
    progress: Progress,
    *,
    at: Path = Path(),
    own: frozenset[Path] = frozenset(),
    key_file: Path | None = None,
    detect_tempo: bool = False,
    standard_input: Path | None = None,
) -> Scanned:
    """Read everything below the paths.

    Traffic logs come last, when it is known which names stood for which addresses; coverage is in walking order.

    Args:
        paths: Files and folders.
        scanners: Readers to try.
        watch: What log readers keep, and our networks.
        columns: Ledger column mapping per file.
        progress: Called with the name of each file before it is read.
        at: Where relative paths are rooted.
        own: Files that this run writes; not read.
        key_file: The key of the pseudonyms: no reader sees it, and coverage tells nothing of its content.
        detect_tempo: Whether to measure the tempo of logs, which reads them once more.
        standard_input: Where lies what the path `-` stands for.
    """
    collected = _Collected(watch, detect_tempo=detect_tempo)
    read: list[_Reading] = []
    for found in walk(paths, at, own, standard_input):
        if found.is_own:
            _refuse_record(found, scanners, replace(watch, columns=columns(found.path)))
            continue
        progress(found.path)
        if key_file is not None and found.problem is None and found.real_path.samefile(key_file):
            found = replace(found, problem=KEY_FILE_REASON)
        reading = _begin(found, scanners, columns(found.path))
        read.append(reading)
        if not reading.joins_names:
            _read(reading, replace(watch, columns=columns(found.path)), collected)
    # Those that tell names themselves before those that only need them.
    for tells_names in (True, False):
        late = [reading for reading in read if reading.joins_names and reading.tells_names is tells_names]
        named = collected.watch_with_names() if late else watch
        for reading in late:
            progress(reading.found.path)
            _read(reading, replace(named, columns=columns(reading.found.path)), collected)
    # Only now is known what the records of traffic amount to, and what of them is set aside.
    observations, signals = collected.observations(), collected.signals()
    scanned = Scanned(observations, [reading.coverage() for reading in read], signals=signals)
    scanned.has_rejects = any(
        row.status in ("partial", "rejected")
        or reading.found.is_failure
        or (reading.found.is_named and row.status == "no_reader")
        for reading, row in zip(read, scanned.coverage, strict=True)
    )
    return scanned


class _Collected:
    """What readers gave: observations, and records of traffic that still are to become some."""

    def __init__(self, watch: Watch, *, detect_tempo: bool) -> None:
        self._watch = watch
        self._reducer = Reducer()
        self._traffic: beholden.scan.traffic.stage.Traffic | None = None
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

    def measure(self, source: Source, scanner: Scanner) -> None:
        """Measure the tempo of a file that was read, if that was asked for."""
        if self._tempo is not None:
            self._tempo.read(source, scanner)

    def signals(self) -> list[Signal]:
        """Behaviour that was asked for."""
        return [] if self._tempo is None else self._tempo.signals()

    def watch_with_names(self) -> Watch:
        """The watch with the addresses that names of interest stood for, whoever holds these."""
        addresses = self._watch.addresses
        if self._traffic is None or not self._traffic.names or addresses is None:
            return self._watch
        named = sorted({int.from_bytes(packed) for packed in self._traffic.names.addresses})
        tables = [addresses.watch_ranges, labelled([(number, number, 0) for number in named])]
        return replace(self._watch, addresses=AddressRanges(combined(tables)))

    def observations(self) -> pa.Table:
        """OBSERVATION: what readers saw, then the sums of traffic, each in an order that their content decides."""
        found = self._reducer.table()
        return found if self._traffic is None else pa.concat_tables([found, self._traffic.table()])


@dataclass(slots=True)
class _Reading:
    """What becomes of one file.

    Attributes:
        found: The file.
        scanner: Who reads it; None: nobody.
        source: Its counts and notes; None where nobody tries.
        problem: Why nobody reads it.
        has_failed: Whether it stopped being readable.
    """

    found: Found
    scanner: Scanner | None = None
    source: Source | None = None
    problem: str | None = None
    has_failed: bool = False

    @property
    def joins_names(self) -> bool:
        """Whether its records are joined with names that other logs tell."""
        return bool(getattr(self.scanner, "joins_names", False))

    @property
    def tells_names(self) -> bool:
        """Whether it tells names, too."""
        return bool(getattr(self.scanner, "tells_names", False))

    def coverage(self) -> Coverage:
        """What to say of it."""
        source = self.source
        if source is None:
            reasons = {self.problem: 1} if self.problem else {}
            status = "rejected" if self.found.is_failure else "no_reader"
            return Coverage(file=self.found.path, reader=None, status=status, reasons=reasons)
        status = "partial" if source.records_rejected else "read"
        if self.has_failed:
            # What came before is kept and counted.
            status = "partial" if source.records_read else "rejected"
        return Coverage(
            file=source.path,
            reader=self.scanner.name if self.scanner else None,
            status=status,
            records_read=source.records_read,
            records_rejected=source.records_rejected,
            reasons=dict(sorted(source.reasons.items())),
            not_resolved=dict(sorted(source.not_resolved.items())),
            notes=[*source.first_rejects, *source.notes],
        )


def _refuse_record(found: Found, scanners: Scanners, watch: Watch) -> None:
    """What the run before wrote is no record, and a second run must find what the first did; a record is none of ours.

    Raises:
        UsageError: A reader claims the file: writing there would destroy a record that nobody has read.
    """
    if found.problem is not None:
        return
    try:
        claimed = detect(Source(found.real_path, found.path), scanners, watch.columns).scanner
    except ScanError:
        return
    if claimed is not None:
        raise UsageError(
            f"{found.path} is a record that reader {claimed.name} claims, and an output would replace it",
            code="report.would-replace",
            hint="name another file",
        )


def _begin(found: Found, scanners: Scanners, columns: dict[str, str]) -> _Reading:
    if found.problem is not None:
        return _Reading(found, problem=found.problem)
    source = Source(found.real_path, found.path)
    reading = _Reading(found, source=source)
    try:
        detection = detect(source, scanners, columns)
    except ScanError as error:
        _fail(reading, error)
        return reading
    if detection.scanner is None:
        return _Reading(found, problem=detection.reason)
    reading.scanner = detection.scanner
    return reading


def _read(reading: _Reading, watch: Watch, collected: _Collected) -> None:
    source = reading.source
    if reading.scanner is None or source is None:
        return
    try:
        for batch in reading.scanner.scan(source, watch):
            collected.add(source, batch)
    except ScanError as error:
        _fail(reading, error)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        _fail(reading, source.error(problem, code="scan.unreadable-file"))
        return
    collected.measure(source, reading.scanner)


def _fail(reading: _Reading, error: ScanError) -> None:
    """The file stopped being readable."""
    assert reading.source is not None
    reading.source.notes.append(str(error))
    reading.source.reasons[error.code] += 1
    reading.has_failed = True
