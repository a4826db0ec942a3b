"""Everything below the paths → observations and coverage; who reads is for a runner to say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.policy.pseudonyms import KEY_FILE_REASON
from beholden.run.collected import Collected
from beholden.run.gaps import note_gaps
from beholden.run.local import LocalRunner
from beholden.run.readings import begin, refuse_record
from beholden.run.stores import refuse_addresses
from beholden.scan.place import is_same_file
from beholden.scan.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from beholden.run.interface import Columns, Progress, Runner
    from beholden.run.readings import Reading
    from beholden.scan.interface import Scanners, Watch
    from beholden.scan.walk import Found
    from beholden.schema.result import Coverage
    from beholden.schema.signal import Signal


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
    runner: Runner | None = None,
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
        runner: Who reads; None: this process.

    Raises:
        UsageError: An output would replace a record, or a path is an address that this runner does not read.
    """
    import pyarrow as pa

    # Arrow's own allocator gives memory back and takes it anew, which the system zeroes: a fifth of the time of a scan.
    pa.set_memory_pool(pa.system_memory_pool())
    runner = runner or LocalRunner()
    if not runner.reads_stores:
        refuse_addresses(paths)
    collected = Collected(watch, detect_tempo=detect_tempo)
    read: list[Reading] = []

    def begun() -> Iterator[Reading]:
        for found in walk(paths, at, own, standard_input, into_stores=runner.reads_stores):
            if found.is_own:
                refuse_record(found, scanners, replace(watch, columns=columns(found.path)))
                continue
            progress(found.path)
            found = without_key(found, key_file)
            reading = begin(found, scanners, columns(found.path))
            read.append(reading)
            if not reading.joins_names:
                yield reading
        for reading in runner.inputs(scanners):
            progress(reading.found.path)
            read.append(reading)
            if not reading.joins_names:
                yield reading

    def late(*, tells_names: bool) -> Iterator[Reading]:
        for reading in read:
            if reading.joins_names and reading.tells_names is tells_names:
                progress(reading.found.path)
                yield reading

    runner.read(begun(), watch, columns, collected)
    # Those that tell names themselves before those that only need them.
    for tells_names in (True, False):
        if any(reading.joins_names and reading.tells_names is tells_names for reading in read):
            runner.read(late(tells_names=tells_names), collected.watch_with_names(), columns, collected)
    # Only now is known what the records of traffic amount to, and what of them is set aside.
    observations, signals = collected.observations(), collected.signals()
    scanned = Scanned(observations, [reading.coverage() for reading in read], signals=signals)
    note_gaps(scanned.coverage)
    scanned.has_rejects = has_rejects(read, scanned.coverage)
    return scanned


def has_rejects(read: Iterable[Reading], coverage: Iterable[Coverage]) -> bool:
    """Whether a file that the user named or a reader claimed was rejected in whole or part.

    Args:
        read: What became of each file.
        coverage: What is said of each.
    """
    return any(
        row.status in ("partial", "rejected")
        or reading.found.is_failure
        or (reading.found.is_named and row.status == "no_reader")
        for reading, row in zip(read, coverage, strict=True)
    )


def without_key(found: Found, key_file: Path | None) -> Found:
    """A place that was found, with why it is not read where it is the key of the pseudonyms, or went meanwhile.

    Args:
        found: The place.
        key_file: The key; None: there is none.
    """
    if key_file is None or found.problem is not None:
        return found
    try:
        is_key = is_same_file(found.place, key_file)
    except OSError as error:
        return replace(found, problem=f"cannot be opened: {error.strerror}", is_failure=True)
    return replace(found, problem=KEY_FILE_REASON) if is_key else found
