"""How old our copies of lists are on a day, and what to do about one that is too old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import KnowledgeBaseError

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Regime

_NAMED = 5


def age_on(kb: KnowledgeBase, regime: Regime, day: date) -> int | None:
    """Days from the day our newest copy of a list is of to a day; 0: a copy covers it; None: no copy, no day.

    A whole copy counts, also where packs hold the list and were checked earlier; a part of one does not.
    """
    newest = _newest(kb, regime)
    return None if newest is None else max(0, (day - newest).days)


def _newest(kb: KnowledgeBase, regime: Regime) -> date | None:
    if not regime.loaded or regime.checked_until is None:
        return None
    return max([regime.checked_until, *(edition.date for edition in kb.editions(regime.id) if edition.is_complete)])


def refuse_old(kb: KnowledgeBase, day: date, max_age: int | None) -> None:
    """Refuse a base that holds a list older than allowed.

    Lists that no importer reads come with the packs, so that no command renews them: beside lists that one reads, they
    do not count.

    Args:
        kb: The base.
        day: The day of the answer; the age of a copy is counted to it.
        max_age: Most days that a copy may be older; None: any.

    Raises:
        KnowledgeBaseError: A list is older; the message names the oldest, and how to get a newer copy.
    """
    if max_age is None:
        return
    known = {row.id: age for row in kb.regimes.values() if (age := age_on(kb, row, day)) is not None}
    ages = {regime_id: age for regime_id, age in known.items() if age > max_age}
    if ages:
        renewed = _renewed()
        if renewed & known.keys():
            ages = {regime_id: age for regime_id, age in ages.items() if regime_id in renewed}
    if not ages:
        return
    oldest, *others = sorted(ages, key=lambda regime_id: (-ages[regime_id], regime_id))
    more = f"; too old as well: {', '.join(others[:_NAMED])}" if others else ""
    more += f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    raise KnowledgeBaseError(
        f"our copy of {oldest} is of {_newest(kb, kb.regimes[oldest])}, {ages[oldest]} days before {day}; at most "
        f"{max_age} were allowed{more}",
        code="kb.too-old",
        hint=_how_to_renew(oldest),
    )


def _renewed() -> set[str]:
    """Lists that some importer reads."""
    from beholden.sources import every_source  # see `_how_to_renew`

    return {item.regime for source in every_source() for item in source.descriptor.lists}


def _how_to_renew(regime_id: str) -> str:
    """The command that gets a newer copy of a list."""
    # It takes 20 ms to load, and only a list that is too old needs it here.
    from beholden.sources import every_source

    readers = [
        source.descriptor
        for source in every_source()
        if any(item.regime == regime_id and not item.is_named_only for item in source.descriptor.lists)
    ]
    fetched = [reader.slug for reader in readers if reader.addresses]
    if fetched:
        return f"a newer copy: `beholden kb update {fetched[0]}`, or `beholden kb import {fetched[0]} FILE`"
    if readers:
        return f"a newer copy: `beholden kb import {readers[0].slug} FILE`"
    return "no importer reads this list: a newer version of beholden has newer packs"
