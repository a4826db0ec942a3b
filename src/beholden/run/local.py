"""The local runner: one process, one file after another, bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.errors import ScanError, UsageError
from beholden.policy.pseudonyms import KEY_FILE_REASON
from beholden.run.reduce import Reducer
from beholden.scan.detect import detect
from beholden.scan.source import Source
from beholden.scan.walk import Found, walk
from beholden.schema.observation import OBSERVATION
from beholden.schema.result import Coverage

if TYPE_CHECKING:
    import pyarrow as pa

    from beholden.scan.interface import Scanners, Watch

Progress = Callable[[str], None]
Columns = Callable[[str], dict[str, str]]


@dataclass(slots=True)
class Scanned:
    """What a run over the inputs gave.

    Attributes:
        observations: OBSERVATION, reduced.
        coverage: One entry per file, in walking order.
        has_rejects: Whether a file that the user named or a reader claimed was rejected in whole or part.
    """

    observations: pa.Table
    coverage: list[Coverage] = field(default_factory=list)
    has_rejects: bool = False


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
) -> Scanned:
    """Read everything below the paths.

    Args:
        paths: Files and folders.
        scanners: Readers to try.
        watch: What log readers keep, and our networks.
        columns: Ledger column mapping per file.
        progress: Called with the name of each file before it is read.
        at: Where relative paths are rooted.
        own: Files that this run writes; not read.
        key_file: The key of the pseudonyms: no reader sees it, and coverage tells nothing of its content.
    """
    reducer = Reducer()
    scanned = Scanned(observations=None)
    for found in walk(paths, at, own):
        if found.is_own:
            _refuse_record(found, scanners, replace(watch, columns=columns(found.path)))
            continue
        progress(found.path)
        if key_file is not None and found.problem is None and found.real_path.samefile(key_file):
            found = replace(found, problem=KEY_FILE_REASON)
        coverage = _read(found, scanners, replace(watch, columns=columns(found.path)), reducer)
        scanned.coverage.append(coverage)
        named_but_unread = found.is_named and coverage.status == "no_reader"
        if coverage.status in ("partial", "rejected") or found.is_failure or named_but_unread:
            scanned.has_rejects = True
    scanned.observations = reducer.table()
    return scanned


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


def _read(found: Found, scanners: Scanners, watch: Watch, reducer: Reducer) -> Coverage:
    if found.problem is not None:
        status = "rejected" if found.is_failure else "no_reader"
        return Coverage(file=found.path, reader=None, status=status, reasons={found.problem: 1})
    source = Source(found.real_path, found.path)
    try:
        detection = detect(source, scanners, watch.columns)
    except ScanError as error:
        return _failed(source, None, error)
    if detection.scanner is None:
        return Coverage(file=found.path, reader=None, status="no_reader", reasons={detection.reason: 1})
    name = detection.scanner.name
    try:
        _collect(detection.scanner.scan(source, watch), reducer)
    except ScanError as error:
        return _failed(source, name, error)
    except OSError as error:
        return _failed(
            source, name, source.error(f"cannot be read: {error.strerror or error}", code="scan.unreadable-file")
        )
    return _coverage(source, name, "partial" if source.records_rejected else "read")


def _collect(batches: Iterable[pa.RecordBatch], reducer: Reducer) -> None:
    for batch in batches:
        if batch.schema.equals(OBSERVATION):
            reducer.add(batch)


def _failed(source: Source, reader: str | None, error: ScanError) -> Coverage:
    """A file that stopped being readable: what came before is kept and counted."""
    source.notes.append(str(error))
    source.reasons[error.code] += 1
    return _coverage(source, reader, "partial" if source.records_read else "rejected")


def _coverage(source: Source, reader: str | None, status: str) -> Coverage:
    return Coverage(
        file=source.path,
        reader=reader,
        status=status,
        records_read=source.records_read,
        records_rejected=source.records_rejected,
        reasons=dict(sorted(source.reasons.items())),
        not_resolved=dict(sorted(source.not_resolved.items())),
        notes=[*source.first_rejects, *source.notes],
    )
