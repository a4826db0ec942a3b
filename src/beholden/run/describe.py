"""What a document says of the base that it rests on: its lists, and the sources that are cited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.kb.listing import copies_around, edition_in_force
from beholden.schema.result import Finding, KnowledgeBaseInfo, SourceInfo

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import SourceRow

_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_A_MONTH = 31
_YEAR = re.compile(r"\b20\d\d\b")


def describe(kb: KnowledgeBase, as_of: date, known_at: date | None) -> KnowledgeBaseInfo:
    """Which lists the base holds, in which edition, over which span."""
    sources = []
    for regime in kb.regimes.values():
        if regime.kind != "list":
            continue
        edition = edition_in_force(kb, regime, as_of=as_of, known_at=known_at)
        sources.append(
            SourceInfo(
                id=regime.id,
                edition=edition.date.isoformat() if edition else None,
                covered_from=regime.covered_from.isoformat() if regime.covered_from else None,
                checked_until=regime.checked_until.isoformat() if regime.checked_until else None,
                loaded=regime.loaded,
                is_partial=regime.is_partial,
                between=_far_apart(copies_around(kb, regime, as_of, known_at)),
            )
        )
    return KnowledgeBaseInfo(
        digest=kb.digest, sources=sources, as_held=kb.as_held.isoformat() if kb.as_held is not None else None
    )


def _far_apart(copies: tuple[date, date] | None) -> list[str] | None:
    """Days of two copies between which parties may have come and gone: publishers change lists every few weeks."""
    if copies is None or (copies[1] - copies[0]).days <= _A_MONTH:
        return None
    return [day.isoformat() for day in copies]


def cited_sources(
    kb: KnowledgeBase, findings: list[Finding], more: list[str | None], known_at: date | None
) -> dict[str, dict[str, str | None]]:
    """Every source that a path or a claim cites, by id; of one of a later day only its publisher and class."""
    cited = {hop.source for finding in findings for hop in finding.path} | set(more)
    described: dict[str, dict[str, str | None]] = {}
    for source_id in sorted(source for source in cited if source):
        row = kb.source(source_id)
        if row is not None:
            is_later = known_at is not None and _is_later(row, known_at)
            described[source_id] = {
                "title": None if is_later else row.title,
                "publisher": row.publisher,
                "url": None if is_later else row.url,
                "date": row.date.isoformat() if row.date and not is_later else None,
                "class": row.class_,
            }
    return described


def _is_later(source: SourceRow, known_at: date) -> bool:
    """Whether a source is of a day after `known_at`, or its title names one."""
    if source.date is not None and source.date > known_at:
        return True
    # A day is compared as a day; a bare year is later only where the whole year is.
    named = (_DAY.findall(source.title), _YEAR.findall(_DAY.sub("", source.title)))
    return any(day > known_at.isoformat() for day in named[0]) or any(int(year) > known_at.year for year in named[1])
