"""Takes publications in: fetched or given, read whole once, kept whole or not at all, and compiled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from beholden import compile as bases
from beholden.errors import BeholdenError, CompileError, SourceError, UsageError
from beholden.run.completeness import completeness
from beholden.run.describe import describe
from beholden.run.given import confirmed, refuse_empty, was_part
from beholden.run.neighbours import beside_later, changed, incomparable, lacks, reconsider, unused_beside
from beholden.run.turnover import Entries
from beholden.schema.publication import (
    PublicationError,
    PublicationFile,
    PublicationInfo,
    Publications,
    RejectedRecord,
)
from beholden.schema.rows import TYPES
from beholden.sources.edition import Edition, edition_of
from beholden.sources.held import Held, digest_of
from beholden.sources.interface import Publication, Reading, no_layout
from beholden.sources.states import States

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.fetch import Fetcher
    from beholden.sources.interface import Source
    from beholden.sources.snapshot import Store
    from beholden.sources.staging import Staging

_TABLES = {kind: table for table, kind in TYPES.items()}
INCOMPLETE = 3
# Rows that say what a publication is, and nothing of what is in it.
_ABOUT_IT = {"editions", "regimes", "sources"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a publication.

    Attributes:
        info: As it is told.
        kept: The record that is new; None: nothing new is held.
        is_part: The user said that it is a part.
        is_unsettled: It goes into no base, because a later state is held; or it shows that a later copy is a part.
    """

    info: PublicationInfo
    kept: Held | None = None
    is_part: bool = False
    is_unsettled: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether what was asked for is held and was read: the whole of it, or a part as the user said."""
        is_all = (self.is_part or not self.info.is_partial) and not self.is_unsettled
        return self.info.status != "refused" and not self.info.records_rejected and is_all


@dataclass(frozen=True, slots=True)
class Desk:
    """Where publications come in.

    Attributes:
        store: Holds them.
        clock: What the time is, UTC.
    """

    store: Store
    clock: Callable[[], datetime]

    def take_given(
        self,
        source: Source,
        files: Iterable[tuple[str, Path]],
        *,
        edition: date | None = None,
        is_whole: bool = False,
        is_part: bool = False,
    ) -> Outcome:
        """Take in files that the user has.

        Args:
            source: Their importer.
            files: Name and place of each.
            edition: Their day, as the user says.
            is_whole: The user says that nothing is missing, though many entries of the copy before are gone, or it has
                more records than it ever had.
            is_part: The user says that it is a part, whatever it looks like.

        Raises:
            UsageError: Their day is not known, or two are said.
            KnowledgeBaseError: The home folder cannot be written.
        """
        try:
            with self.store.staging(source.descriptor.slug) as staged:
                for name, path in files:
                    staged.copy(name, path, source.descriptor.max_bytes)
                refuse_empty(staged)
                day = edition_of(source, staged.read(), staged.documents, today=self.clock().date(), given=edition)
                return self._take(source, staged, day, is_given=True, is_whole=is_whole, is_part=is_part)
        except SourceError as error:
            return self._refused(source.descriptor, error)

    def take_served(
        self,
        source: Source,
        fetcher: Fetcher,
        *,
        mirror: Callable[[str], str] | None = None,
        is_whole: bool = False,
    ) -> Outcome:
        """Take in what a publisher serves now.

        Args:
            source: Its importer.
            fetcher: Asks it.
            mirror: Name of a file → where it is asked for instead.
            is_whole: The user says that nothing is missing; what is held as a part is then asked for again.

        Raises:
            KnowledgeBaseError: The home folder cannot be written.
        """
        slug = source.descriptor.slug
        try:
            last = self.store.newest(slug)
            usable = last if last is not None and not self.store.verify(last) else None
            if is_whole and usable is not None and usable.is_partial:
                usable = None
            with self.store.staging(slug) as staged:
                if not self._fetch(source.descriptor, fetcher, staged, usable, mirror) and usable is not None:
                    self.store.note_checked(usable, self.clock())
                    return Outcome(self.told(usable, "unchanged"))
                day = edition_of(
                    source,
                    staged.read(),
                    staged.documents,
                    today=self.clock().date(),
                    is_from_publisher=mirror is None,
                )
                return self._take(source, staged, day, is_given=False, is_whole=is_whole)
        except UsageError as error:
            # The options that it asks for are those of an import.
            error.hint = f"download it and run `beholden kb import {slug} FILE... --edition DATE`"
            return self._refused(source.descriptor, error)
        except SourceError as error:
            return self._refused(source.descriptor, error)

    def _fetch(
        self,
        descriptor: Descriptor,
        fetcher: Fetcher,
        staged: Staging,
        last: Held | None,
        mirror: Callable[[str], str] | None,
    ) -> bool:
        """Fetch every file before any is kept; whether one differs from what is held."""
        is_new = last is None or len(last.documents) != len(descriptor.addresses)
        for address in descriptor.addresses:
            previous = last.document(address.name) if last is not None else None
            found = fetcher.fetch(
                address.name,
                address.url if mirror is None else mirror(address.name),
                staged,
                max_bytes=descriptor.max_bytes,
                previous=previous,
                # It is the publisher's, and with a mirror nobody else is asked.
                sha256_url=address.sha256_url if mirror is None else None,
            )
            if found is None and last is not None and previous is not None:
                staged.add(previous, self.store.path(last, previous))
            else:
                is_new = True
        return is_new

    def _take(
        self,
        source: Source,
        staged: Staging,
        day: Edition,
        *,
        is_given: bool,
        is_whole: bool = False,
        is_part: bool = False,
    ) -> Outcome:
        """Read a staged publication whole, and keep it if it is one."""
        descriptor = source.descriptor
        newest = self.store.newest(descriptor.slug)
        if newest is not None and day.found in ("fetched", "imported") and newest.digest == digest_of(staged.documents):
            # Only the day on which we look is another one.
            day = Edition(newest.edition, newest.edition_from)
        held = self.store.held(descriptor.slug)
        same = None
        if is_given and day.found in ("given", "file name"):
            same = confirmed(held, staged.documents, descriptor.slug, day, is_whole=is_whole)
        reading, rows, entries = _read(source, Publication(descriptor, staged.read(), day.day))
        turned = changed(self.store, source, entries, day.day, digest_of(staged.documents))
        doubted = [was_part(held, staged.documents)]
        if turned is None and entries.is_registry:
            doubted.append(incomparable(held, reading.layout, staged.documents, day.day))
        counted = completeness(
            descriptor,
            reading,
            day.day,
            held,
            changed=turned,
            doubted=[doubt for doubt in doubted if doubt is not None],
            lacks=lacks(self.store, source, entries, day.day),
            is_given=is_given,
            is_whole=is_whole,
            is_part=is_part,
        )
        wanted = Held(
            slug=descriptor.slug,
            edition=day.day,
            edition_from=day.found,
            held_at=self.clock(),
            documents=staged.documents,
            layout=reading.layout,
            records_read=reading.read,
            records_rejected=reading.rejects,
            is_partial=counted.is_partial,
            is_said=is_whole or is_part,
        )
        kept = self.store.keep(wanted, staged)
        shrunk = None if kept.is_partial else reconsider(self.store, source, entries, day.day, self.clock())
        is_new = kept.name not in {one.name for one in held}
        unused = unused_beside(held, kept) if entries.is_registry else None
        beside = [unused] if unused is not None else [shrunk] if shrunk is not None else beside_later(newest, kept)
        told = self.told(kept, "kept" if is_new else "unchanged")
        info = msgspec.structs.replace(
            told,
            reasons=dict(sorted(reading.reasons.items())),
            rejected=[_rejected(error) for error in reading.rejected],
            notes=[*([same] if same else []), *reading.notes, *counted.notes, *beside],
            rows=dict(sorted(rows.items())),
        )
        return Outcome(info, kept if is_new else None, is_part, unused is not None or shrunk is not None)

    def _refused(self, descriptor: Descriptor, error: SourceError | UsageError) -> Outcome:
        """What is held stays in force; how old it is is said."""
        told = PublicationError(code=error.code, message=str(error))
        try:
            held = self._in_force(descriptor.slug)
        except SourceError:
            held = None
        if held is None:
            notes = ["nothing of it is held"]
            return Outcome(PublicationInfo(source=descriptor.slug, status="refused", notes=notes, error=told))
        days = (self.clock().date() - held.edition).days
        what = f"a part of {held.edition}" if held.is_partial else f"edition {held.edition}"
        notes = [f"what is held stays in force: {what}, {days} days old, held since {held.held_at:%Y-%m-%d %H:%M} UTC"]
        if descriptor.max_age_days is not None and days > descriptor.max_age_days:
            notes.append(f"that is old: it is published {descriptor.cadence}")
        info = self.told(held, "refused")
        return Outcome(msgspec.structs.replace(info, notes=notes, error=told, records_rejected=None))

    def _in_force(self, slug: str) -> Held | None:
        """The newest whole publication; where none is, the newest part: a part makes no copy newer."""
        whole = [one for one in self.store.held(slug) if not one.is_partial]
        newest = max(whole, key=lambda one: (one.edition, one.held_at), default=None)
        return newest or self.store.newest(slug)

    def told(self, held: Held, status: str) -> PublicationInfo:
        """A publication that is on record, as it is told."""
        checks = self.store.checked(held)
        return PublicationInfo(
            source=held.slug,
            status=status,
            edition=held.edition.isoformat(),
            edition_from=held.edition_from,
            held_at=_iso(held.held_at),
            checked_at=_iso(checks[-1]) if checks else None,
            layout=held.layout,
            is_partial=held.is_partial,
            documents=[
                PublicationFile(
                    name=item.name,
                    sha256=item.sha256,
                    bytes=item.bytes,
                    url=item.url,
                    fetched_at=_iso(item.fetched_at) if item.fetched_at is not None else None,
                )
                for item in held.documents
            ],
            records_read=held.records_read,
            records_rejected=held.records_rejected,
        )


def published(command: str, outcomes: Sequence[Outcome], desk: Desk, home: Path) -> Publications:
    """Compile what is held now, and say what became of each publication.

    Raises:
        MisfitError: What is new does not fit the rest; it is taken back.
        CompileError: What was held before, or what another process brought in, gives no base; what is new is kept.
        SourceError: A publication that was held before cannot be read any more.
        KnowledgeBaseError: The base cannot be written.
    """
    new = [outcome.kept for outcome in outcomes if outcome.kept is not None]
    try:
        made = bases.rebuild(home, new=new)
    except bases.MisfitError:
        for held in new:
            desk.store.withdraw(held)
        raise
    except CompileError as error:
        if new:
            stays = "what came in now is kept for the next build: without it there is no base either"
            error.hint = f"{stays}; {error.hint}" if error.hint else stays
        raise
    today = desk.clock().date()
    return Publications(
        command=command,
        as_of=today.isoformat(),
        kb=describe(made.base, today, None),
        publications=[outcome.info for outcome in outcomes],
        remarks=list(made.remarks),
    )


def kept_for_later(command: str, outcomes: Sequence[Outcome], desk: Desk, base: KnowledgeBase) -> Publications:
    """Say what became of each publication, and compile nothing.

    Args:
        command: As the user called it.
        outcomes: What became of each publication.
        desk: Where they came in.
        base: The base in use, which stays.
    """
    today = desk.clock().date()
    return Publications(
        command=command,
        as_of=today.isoformat(),
        kb=describe(base, today, None),
        publications=[outcome.info for outcome in outcomes],
        compiled=False,
    )


def verdict(outcomes: Iterable[Outcome], *, allow_incomplete: bool = False) -> int:
    """0 all is held and was read, 3 one was refused or is held in part, and nobody said that it is a part."""
    for outcome in outcomes:
        if outcome.info.status == "refused" or not (outcome.is_complete or allow_incomplete):
            return INCOMPLETE
    return 0


def _read(source: Source, publication: Publication) -> tuple[Reading, Counter[str], Entries]:
    """Read all of it once: what cannot be read is not kept."""
    reading, rows, states, entries = Reading(), Counter[str](), States(), Entries(source.descriptor)
    for row in source.parse(publication, reading):
        states.see(row)
        entries.see(row)
        rows[_TABLES[type(row)]] += 1
    if reading.layout is None:
        raise no_layout(publication, "no layout was recognised")
    if reading.read == 0:
        why = f"; the first: {reading.rejected[0]}" if reading.rejected else ""
        raise SourceError(
            f"{publication.slug}: none of {reading.rejects} records could be read{why}", code="source.no-records"
        )
    # A state of a list that names nobody would take everybody off it; a register of nothing would count as looked at.
    if not rows.keys() - _ABOUT_IT:
        raise SourceError(
            f"{publication.slug}: {reading.read} records were read, and none has anything that goes into a base",
            code="source.no-rows",
            hint="look whether it is the right file for this importer",
        )
    states.close(publication)
    return reading, rows, entries


def _rejected(error: BeholdenError) -> RejectedRecord:
    origin = error.origin
    return RejectedRecord(
        file=origin.path if origin is not None else None,
        line=origin.line if origin is not None else None,
        reason=error.message,
    )


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
