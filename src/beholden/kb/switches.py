"""Suspensions, stays and stops: which of them keep a rule from applying on a day, and when that changes.

Rows with the same kind and the same keys (target, entry, party) are one series: a later one continues or replaces an
earlier one. Different series are different switches, and a rule applies only where none of them is off.

What an effect says about the days after its end:

* `reverts_automatically = true`: the target stands again as without it, if our copy covers that day; else `unknown`.
* `false`: the target does not come back without a new act, so it stays switched off, without an end.
* null: whether it comes back was not read: `unknown`.

An effect whose end is an event holds as far as its docket was read; after that it is `unknown` whether the event came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.schema.rows import EffectRow

_STATUS = {
    "suspension": ConsequenceStatus.SUSPENDED,
    "stay": ConsequenceStatus.STAYED,
    "stop": ConsequenceStatus.ENDED,
}


@dataclass(frozen=True, slots=True)
class Switch:
    """What one series of effects does on a day.

    Attributes:
        status: `suspended`, `stayed` or `ended`; `unknown` where the rule may be back.
        effect: The row that says so.
        until: The day it ends by its own text; None: open.
    """

    status: ConsequenceStatus
    effect: EffectRow
    until: date | None = None


class Switches:
    """Every effect that bears on one rule for one entry, as far as the public could know.

    Args:
        rows: Effects whose keys match.
        checked_until: Last day that our copy of the list or rule covers; None: nothing limits us.
        known_at: What was public by this day. Nobody could have read further, so it limits a copy too.
    """

    def __init__(self, rows: Iterable[EffectRow], *, checked_until: date | None, known_at: date | None) -> None:
        self._checked_until = checked_until
        self._known_at = known_at
        series: dict[tuple[str, str, str | None, str | None], list[EffectRow]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.id):
            series[row.kind, row.target_id, row.designation_id, row.entity_id].append(row)
        self._series = list(series.values())

    def turns(self) -> Iterator[date]:
        """Days on which an effect begins or ends."""
        for rows in self._series:
            for row in rows:
                yield from (day for day in (row.valid_from, row.valid_to) if day is not None)

    def on(self, day: date, *, by_text: bool = False) -> Switch | None:
        """What keeps the rule from applying on a day: a sure switch first, else one that may have been released.

        Args:
            day: The day asked about.
            by_text: Take every text at its word: scheduled ends happen, awaited events do not, and what nobody said to
                stay off is back.
        """
        found = [switch for rows in self._series if (switch := self._of(rows, day, by_text=by_text)) is not None]
        # Of several the one that lasts longest speaks; a stop lasts for good.
        return max(found, key=_weight, default=None)

    def _of(self, rows: list[EffectRow], day: date, *, by_text: bool) -> Switch | None:
        begun = [row for row in rows if row.valid_from is None or row.valid_from <= day]
        if not begun:
            return None
        status = _STATUS[rows[0].kind]
        if status is ConsequenceStatus.ENDED:
            return Switch(status, begun[0])
        holding = [row for row in begun if row.valid_to is None or day < row.valid_to]
        if holding:
            read = [row for row in holding if by_text or row.end_event is None or self._reads(row, day)]
            row = max(read or holding, key=lambda row: row.valid_to or date.max)
            return Switch(status if read else ConsequenceStatus.UNKNOWN, row, row.valid_to)
        # All have ended: the last one says what follows; of several with that end the most cautious, not the first id.
        row = max(
            begun,
            key=lambda row: (row.valid_to or date.min, _caution(row), not self._reads(row, row.valid_to or day)),
        )
        if row.reverts_automatically is False:
            return Switch(status, row)
        is_back = by_text or (row.reverts_automatically is True and self._reads(row, row.valid_to or day))
        return None if is_back else Switch(ConsequenceStatus.UNKNOWN, row)

    def _reads(self, row: EffectRow, day: date) -> bool:
        """Whether our copy of the source of an effect covers a day."""
        limits = (row.checked_until or self._checked_until, self._known_at)
        return all(limit is None or day <= limit for limit in limits)


def _caution(row: EffectRow) -> int:
    return {True: 0, None: 1, False: 2}[row.reverts_automatically]


def _weight(switch: Switch) -> tuple[bool, bool, date, str, str]:
    return (
        switch.status is not ConsequenceStatus.UNKNOWN,
        switch.status is ConsequenceStatus.ENDED,
        switch.until or date.max,
        switch.status,
        switch.effect.id,
    )
