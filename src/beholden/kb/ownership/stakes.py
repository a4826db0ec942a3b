"""Stakes as a rule weighs them: rows of the base → arrays for the sweep, and back to the rows that made a sum."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING
from typing import TYPE_CHECKING

import numpy as np

from beholden.kb.ownership.rules import CONTROL_ASKED, WHOLE, Test, units
from beholden.kb.ownership.sweep import TALLIES, Edges, merged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from beholden.kb.ownership.rules import Rule
    from beholden.schema.rows import Ownership

    Ints = NDArray[np.int64]

CAPITAL, VOTING, CONTROL, AFFILIATE = range(4)
_KINDS = {"capital": CAPITAL, "voting": VOTING, "control": CONTROL, "affiliate": AFFILIATE}


@dataclass(frozen=True, slots=True)
class Stakes:
    """Holdings of one day, by number.

    Shape: the arrays are (rows,). `holder` is whom a stake counts for; `is_open` marks those whose holder nobody knows,
    `is_sure` those that have a date and a source, so that their lower bound counts.

    Units: 1e-6 percent.
    """

    names: Sequence[str]
    number: dict[str, int]
    rows: Sequence[Ownership]
    holder: Ints
    owned: Ints
    kind: Ints
    low: Ints
    high: Ints
    source: Ints
    is_open: NDArray[np.bool_]
    is_sure: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Iterable[Ownership], undated: Collection[str] = ()) -> Stakes:
        """Take the holdings of one day.

        Args:
            rows: Direct holdings, each once.
            undated: Ids of those without a date or a source: they are possible and never sure.
        """
        # Shares that a company holds in itself are nobody's.
        kept = (row for row in rows if row.held_for != row.owned_id)
        listed = sorted(kept, key=lambda row: (row.owned_id, row.owner_id, row.id))
        number: dict[str, int] = {}
        sources: dict[str | None, int] = {}
        cells = [
            (
                number.setdefault(row.held_for, len(number)),
                number.setdefault(row.owned_id, len(number)),
                _KINDS[row.ownership_type],
                0 if row.percentage_low is None else units(row.percentage_low),
                WHOLE if row.percentage_high is None else units(row.percentage_high, ROUND_CEILING),
                sources.setdefault(row.source_id, len(sources)),
                not row.is_disclosed,
                row.id not in undated,
            )
            for row in listed
        ]
        table = np.array(cells, np.int64).reshape(-1, 8).T
        holder, owned, kind, low, high, source, is_open, is_sure = table
        flags = is_open.astype(np.bool_), is_sure.astype(np.bool_)
        return cls(list(number), number, listed, holder, owned, kind, low, high, source, *flags)

    def weighed(self, rule: Rule) -> tuple[Edges, tuple[Ints, Ints]]:
        """What each holder adds under a rule, and what nobody knows the holder of (slots and upper bounds)."""
        low, high = np.where(self.is_sure & ~self.is_open, self.low, 0), self.high
        if rule.test is Test.AGGREGATE:
            return self._summed(rule, low, high)
        return self._alone(rule, low, high)

    def _summed(self, rule: Rule, low: Ints, high: Ints) -> tuple[Edges, tuple[Ints, Ints]]:
        """Capital and votes side by side; control, a share of unknown size, stands in where a holder has neither."""
        shares = self.kind <= VOTING
        at = np.flatnonzero(shares)
        slot = self.owned[at] * TALLIES + self.kind[at]
        control = np.flatnonzero(self.kind == CONTROL)
        if len(control):
            pair = self.holder * len(self.names) + self.owned
            control = control[~np.isin(pair[control], pair[at])]
            both = np.concatenate((control, control))
            slot = np.concatenate((slot, self.owned[both] * TALLIES + np.repeat((CAPITAL, VOTING), len(control))))
            at = np.concatenate((at, both))
        hidden = self.is_open[at]
        undisclosed = (slot[hidden], high[at[hidden]])
        edges = merged(self.holder[at], slot, low[at], np.where(hidden, 0, high[at]), self.source[at])
        if not rule.is_sum_read:
            edges = Edges(edges.holder, edges.slot, np.where(edges.low >= rule.needed, edges.low, 0), edges.high)
        return edges, undisclosed

    def _alone(self, rule: Rule, low: Ints, high: Ints) -> tuple[Edges, tuple[Ints, Ints]]:
        """One for a stake that meets the test by itself, as a bound of what may be; one is what is needed."""
        named = (self.kind == CONTROL) & rule.control
        if rule.test is Test.LINK:
            named |= self.kind == AFFILIATE
        # Several stakes of one holder of one kind are that holder's share.
        kinds = merged(self.holder, self.owned * len(_KINDS) + self.kind, low, high, self.source)
        key = kinds.holder * (len(self.names) * len(_KINDS)) + kinds.slot
        sure = self._any(named & self.is_sure & ~self.is_open, key) | (kinds.low >= rule.needed)
        maybe = sure | self._any(named, key) | (kinds.high >= asked(rule))
        slot = kinds.slot // len(_KINDS) * TALLIES
        hidden = self._any(self.is_open, key)
        edges = merged(kinds.holder, slot, sure.astype(np.int64), (maybe & ~hidden).astype(np.int64))
        return edges, (slot[hidden], maybe[hidden].astype(np.int64))

    def share(self, rows: Sequence[int]) -> tuple[int, int]:
        """What one holder's stakes of one kind come to, as bounds."""
        at = np.array(rows)
        low = np.where(self.is_sure[at] & ~self.is_open[at], self.low[at], 0)
        one = merged(np.zeros(len(at), np.int64), np.zeros(len(at), np.int64), low, self.high[at], self.source[at])
        return int(one.low[0]), int(one.high[0])

    def meets(self, rows: Sequence[int], rule: Rule, *, is_sure: bool) -> bool:
        """Whether one holder's stakes of one kind meet a test by themselves."""
        at = rows[0]
        named = (self.kind[at] == CONTROL and rule.control) or (
            self.kind[at] == AFFILIATE and rule.test is Test.LINK
        )
        low, high = self.share(rows)
        if is_sure:
            return low >= rule.needed or any(
                named and self.is_sure[at] and not self.is_open[at] for at in rows
            )
        return bool(named) or high >= asked(rule)

    def _any(self, marked: NDArray[np.bool_], keys: Ints) -> NDArray[np.bool_]:
        """Which of the merged stakes have a marked row."""
        at = np.flatnonzero(marked)
        own = self.holder[at] * (len(self.names) * len(_KINDS)) + self.owned[at] * len(_KINDS) + self.kind[at]
        return np.isin(keys, own)


def asked(rule: Rule) -> int:
    """The smallest share of one holder that leaves a question: below it, control is not one either."""
    return min(rule.needed, CONTROL_ASKED) if rule.control else rule.needed
