"""Every importer, with what of it a base holds: the part of `kb info` about publications."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.schema.dossier import ListInfo
from beholden.schema.knowledge import TABLES
from beholden.sources.registry import every_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import SourceRow
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.held import Held


def importers(
    kb: KnowledgeBase, held: Iterable[Held], *, in_force: Iterable[Held] = (), as_of: date, known_at: date | None
) -> Iterator[ListInfo]:
    """One row for every importer, in order of rank, used or not.

    Args:
        kb: The base; the ids of its sources, `<slug>@<edition>`, say which publications went into it.
        held: Records of what is held, which know layouts and times; one that is not in the base says nothing.
        in_force: Those of them that were not dropped: one that is not in the base waits for a build.
        as_of: Ages are counted to this day.
        known_at: Editions after this day are left out.
    """
    loaded: dict[str, dict[date, SourceRow]] = defaultdict(dict)
    built: dict[str, set[date]] = defaultdict(set)
    for row in kb.sources():
        slug, at, _ = row.id.partition("@")
        if at and row.date is not None:
            built[slug].add(row.date)
            if known_at is None or row.date <= known_at:
                loaded[slug][row.date] = row
    # A base of an earlier day has what was held then, and nothing waits for it.
    waiting = list(in_force) if kb.as_held is None else []
    counts = rows_by_source(kb) if loaded else Counter[str]()
    # Of one day a whole publication speaks, and parts add to it.
    ordered = sorted(held, key=lambda item: (not item.is_partial, item.held_at))
    records = {(item.slug, item.edition): item for item in ordered}
    for source in every_source():
        told = source.descriptor
        editions = loaded.get(told.slug, {})
        rows = sum(counts[row.id] for row in editions.values())
        parts = {day for day in editions if (one := records.get((told.slug, day))) is not None and one.is_partial}
        # A part says nothing of those who are not in it, so that it makes no copy newer.
        newest = records.get((told.slug, max(editions.keys() - parts or editions))) if editions else None
        days = _waiting(told, {item.edition for item in waiting if item.slug == told.slug}, built[told.slug])
        yield _importer(told, sorted(editions), sorted(parts), rows, newest, as_of, days)


def _waiting(told: Descriptor, held: Collection[date], built: Collection[date]) -> list[str]:
    """Editions that the next build takes in; but for lists that restate themselves only those from the newest on."""
    every = any(item.kind == "copies" for item in told.lists)
    return [
        day.isoformat() for day in sorted(held) if day not in built and (every or day > max(built, default=date.min))
    ]


def _importer(
    told: Descriptor,
    editions: list[date],
    parts: list[date],
    rows: int,
    held: Held | None,
    as_of: date,
    waiting: list[str],
) -> ListInfo:
    whole = [day for day in editions if day not in parts] or editions
    newest = whole[-1] if whole else None
    age = max(0, (as_of - newest).days) if newest is not None else None
    reaches_back = bool(told.lists) and all(item.reaches_back for item in told.lists)
    return ListInfo(
        id=told.slug,
        title=told.title,
        kind="publication",
        edition=newest.isoformat() if newest is not None else None,
        editions=[day.isoformat() for day in editions],
        parts=[day.isoformat() for day in parts],
        covered_from=whole[0].isoformat() if whole and not reaches_back else None,
        checked_until=newest.isoformat() if newest is not None else None,
        loaded=newest is not None,
        is_partial=held.is_partial if held is not None else False,
        rows=rows,
        licence=told.licence,
        may_pass_on=told.may_pass_on,
        publisher=told.publisher,
        layout=held.layout if held is not None else None,
        held_at=held.held_at.isoformat().replace("+00:00", "Z") if held is not None else None,
        age_days=age,
        max_age_days=told.max_age_days,
        is_old=age is not None and told.max_age_days is not None and age > told.max_age_days,
        lists=[item.regime for item in told.lists],
        waiting=waiting,
    )


def rows_by_source(kb: KnowledgeBase) -> Counter[str]:
    """How many rows of a base rest on each source; of a base on disk one column is read, not the rows."""
    found = Counter[str]()
    for table in TABLES:
        if table == "sources":
            continue
        if kb.folder is None:
            found.update(source for row in kb.rows(table) if (source := row.source_id) is not None)
            continue
        with pa.memory_map(str(kb.folder / f"{table}.arrow")) as file, pa.ipc.open_file(file) as reader:
            for number in range(reader.num_record_batches):
                column = reader.get_batch(number).column("source_id")
                for row in column.value_counts().to_pylist():
                    if row["values"] is not None:
                        found[row["values"]] += row["counts"]
    return found
