"""`--follow`: logs are read as they grow, and findings are told when they are first seen or get worse.

Each look takes the whole lines that are new, in the order of a scan: logs that tell names first. Logs that only need
names (connections) are read up to where the look before saw their end, so that an answer of a resolver that is written
a moment later than the connection it led to is known in time. What readers give is added up like that of files; with a
state it is kept there, log by log, together with how far the log was read, in one transaction.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from beholden.errors import ScanError
from beholden.run.assess import judge, resolve
from beholden.run.collected import Collected
from beholden.run.gaps import note_gaps
from beholden.run.job import Job, Ready, accepted
from beholden.run.read_by import Deciding
from beholden.run.readings import Reading, begin
from beholden.run.reduce import Reducer
from beholden.run.scan import Scanned, has_rejects, without_key
from beholden.run.state import FOLLOWED, retell, told_by
from beholden.run.state_file import ReadBy, Told
from beholden.run.streams import Gone, Portion, Stream, Streams, Unfollowed, opened
from beholden.run.watch import watch_of
from beholden.scan.portions import PortionSource
from beholden.scan.source import Source
from beholden.scan.walk import Found, walk
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import CONTACT
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.run.state_file import Entry, StateFile
    from beholden.scan.interface import Scanners, Watch
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import Finding

_NOT_FOLLOWED = "not followed: only logs of Zeek and Suricata EVE are; a scan without --follow reads it"
_LEVELS_TOLD = f"{FOLLOWED}levels"
# Many small pieces are put together, so that a state grows with what is in it and not with the number of looks.
_MOST_PIECES = 200
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?![\w.-])")
# What a sensor counts itself since it began: the last word stands.
_OF = re.compile(r"\d of \d")
# In `Stream.settled`: its reader gave it up.
_FAILED = "failed"
_NOBODY = ReadBy("", "", "", "")
_NOTHING_TOLD = Told(0, 0, {}, [], [], {})


@dataclass(frozen=True, slots=True)
class Event:
    """A finding that is new, or worse than when it was told last.

    Attributes:
        finding: As it stands now.
        level_before: The level that was told; None: it is new.
    """

    finding: Finding
    level_before: Level | None


class Following:
    """Logs that are followed, and what they come to.

    Args:
        job: What is asked.
        ready: What it is done with.
        scanners: Readers to try.
        state: Holds what was followed before, and takes what is read; None: only this run is remembered.

    Attributes:
        lost: Why what the state held is not taken; None: it is.
    """

    def __init__(self, job: Job, ready: Ready, scanners: Scanners, state: StateFile | None = None) -> None:
        self._job = job
        self._ready = ready
        self._scanners = scanners
        self._by_name = {scanner.name: scanner for scanner in scanners}
        self._state = state
        self._watch = watch_of([ready.kb], ready.profile)
        self._collected = Collected(self._watch, detect_tempo=False)
        self._deciding = Deciding()
        self._logs: dict[str, Reading] = {}
        self._generations: Counter[str] = Counter()
        self._ends_seen: dict[int, int] = {}
        self._levels: dict[str, Level] = {}
        self._problems: dict[str, Reading] = {}
        self._has_looked = False
        self.lost: str | None = None
        self._streams = Streams(self._resumed(), self._reader_of)

    @property
    def streams(self) -> list[Stream]:
        """The logs as far as they are read."""
        return self._streams.known

    def look(self, *, is_last: bool = False) -> bool:
        """Read what is new; whether there was anything.

        Args:
            is_last: Nobody looks again: connections are read to their end.
        """
        portions = self._new(is_last=is_last)
        self._has_looked = True
        for needs_names in (0, 1, 2):
            phase = [each for each in portions if self._phase(each) == needs_names]
            watch = self._collected.watch_with_names() if phase and needs_names else self._watch
            for portion in phase:
                self._read(portion, watch)
        return bool(portions)

    def assessment(self, as_of: date) -> Assessment:
        """What all that was read comes to.

        Args:
            as_of: The date of the answer.
        """
        observations, readings = self._collected.observations(), self._readings()
        scanned = Scanned(observations, [reading.coverage() for reading in readings])
        note_gaps(scanned.coverage)
        scanned.has_rejects = has_rejects(readings, scanned.coverage)
        kb, profile = self._ready.kb, self._ready.profile
        done = judge(resolve(scanned, kb), kb, profile, as_of=as_of, known_at=self._job.known_at)
        return accepted(done, replace(self._job, as_of=as_of), self._ready)

    def events(self, assessment: Assessment) -> list[Event]:
        """The findings that are new or worse than what was told; call `told` once they are."""
        found = []
        for finding in assessment.result.findings:
            before = self._levels.get(finding.id)
            if before is None or Level(finding.level).rank < before.rank:
                found.append(Event(finding, before))
        return found

    def told(self, events: Iterable[Event]) -> None:
        """Note that findings were told: they are not again, after a restart neither."""
        new = {event.finding.id: Level(event.finding.level) for event in events}
        if not new:
            return
        self._levels.update(new)
        if self._state is not None:
            with self._state.writing(_LEVELS_TOLD) as record:
                levels = msgspec.json.encode(self._levels).decode()
                record.finish(0, "", levels, _NOBODY, _NOTHING_TOLD)

    def _files(self) -> Iterator[Found]:
        key = self._ready.profile.pseudonym_key_file
        for found in walk(self._job.paths, self._job.at, self._job.own):
            if found.is_own:
                continue
            found = without_key(found, key)
            if found.problem is not None:
                self._problems[found.path] = Reading(found, problem=found.problem)
                continue
            yield found

    def _new(self, *, is_last: bool) -> list[Portion]:
        self._problems = {}
        files = list(self._files())
        portions = []
        found_new = self._streams.look(files)
        self._meet(self._streams.known)
        for portion in found_new:
            number, end = portion.stream.number, portion.end
            if self._phase(portion) == 2 and self._has_looked and not is_last:
                end = self._ends_seen.get(number, portion.stream.offset)
            self._ends_seen[number] = portion.end
            if end > portion.stream.offset:
                portions.append(replace(portion, end=end))
        by_path = {found.path: found for found in files}
        for path, why in self._streams.unfollowed.items():
            # One that holds what was read is no file that was left out, though the user named it.
            found = replace(
                by_path[path],
                is_named=by_path[path].is_named and not why.is_copy,
                is_failure=why.is_failure,
            )
            self._problems[path] = why.reading or Reading(found, problem=why.reason)
        return portions

    def _phase(self, portion: Portion) -> int:
        """0 what is joined with no names, 1 what tells some itself, 2 what only needs them."""
        scanner = self._by_name[portion.stream.reader]
        if not getattr(scanner, "joins_names", False):
            return 0
        return 1 if getattr(scanner, "tells_names", False) else 2

    def _reader_of(self, found: Found) -> str | Unfollowed:
        reading = begin(found, self._scanners, self._ready.profile.columns_for(found.path))
        if reading.scanner is None:
            failed = reading if reading.has_failed else None
            return Unfollowed(reading.problem or "", reading=failed)
        return reading.scanner.name if getattr(reading.scanner, "can_be_followed", False) else Unfollowed(_NOT_FOLLOWED)

    def _log(self, stream: Stream) -> Reading:
        """The log of that name, of which streams may be parts that followed each other."""
        if stream.path not in self._logs:
            place = Found(self._job.place(stream.path), stream.path)
            source = Source(place.real_path, stream.path)
            self._logs[stream.path] = Reading(place, self._by_name[stream.reader], source)
        return self._logs[stream.path]

    def _meet(self, streams: Iterable[Stream]) -> None:
        """Number the logs by their streams, so that a run that goes on from a state names the same places."""
        for stream in sorted(streams, key=lambda stream: stream.number):
            source = self._log(stream).source
            assert source is not None
            self._collected.meet(source)

    def _read(self, portion: Portion, watch: Watch) -> None:
        """Read a portion, add it up, and keep it with how far the log is read."""
        stream, columns = portion.stream, self._ready.profile.columns_for(portion.stream.path)
        scanner = self._by_name[stream.reader]
        # The same watch for all that are not mapped: what is prepared from it is prepared once.
        watch = watch if columns == watch.columns else replace(watch, columns=columns)
        batches: list[pa.RecordBatch] = []
        try:
            with opened(portion) as advance:
                size = portion.end - stream.offset
                source = PortionSource(portion.found.real_path, stream.path, stream.header, advance, size, stream.lines)
                source.settled.update(stream.settled)
                share = Reading(portion.found, scanner, source)
                # As in a scan, nothing is read behind the place where a log stopped being one.
                if _FAILED not in stream.settled:
                    batches += (source.in_the_log(batch) for batch in share.guarded(scanner.scan(source, watch)))
                source.finish()
        except (Gone, OSError, EOFError, zlib.error, ScanError):
            # Cut off since it was looked at: nothing of this look is taken, and the next sees what became of it.
            return
        if share.has_failed:
            source.settled[_FAILED] = "yes"
        after = msgspec.structs.replace(advance.stream(), settled=source.settled)
        log = self._log(stream)
        assert log.source is not None
        if self._state is not None:
            former = self._state.entry(_name(stream))
            with self._state.writing(_name(stream), adds=True) as record:
                for batch in batches:
                    record.add(batch)
                read_by = self._deciding.of(scanner, replace(self._watch, columns=columns))
                told = _both(None if former is None else former.told, told_by(source), stream.path)
                record.finish(after.offset, "", msgspec.json.encode(after).decode(), read_by, told)
            if record.pieces > _MOST_PIECES:
                self._put_together(stream)
        for batch in batches:
            self._collected.add(log.source, batch)
        self._generations[stream.path] += stream.offset == 0
        log.has_failed |= share.has_failed
        add_up(told_by(source), log.source)
        self._streams.put(after)

    def _put_together(self, stream: Stream) -> None:
        """Hold a stream in fewer pieces."""
        assert self._state is not None
        name = _name(stream)
        entry = self._state.entry(name)
        assert entry is not None
        observed = Reducer()
        others: dict[pa.Schema, list[pa.RecordBatch]] = {}
        for batch in self._state.batches(entry):
            if batch.schema.equals(OBSERVATION):
                observed.add(batch)
            else:
                others.setdefault(batch.schema, []).append(batch)
        with self._state.writing(name) as record:
            for batch in observed.table().to_batches():
                record.add(batch)
            for batches in others.values():
                record.add(pa.concat_batches(batches))
            record.finish(entry.size, entry.sha256, entry.mark, entry.read_by, entry.told)

    def _resumed(self) -> list[Stream]:
        """The streams of the state, their rows added up."""
        if self._state is None:
            return []
        entries = self._state.entries(FOLLOWED)
        levels = entries.pop(_LEVELS_TOLD, None)
        streams = [(entry, self._state.mark(entry, Stream)) for entry in entries.values()]
        self.lost = next((why for entry, stream in streams if (why := self._why_lost(entry, stream))), None)
        if self.lost is not None:
            self._state.forget([*entries, _LEVELS_TOLD])
            return []
        if levels is not None and self._state.is_whole(levels):
            self._levels = self._state.mark(levels, dict[str, Level])
        self._meet([stream for _, stream in streams])
        # Names before the connections that went to them.
        for takes_contacts in (False, True):
            for entry, stream in streams:
                reading = self._log(stream)
                for batch in self._state.batches(entry):
                    assert reading.source is not None
                    if batch.schema.equals(CONTACT) is takes_contacts:
                        self._collected.add(reading.source, batch)
        for entry, stream in streams:
            source = self._log(stream).source
            assert source is not None
            add_up(entry.told, source)
            self._generations[stream.path] += 1
            self._log(stream).has_failed |= _FAILED in stream.settled
        return [stream for _, stream in streams]

    def _why_lost(self, entry: Entry, stream: Stream) -> str | None:
        """Why what is held of a stream cannot be gone on with; None: it can."""
        assert self._state is not None
        scanner = self._by_name.get(stream.reader)
        if scanner is None:
            return f"there is no reader {stream.reader} any more"
        columns = self._ready.profile.columns_for(stream.path)
        if entry.read_by != self._deciding.of(scanner, replace(self._watch, columns=columns)):
            return "the program, what the base watches, or the profile changed"
        return None if self._state.is_whole(entry) else "what it held is damaged"

    def _readings(self) -> list[Reading]:
        """All that coverage tells of, by name; a name that stands for a log now may have stood for another."""
        # One of which no line was read has nothing to tell.
        found = {**self._problems, **{path: log for path, log in self._logs.items() if self._generations[path]}}
        for path, reading in self._logs.items():
            if (count := self._generations[path]) > 1 and reading.source is not None:
                told = Source(reading.source.real_path, path)
                retell(told_by(reading.source), told)
                told.note(f"{count} logs of this name followed each other: a line is of one of them")
                found[path] = replace(reading, source=told)
        for path, problem in self._problems.items():
            # What was read of a log stands, though no more of it can be.
            if problem.found.is_failure and self._generations[path] and problem.problem is not None:
                source = found[path].source
                assert source is not None
                told = Source(source.real_path, path)
                retell(told_by(source), told)
                told.note(problem.problem)
                found[path] = replace(found[path], source=told, has_failed=True)
        return [found[path] for path in sorted(found)]


def add_up(told: Told, source: Source) -> None:
    """Add what was told of one more portion: notes that differ in their first number only become one, with the sum."""
    retell(msgspec.structs.replace(told, notes=[]), source)
    for note in told.notes:
        for at, known in enumerate(source.notes):
            if (both := _together(known, note)) is not None:
                source.notes[at] = both
                break
        else:
            source.note(note)


def _both(former: Told | None, now: Told, path: str) -> Told:
    """What was told of a log so far, and now."""
    source = Source(Path(path), path)
    for told in (former, now):
        if told is not None:
            add_up(told, source)
    return told_by(source)


def _together(one: str, other: str) -> str | None:
    """Two notes as one; None: they say different things."""
    first, second = _NUMBER.search(one), _NUMBER.search(other)
    if first is None or second is None:
        return one if one == other else None
    if _OF.search(one) and _OF.search(other):
        return other if _NUMBER.sub("", one) == _NUMBER.sub("", other) else None
    before, after = one[: first.start()], one[first.end() :]
    if (before, after) != (other[: second.start()], other[second.end() :]):
        return None
    total = int(first[0].replace(",", "")) + int(second[0].replace(",", ""))
    has_commas = "," in first[0] + second[0]
    return f"{before}{total:,}{after}" if has_commas else f"{before}{total}{after}"


def _name(stream: Stream) -> str:
    return f"{FOLLOWED}{stream.number:08}"
