"""What every case has to fulfil: rows that are valid, or an error that is documented; in bounded time and memory."""

from __future__ import annotations

import re
import shutil
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from tests.fuzz.seeds import Files

from beholden.compile.assemble import Decisions, Part, assemble
from beholden.compile.stage import encode_sorted
from beholden.errors import BeholdenError, CompileError, SourceError, UnexpectedValueError, UsageError
from beholden.kb.layer import decode
from beholden.run.publish import Desk
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import TYPES, Designation, Edition, Entity, Entry, Identifier, Ownership, Prefix, Row
from beholden.sources import source_called
from beholden.sources.descriptor import Descriptor
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading, Source
from beholden.sources.snapshot import Store
from beholden.values.identifiers import KINDS

MOST_MIB = 192
MOST_SECONDS = 5.0
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
EDITION = date(2026, 8, 20)
_FIRST, _LAST = date(1800, 1, 1), date(2200, 1, 1)
_TABLES = {kind: table for table, kind in TYPES.items()}
_ERRORS = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_REQUIRED = ("id", "caption", "schema", "name", "kind", "value", "entity_id", "regime_id", "organisation", "prefix")


@dataclass(slots=True)
class Verdict:
    """How a case ended.

    Attributes:
        ended: `rows`, or the code of the error.
        rows: How many rows came out.
        rejects: Records that were rejected.
        failures: What must not be; empty where all is well.
        seconds: Processor time.
        mib: By how much the resident memory grew at most; 0 where it cannot be measured.
    """

    ended: str = ""
    rows: int = 0
    rejects: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    mib: float = 0.0


@cache
def documented() -> frozenset[str]:
    """Codes that have a line in the reference of errors."""
    lines = _ERRORS.read_text(encoding="utf-8").splitlines()
    return frozenset(code for line in lines if line.startswith("| `") for code in re.findall(r"`([^`]+)`", line))


def judge(slug: str, given: Files, folder: Path, *, is_compiled: bool = False) -> Verdict:
    """Take files in as `kb import` does and look at everything that comes out.

    Args:
        slug: Id of the importer.
        given: Names and contents.
        folder: A place of its own, emptied afterwards.
        is_compiled: Whether rows are put together to a base too, without the packs; takes ten times as long.
    """
    verdict = Verdict()
    paths = _written(given, folder / "given")
    memory = _Memory()
    began = time.process_time()
    try:
        kept = _import(slug, paths, folder / "home", verdict)
        if is_compiled and kept is not None:
            _compile(kept)
    except (SourceError, UsageError, CompileError) as error:
        verdict.ended = error.code
    except MemoryError:
        verdict.failures.append(f"memory: {_last_lines()}")
    except Exception:
        # Whatever else comes out is what we look for.
        verdict.failures.append(f"exception: {_last_lines()}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    verdict.seconds = time.process_time() - began
    verdict.mib = memory.grown()
    if verdict.seconds > MOST_SECONDS:
        verdict.failures.append(f"slow: {verdict.seconds:.1f} s")
    if verdict.mib > MOST_MIB:
        verdict.failures.append(f"memory: grew by {verdict.mib:.0f} MiB")
    if verdict.ended not in {"", "rows"} | documented():
        verdict.failures.append(f"code: {verdict.ended} is not documented")
    return verdict


def _written(given: Files, folder: Path) -> list[tuple[str, Path]]:
    folder.mkdir(parents=True)
    paths = []
    for at, (name, data) in enumerate(given):
        path = folder / str(at)
        path.write_bytes(data)
        paths.append((name, path))
    return paths


def _import(slug: str, paths: list[tuple[str, Path]], home: Path, verdict: Verdict) -> Part | None:
    """Take files in; what would go into a base, if anything."""
    watched = _Watched(source_called(slug), verdict)
    source = watched.source()
    documents = tuple(Document(name, path) for name, path in paths)
    # A day may be given only where none is printed.
    printed = source.printed_date is not None and source.printed_date(documents, source.descriptor) is not None
    desk = Desk(Store(home), lambda: NOW)
    outcome = desk.take_given(source, paths, edition=None if printed else EDITION)
    info = outcome.info
    verdict.rows, verdict.ended = watched.rows, info.error.code if info.error is not None else "rows"
    if info.error is None:
        if not info.records_read:
            verdict.failures.append(f"account: kept with no record read and {watched.rows} rows")
        watched.check_whole()
    verdict.rejects = info.records_rejected or 0
    watched.check_account()
    if outcome.kept is None:
        return None
    inner = source_called(slug)
    return Part(inner, desk.store.publication(outcome.kept, inner.descriptor), outcome.kept.is_partial)


def _compile(part: Part) -> None:
    tables = assemble([], [part], Decisions(), None).tables
    try:
        for table in TABLES:
            for _ in tables[table]:
                pass
    finally:
        tables.close()


class _Watched:
    """An importer, with an eye on what it raises and gives."""

    def __init__(self, inner: Source, verdict: Verdict) -> None:
        self._inner = inner
        self._verdict = verdict
        self._readings: list[Reading] = []
        self._lists = {item.regime for item in inner.descriptor.lists}
        self._ids: set[str] = set()
        self._named: set[str] = set()
        self._designations: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
        self.rows = 0

    def source(self) -> Source:
        has_day = self._inner.printed_date is not None
        return Source(self._inner.descriptor, self._parse, self._printed_date if has_day else None)

    def _printed_date(self, documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
        assert self._inner.printed_date is not None
        try:
            found = self._inner.printed_date(documents, descriptor)
        except BeholdenError as error:
            self._check_error(error)
            raise
        if found is not None and not _FIRST <= found < _LAST:
            self._fail(f"printed date {found}")
        return found

    def _parse(self, publication: Publication, reading: Reading) -> Iterator[Row]:
        self._readings.append(reading)
        rows = self._inner.parse(publication, reading)
        while True:
            try:
                row = next(rows, None)
            except BeholdenError as error:
                self._check_error(error)
                raise
            if row is None:
                return
            self.rows += 1
            self._check_row(row)
            yield row

    def _check_error(self, error: BeholdenError) -> None:
        if not isinstance(error, SourceError):
            self._fail(f"error: a parser raised {type(error).__name__}: {error}")
        elif error.origin is None:
            self._fail(f"error: without a place: {error}")
        if _NO_TEXT.search(str(error)):
            self._fail(f"error: its text is not printable: {str(error)!r}"[:400])

    def _check_row(self, row: Row) -> None:
        try:
            again = decode(_TABLES[type(row)], encode_sorted(row))
        except (ValueError, TypeError, KeyError) as error:
            self._fail(f"row: {type(error).__name__}: {error}: {row!r}"[:600])
            return
        if again != row:
            self._fail(f"row: is not itself after encoding: {row!r}"[:600])
        for problem in _problems(row, self._lists):
            self._fail(f"row: {problem}: {row!r}"[:600])
        if isinstance(row, Entity):
            self._ids.add(row.id)
        if isinstance(row, Designation):
            self._designations[row.id].add((row.regime_id, row.entity_id))
        entity_id = getattr(row, "entity_id", None)
        if type(row).__name__ in {"Entry", "Asset"} and entity_id is not None and ":" in entity_id:
            self._named.add(entity_id)

    def check_whole(self) -> None:
        """What can be said once all rows are there."""
        missing = self._named - self._ids
        if missing:
            self._fail(f"row: refers to parties that no row has: {sorted(missing)[:3]}")
        # A record that is printed twice gives its listing twice, which is merged; one id for two listings is not.
        shared = [designation_id for designation_id, found in self._designations.items() if len(found) > 1]
        if shared:
            self._fail(f"row: one id for two listings: {shared[:3]}")

    def check_account(self) -> None:
        """The counts agree with each other."""
        for reading in self._readings:
            if reading.rejects != sum(reading.reasons.values()) or len(reading.rejected) != min(reading.rejects, 20):
                self._fail(f"account: {reading.rejects} rejects, {reading.reasons}, {len(reading.rejected)} samples")
            if reading.read < 0:
                self._fail(f"account: {reading.read} read")
            for error in reading.rejected:
                self._check_reject(error)

    def _check_reject(self, error: UnexpectedValueError) -> None:
        self._check_error(error)
        if len(error.reason) > 300:
            self._fail(f"reject: a reason of {len(error.reason)} characters: {error.reason[:80]!r}")
        if len(str(error)) > 4000:
            self._fail(f"reject: a text of {len(str(error))} characters under {error.reason!r}")

    def _fail(self, text: str) -> None:
        if len(self._verdict.failures) < 5:
            self._verdict.failures.append(text)


def _problems(row: Row, lists: set[str]) -> Iterator[str]:
    for name in row.__struct_fields__:
        value = getattr(row, name)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str) and _NO_TEXT.search(part):
                yield f"{name} has a character that no text has"
            if isinstance(part, date) and not _FIRST <= part < _LAST:
                yield f"{name} is out of range"
    for name in _REQUIRED:
        if getattr(row, name, None) is not None and not str(getattr(row, name)).strip():
            yield f"{name} is blank"
    if row.valid_from is not None and row.valid_to is not None and row.valid_from > row.valid_to:
        yield "its interval runs backwards"
    if isinstance(row, Entity) and not all(row.id.partition(":")):
        yield "an id without a namespace"
    if isinstance(row, Designation | Edition | Entry) and row.regime_id not in lists:
        yield "a list that the descriptor does not declare"
    if isinstance(row, Identifier) and row.kind not in KINDS:
        yield "an unknown kind of identifier"
    if isinstance(row, Ownership):
        yield from _wrong_shares(row)
    if isinstance(row, Prefix):
        yield from _wrong_range(row)
    yield from _unknown_words(row)


def _wrong_shares(row: Ownership) -> Iterator[str]:
    bounds = [bound for bound in (row.percentage_low, row.percentage_high) if bound is not None]
    if not all(bound.is_finite() and Decimal(0) <= bound <= Decimal(100) for bound in bounds):
        yield "a share outside 0 to 100"
    elif len(bounds) == 2 and bounds[0] > bounds[1]:
        yield "the low bound is above the high one"


def _wrong_range(row: Prefix) -> Iterator[str]:
    try:
        first, last = ip_address(row.first), ip_address(row.last)
    except ValueError as error:
        yield str(error)
        return
    if first.version != last.version or int(first) > int(last):
        yield "no range"


def _unknown_words(row: Row) -> Iterator[str]:
    """What the check of packs says of words and intervals, without its references."""
    from beholden.compile.integrity import _WORDS

    table = _TABLES[type(row)]
    for (owner, column), words in _WORDS.items():
        value = getattr(row, column) if owner == table else None
        for part in value if isinstance(value, list) else [value]:
            if part is not None and str(part) not in words and (owner, column) != ("resolutions", "rule"):
                yield f"{column} is no word of ours"


def _last_lines() -> str:
    """The innermost places of what was raised, ours first."""
    lines = traceback.format_exc().strip().splitlines()
    return "\n".join(lines[-13:])[-2500:]


class _Memory:
    """How much the resident memory of this process grows, on Linux; elsewhere nothing is measured."""

    def __init__(self) -> None:
        self._before = 0.0
        try:
            # 5 resets the peak to what is resident now.
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
            self._before = _status("VmRSS")
        except OSError:
            self._before = -1.0

    def grown(self) -> float:
        return 0.0 if self._before < 0 else max(0.0, _status("VmHWM") - self._before)


def _status(name: str) -> float:
    """A line of /proc/self/status in MiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0
