"""Files on their way from the walk to their coverage: who reads each, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from beholden.errors import ScanError, UsageError
from beholden.scan.detect import detect
from beholden.scan.source import Source
from beholden.schema.result import Coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from beholden.scan.interface import Scanner, Scanners, Watch
    from beholden.scan.walk import Found

    # Gives the batches of a file, as `Scanner.scan` does.
    Scan = Callable[[Source, Watch], Iterator[pa.RecordBatch]]


@dataclass(slots=True)
class Reading:
    """What becomes of one file.

    Attributes:
        found: The file.
        scanner: Who reads it; None: nobody.
        source: Its counts and notes; None where nobody tries.
        problem: Why nobody reads it.
        has_failed: Whether it stopped being readable.
        can_be_read_again: Whether it could be read to where its reader stopped.
    """

    found: Found
    scanner: Scanner | None = None
    source: Source | None = None
    problem: str | None = None
    has_failed: bool = False
    can_be_read_again: bool = True

    @property
    def joins_names(self) -> bool:
        """Whether its records are joined with names that other logs tell."""
        return bool(getattr(self.scanner, "joins_names", False))

    @property
    def tells_names(self) -> bool:
        """Whether it tells names, too."""
        return bool(getattr(self.scanner, "tells_names", False))

    def batches(self, watch: Watch, columns: dict[str, str], scan: Scan | None = None) -> Iterator[pa.RecordBatch]:
        """Read it; that it stops being readable is told in its coverage, and ends it.

        Args:
            watch: What log readers keep.
            columns: Ledger column mapping of this file.
            scan: Gives the batches; None: its scanner does.
        """
        # The same watch for all that are not mapped: what is prepared from it is prepared once.
        watch = watch if columns == watch.columns else replace(watch, columns=columns)
        if self.scanner is not None and self.source is not None:
            yield from self.guarded((scan or self.scanner.scan)(self.source, watch))

    def guarded(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give what a reader gives, until it or the disk fails.

        Args:
            batches: Of this file.
        """
        assert self.source is not None
        try:
            yield from batches
        except ScanError as error:
            self.fail(error)
        except OSError as error:
            problem = f"cannot be read: {error.strerror or error}"
            self.fail(self.source.error(problem, code="scan.unreadable-file"))
            self.can_be_read_again = False

    def fail(self, error: ScanError) -> None:
        """The file stopped being readable."""
        assert self.source is not None
        self.source.notes.append(str(error))
        self.source.reasons[error.code] += 1
        self.has_failed = True

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


def refuse_record(found: Found, scanners: Scanners, watch: Watch) -> None:
    """What the run before wrote is no record, and a second run must find what the first did; a record is none of ours.

    Raises:
        UsageError: A reader claims the file: writing there would destroy a record that nobody has read.
    """
    if found.problem is not None:
        return
    try:
        claimed = detect(Source(found.place, found.path), scanners, watch.columns).scanner
    except (ScanError, OSError):
        return
    if claimed is not None:
        raise UsageError(
            f"{found.path} is a record that reader {claimed.name} claims, and an output would replace it",
            code="report.would-replace",
            hint="name another file",
        )


def begin(found: Found, scanners: Scanners, columns: dict[str, str]) -> Reading:
    """Find who reads a file.

    Args:
        found: The file, or the place that is not read.
        scanners: Readers to try.
        columns: Ledger column mapping of this file.
    """
    if found.problem is not None:
        return Reading(found, problem=found.problem)
    source = Source(found.place, found.path)
    reading = Reading(found, source=source)
    try:
        detection = detect(source, scanners, columns)
    except ScanError as error:
        reading.fail(error)
        return reading
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        reading.fail(source.error(problem, code="scan.unreadable-file"))
        return reading
    if detection.scanner is None:
        return Reading(found, problem=detection.reason)
    reading.scanner = detection.scanner
    return reading
