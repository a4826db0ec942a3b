"""Packs and publications together → the rows of one base: read, stamp, resolve, list, put in order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import msgspec

from beholden.compile.derive import address_assets, grouped, name_of, names_of, normalised, per_entry, taken_out
from beholden.compile.listings import Origins, listed, settled
from beholden.compile.resolve import Resolved, resolve, reviewed_of_packs
from beholden.compile.stage import Stage
from beholden.errors import SourceError
from beholden.kb.identity import numbering
from beholden.schema.rows import (
    TYPES,
    Asset,
    Designation,
    Edition,
    Entity,
    Entry,
    Name,
    Regime,
    Resolution,
    Row,
    SourceRow,
)
from beholden.sources.interface import Reading
from beholden.sources.states import States

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from beholden.compile.packs import PackRow
    from beholden.sources.descriptor import ListOf
    from beholden.sources.interface import Publication, Source

_TABLE_OF = {kind: table for table, kind in TYPES.items()}
# What is judged as a whole before it is written; all other rows go straight to the stage.
_LAW = ("regimes", "editions", "entries", "designations", "effects", "resolutions")


@dataclass(frozen=True, slots=True)
class Part:
    """One publication that goes into a base.

    Attributes:
        source: Its importer.
        publication: Its files.
        is_partial: Some of its records could not be read, or there are fewer than a whole one has.
    """

    source: Source
    publication: Publication
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided about ids: pairs that are one party, and pairs that are two, each with the reason."""

    same: Sequence[Resolution] = ()
    apart: Sequence[Resolution] = ()


@dataclass(slots=True)
class Assembled:
    """The rows of a base and what was noticed on the way.

    Attributes:
        tables: Every table, in order.
        remarks: Publications that disagree with the packs.
    """

    tables: Stage
    remarks: list[str] = field(default_factory=list)


def assemble(
    packs: Iterable[PackRow], parts: Sequence[Part], decisions: Decisions, stage_file: Path | None
) -> Assembled:
    """Put packs and publications together.

    Args:
        packs: Rows of the packs, checked.
        parts: Publications; of two that say the same, the first speaks.
        decisions: Reviewed by the user.
        stage_file: Where rows wait; None: in memory.

    Raises:
        SourceError: A publication cannot be read any more.
        CompileError: An address is wrong.
    """
    stage = Stage(stage_file)
    law = _Law(grouped(packs), parts)
    for table, rows in law.packs.items():
        if table not in _LAW:
            stage.add(table, rows)
    for rank, part in enumerate(parts, 1):
        _read(part, rank, stage, law)
    reviewed = reviewed_of_packs(law.reviewed(), law.of("entries", "designations"), stage)
    decided = {frozenset((row.entity_id, row.referent)) for row in decisions.same}
    # The user goes before the packs, either way.
    apart = [
        row for row in reviewed if row.rule == "declined" and frozenset((row.entity_id, row.referent)) not in decided
    ]
    resolved = resolve(
        stage,
        list(law.of("entries", "designations")),
        [*law.resolved(), *(row for row in reviewed if row.joins), *decisions.same],
        [*apart, *decisions.apart],
        [row for row in reviewed if row.rule == "open"],
    )
    stage.rename(resolved.canonical)
    law.rename(resolved)
    remarks = law.settle(resolved, stage)
    stage.add("resolutions", resolved.rows)
    _add_unnamed(stage)
    addresses: dict[str, Row] = {}
    for row in stage["assets"]:
        if cast("Asset", row).kind == "ip":
            addresses.setdefault(cast("Asset", row).id, row)
    stage.add("prefixes", address_assets(addresses.values()))
    stage.seal()
    return Assembled(stage, remarks)


def _read(part: Part, rank: int, stage: Stage, law: _Law) -> None:
    """Read one publication into the stage."""
    publication = part.publication
    stage.add("sources", [_source_row(publication)], rank)
    waiting: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(part):
        stamped = _stamped(row, part)
        table = _TABLE_OF[type(row)]
        if table in _LAW:
            law.rows[table].append(stamped)
            continue
        waiting[table].append(stamped)
        if isinstance(stamped, Entity):
            waiting["names"].append(name_of(stamped))
        if len(waiting[table]) >= 10_000:
            stage.add(table, waiting.pop(table), rank)
    for table, rows in waiting.items():
        stage.add(table, rows, rank)


def _rows(part: Part) -> Iterator[Row]:
    """The rows of a publication as its importer yields them.

    Raises:
        SourceError: It cannot be read any more, or its importer yields no state of a list that it has rows of.
    """
    publication, states = part.publication, States()
    try:
        for row in part.source.parse(publication, Reading()):
            states.see(row)
            yield row
        states.close(publication)
    except SourceError as error:
        error.hint = error.hint or taken_out(publication.source_id)
        raise


def _source_row(publication: Publication) -> SourceRow:
    told = publication.descriptor
    return SourceRow(
        id=publication.source_id,
        title=f"{told.title}, as of {publication.edition}",
        publisher=told.publisher,
        url=told.page,
        date=publication.edition,
        class_=told.class_,
        licence=told.licence,
        may_pass_on=told.may_pass_on,
        attribution=told.attribution,
    )


def _stamped(row: Row, part: Part) -> Row:
    """A row with what it has from its publication."""
    publication = part.publication
    changes: dict[str, object] = {}
    if row.source_id is None:
        changes["source_id"] = publication.source_id
    if row.grade is None:
        changes["grade"] = publication.descriptor.grade
    if isinstance(row, Designation):
        if row.valid_from is None:
            changes |= {"valid_from": publication.edition, "is_start_latest": True}
        changes["published_at"] = row.published_at or row.valid_from or publication.edition
    elif isinstance(row, Edition):
        changes["published_at"] = row.published_at or row.date
        lists = publication.descriptor.lists
        changes["is_copy"] = any(item.kind == "copies" for item in lists if item.regime == row.regime_id)
        changes["is_complete"] = row.is_complete and not part.is_partial
    elif isinstance(row, Entry):
        changes["published_at"] = row.published_at or row.edition
    elif isinstance(row, Name):
        changes["norm"] = normalised(row).norm
    return msgspec.structs.replace(row, **changes)


class _Law:
    """Lists, their states, and who is on them, of packs and publications together."""

    def __init__(self, packs: dict[str, list[Row]], parts: Sequence[Part]) -> None:
        packs["names"] = names_of(packs)
        self.packs = packs
        self.rows: dict[str, list[Row]] = defaultdict(list, {table: list(packs[table]) for table in _LAW})
        self._slugs = {part.publication.source_id: part.publication.slug for part in parts}
        self._numberings: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._parts = parts

    def of(self, *tables: str) -> Iterator[Row]:
        """Rows of some tables, one after the other."""
        for table in tables:
            yield from self.rows[table]

    def reviewed(self) -> list[Resolution]:
        """What packs say of ids of publications."""
        return [row for row in self._resolutions() if row.source_id not in self._slugs]

    def resolved(self) -> list[Resolution]:
        """What publications say of their own ids."""
        return [row for row in self._resolutions() if row.source_id in self._slugs]

    def _resolutions(self) -> list[Resolution]:
        return cast("list[Resolution]", self.rows["resolutions"])

    def rename(self, resolved: Resolved) -> None:
        """Put the id of a party in the place of those that stand for it."""
        # A party of several publications has their numbers too; what each of them numbers is known only before.
        for row in cast("list[Entry]", self.rows["entries"]):
            if slug := self._slugs.get(row.source_id or ""):
                self._numberings[slug, row.regime_id].add(numbering(row.entity_id))
        for table in ("entries", "designations", "effects"):
            self.rows[table] = [_renamed(row, resolved) for row in self.rows[table]]

    def settle(self, resolved: Resolved, stage: Stage) -> list[str]:
        """Derive the listings and write everything.

        Returns:
            Where publications disagree with the packs.
        """
        own = {row.id: row for row in cast("list[Regime]", self.rows["regimes"])}
        regimes = {row.id: row for row in self._covered(own)}
        ids = resolved.ids()
        origins = Origins(
            publications=self._slugs,
            closed={
                part.publication.source_id
                for part in self._parts
                if part.publication.descriptor.may_pass_on is not True
            },
            kinds={(slug, item.regime): item.kind for slug, item in self._lists()},
            ids=lambda entity_id: (entity_id, *ids.get(entity_id, ())),
            horizons={row.id: row.checked_until for row in own.values() if row.loaded and row.checked_until},
            numberings=self._numberings,
        )
        rows = listed(
            regimes.values(),
            cast("list[Edition]", self.rows["editions"]),
            cast("list[Entry]", self.rows["entries"]),
            cast("list[Designation]", self.rows["designations"]),
            origins,
        )
        designations, remarks = settled(rows, origins, regimes)
        stage.add("regimes", regimes.values())
        stage.add("editions", (row for row in self.rows["editions"] if origins.slug(row) == ""))
        for row in cast("list[Edition]", self.rows["editions"]):
            if origins.slug(row) != "":
                # Of one day, what a whole copy says of itself stands before what a part says.
                stage.add("editions", [row], rank=1 if row.is_complete else 2)
        stage.add("entries", self.rows["entries"])
        stage.add("designations", designations)
        stage.add("effects", per_entry(self.rows["effects"], designations))
        return sorted(set(remarks))

    def _lists(self) -> Iterator[tuple[str, ListOf]]:
        for slug, descriptor in {part.publication.slug: part.publication.descriptor for part in self._parts}.items():
            for item in descriptor.lists:
                yield slug, item

    def _covered(self, own: dict[str, Regime]) -> Iterator[Regime]:
        """Lists with the span that packs and publications together cover."""
        states: dict[str, list[Edition]] = defaultdict(list)
        for edition in cast("list[Edition]", self.rows["editions"]):
            if edition.source_id in self._slugs:
                states[edition.regime_id].append(edition)
        declared: dict[str, list[ListOf]] = defaultdict(list)
        for _, item in self._lists():
            declared[item.regime].append(item)
        for regime_id in sorted(own.keys() | declared.keys()):
            row = own.get(regime_id) or _declared(declared[regime_id])
            if regime_id in states:
                reaches_back = any(item.reaches_back for item in declared[regime_id])
                row = _with_copies(row, states[regime_id], reaches_back=reaches_back)
            yield row


def _declared(items: Sequence[ListOf]) -> Regime:
    """A list that only importers know."""
    item = next((item for item in items if item.title is not None), items[0])
    return Regime(
        id=item.regime,
        kind="list",
        list_kind="edition" if item.kind == "editions" else "event",
        title=item.title or item.regime,
        issuer=item.issuer,
        jurisdiction=item.jurisdiction,
        citation=item.citation,
    )


def _with_copies(row: Regime, states: Sequence[Edition], *, reaches_back: bool) -> Regime:
    """A list with the days that our copies of it speak for."""
    complete = [state.date for state in states if state.is_complete]
    days = [state.date for state in states]
    starts: date | None = min(complete or days)
    if reaches_back and complete:
        starts = None
    is_partial = not complete
    if row.loaded:
        is_partial = is_partial and row.is_partial
        if not row.is_partial:
            # The packs hold it whole from then on.
            starts = None if row.covered_from is None or starts is None else min(row.covered_from, starts)
        elif not complete:
            # Of a party that they hold the packs know the past as well; a part of the list takes nothing from that.
            starts = row.covered_from
        if row.checked_until is not None:
            days.append(row.checked_until)
            if not row.is_partial:
                complete.append(row.checked_until)
    return msgspec.structs.replace(
        row,
        loaded=True,
        names_party=True,
        is_partial=is_partial,
        covered_from=starts,
        # Whoever a copy in part does not print may still be listed: it moves the horizon of those whom it prints only.
        checked_until=max(days if is_partial else complete or days),
    )


def _renamed(row: Row, resolved: Resolved) -> Row:
    entity_id = getattr(row, "entity_id", None)
    if entity_id not in resolved.canonical:
        return row
    return msgspec.structs.replace(row, entity_id=resolved.canonical[entity_id])


def _add_unnamed(stage: Stage) -> None:
    """Parties that a row refers to and no publication describes: known by their id only."""
    queries = [
        f"SELECT {column} FROM {table} WHERE {column} <> ''"  # noqa: S608 (names of ours)
        for table, columns in (
            ("ownership", ("owner_id", "owned_id", "beneficiary_id")),
            ("designations", ("entity_id",)),
            ("identifiers", ("entity_id",)),
            ("names", ("entity_id",)),
        )
        for column in columns
    ]
    query = " UNION ".join(queries) + " EXCEPT SELECT id FROM entities ORDER BY 1"  # noqa: S608
    missing = [found for (found,) in stage.ask(query)]
    rows = [_unnamed(entity_id) for entity_id in missing]
    stage.add("entities", rows, rank=1 << 20)
    stage.add("names", (name_of(row) for row in rows), rank=1 << 20)


def _unnamed(entity_id: str) -> Entity:
    register, _, number = entity_id.partition(":")
    return Entity(
        id=entity_id,
        schema="LegalEntity",
        caption=f"{register.upper()} {number}" if number else entity_id,
        caption_kind="alias",
        note="named by its id only: no publication that is loaded describes it",
    )
