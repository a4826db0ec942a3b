"""Stakes as a rule weighs them: rows of the base → what each holder adds to which sum, and back to the rows."""

from __future__ import annotations

from decimal import ROUND_CEILING
from typing import TYPE_CHECKING, NamedTuple, Protocol

from beholden.kb.ownership.rules import CONTROL_ASKED, WHOLE, Test, units
from beholden.kb.ownership.sweep import Edge, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from beholden.kb.ownership.rules import Rule
    from beholden.kb.ownership.sweep import Swept
    from beholden.schema.rows import Ownership

CAPITAL, VOTING, CONTROL, AFFILIATE = range(4)
KINDS = {"capital": CAPITAL, "voting": VOTING, "control": CONTROL, "affiliate": AFFILIATE}


class Stake(NamedTuple):
    """A holding of one day, by number.

    Attributes:
        holder: Whom it counts for.
        owned: What is held.
        kind: Capital, voting, control or affiliate.
        low: Lower bound, in units of 1e-6 percent; 0 where it does not count for sure.
        high: Upper bound.
        is_open: Whether nobody knows for whom it is held.
        is_sure: Whether it counts for sure: it has a date and a source, and it is known for whom it is held.
        row: The row of the base.
    """

    holder: int
    owned: int
    kind: int
    low: int
    high: int
    is_open: bool
    is_sure: bool
    row: Ownership


class Held(Protocol):
    """Holdings of one day, however they are kept: as objects (`Stakes`), or in columns (`columns.ColumnStakes`)."""

    @property
    def size(self) -> int:
        """How many entities have a number."""

    def number_of(self, entity_id: str) -> int | None:
        """The number of an entity; None: no holding names it."""

    def ids(self, numbers: Iterable[int]) -> frozenset[str]:
        """Entities by number."""

    def owners(self, number: int) -> list[Stake]:
        """Stakes in an entity."""

    def swept(self, rule: Rule, sure: Iterable[str], maybe: Iterable[str]) -> tuple[Swept, Swept]:
        """Whom the holders reach under a rule, for sure and possibly."""


class Stakes:
    """Holdings of one day.

    Attributes:
        names: Entity ids by number.
        number: And back.
        into: Stakes by the number of what is held.
    """

    def __init__(self, names: Sequence[str], number: dict[str, int], into: dict[int, list[Stake]]) -> None:
        self.names = names
        self.number = number
        self.into = into

    @classmethod
    def of(cls, rows: Iterable[Ownership], undated: Collection[str] = ()) -> Stakes:
        """Take the holdings of one day.

        Args:
            rows: Direct holdings, each once.
            undated: Ids of those without a date or a source: they are possible and never sure.
        """
        number: dict[str, int] = {}
        into: dict[int, list[Stake]] = {}
        for stake in taken(rows, undated, lambda entity_id: number.setdefault(entity_id, len(number))):
            into.setdefault(stake.owned, []).append(stake)
        return cls(list(number), number, into)

    @property
    def size(self) -> int:
        """How many entities have a number."""
        return len(self.names)

    def number_of(self, entity_id: str) -> int | None:
        """The number of an entity; None: no holding names it."""
        return self.number.get(entity_id)

    def ids(self, numbers: Iterable[int]) -> frozenset[str]:
        """Entities by number."""
        return frozenset(self.names[one] for one in numbers)

    def owners(self, number: int) -> list[Stake]:
        """Stakes in an entity."""
        return self.into.get(number, [])

    def swept(self, rule: Rule, sure: Iterable[str], maybe: Iterable[str]) -> tuple[Swept, Swept]:
        """Whom the holders reach under a rule, for sure and possibly."""
        edges, undisclosed = self.weighed(rule)
        certain, possible = ([self.number[one] for one in ids if one in self.number] for ids in (sure, maybe))
        return sweep(edges, self.size, certain, possible, undisclosed, needed(rule))

    def weighed(self, rule: Rule) -> tuple[list[Edge], dict[int, int]]:
        """What each holder adds under a rule; and by slot the most that holders whom nobody knows may add."""
        edges: list[Edge] = []
        undisclosed: dict[int, int] = {}
        for owned, stakes in self.into.items():
            if rule.test is Test.AGGREGATE:
                counted = [(tally, of_tally(stakes, tally)) for tally in (CAPITAL, VOTING)]
            else:
                counted = [(CAPITAL, stakes)]
            for tally, those in counted:
                slot = tally * len(self.names) + owned
                for holder, (low, high) in _by_holder(those, rule).items():
                    edges.append(Edge(holder, slot, low, high))
                hidden = sum(weight(stake.low, stake.high, [stake], rule)[1] for stake in those if stake.is_open)
                if hidden:
                    undisclosed[slot] = hidden
        return edges, undisclosed


def taken(rows: Iterable[Ownership], undated: Collection[str], number: Callable[[str], int]) -> Iterator[Stake]:
    """Rows as stakes, in their stated order; `number` gives the number of an entity."""
    # Shares that a company holds in itself are nobody's.
    kept = [row for row in rows if row.held_for != row.owned_id]
    for row in sorted(kept, key=lambda row: (row.owned_id, row.owner_id, row.id)):
        is_open = not row.is_disclosed
        is_sure = not is_open and row.id not in undated
        low, high = row.percentage_low, row.percentage_high
        yield Stake(
            number(row.held_for),
            number(row.owned_id),
            KINDS[row.ownership_type],
            units(low) if low is not None and is_sure else 0,
            WHOLE if high is None else units(high, ROUND_CEILING),
            is_open,
            is_sure,
            row,
        )


def needed(rule: Rule) -> int:
    """The smallest sum that covers; of a test that adds nothing up, one stake that meets it."""
    return rule.needed if rule.test is Test.AGGREGATE else 1


def of_tally(stakes: Iterable[Stake], tally: int) -> list[Stake]:
    """Stakes of one kind of share; control, a share of unknown size, stands in where a holder has no share given."""
    listed = list(stakes)
    given = {stake.holder for stake in listed if stake.kind in (CAPITAL, VOTING)}
    return [stake for stake in listed if stake.kind == tally or (stake.kind == CONTROL and stake.holder not in given)]


def groups(stakes: Iterable[Stake]) -> dict[tuple[int, int], list[Stake]]:
    """Stakes in one entity by holder and kind."""
    found: dict[tuple[int, int], list[Stake]] = {}
    for stake in stakes:
        found.setdefault((stake.holder, stake.kind), []).append(stake)
    return found


def share(stakes: Iterable[Stake]) -> tuple[int, int]:
    """What one holder's stakes of one kind come to, as bounds.

    Stakes that one source states are packets and add up. What different sources state is the same holding told again:
    the largest statement counts.
    """
    told: dict[str | None, tuple[int, int]] = {}
    for stake in stakes:
        low, high = told.get(stake.row.source_id, (0, 0))
        told[stake.row.source_id] = low + stake.low, high + stake.high
    return max((low for low, _ in told.values()), default=0), max((high for _, high in told.values()), default=0)


def weight(low: int, high: int, stakes: Iterable[Stake], rule: Rule) -> tuple[int, int]:
    """What a share counts for under a rule: itself where shares are added, else one if it meets the test by itself."""
    if rule.test is Test.AGGREGATE:
        return (low if rule.is_sum_read or low >= rule.needed else 0), high
    named = [
        stake
        for stake in stakes
        if (stake.kind == CONTROL and rule.control) or (stake.kind == AFFILIATE and rule.test is Test.LINK)
    ]
    is_sure = low >= rule.needed or any(stake.is_sure for stake in named)
    return int(is_sure), int(is_sure or bool(named) or high >= asked(rule))


def asked(rule: Rule) -> int:
    """The smallest share of one holder that asks a question.

    Below the share test, control is a question of fact that shares do not answer; a small stake asks none.
    """
    return min(rule.needed, CONTROL_ASKED) if rule.control else rule.needed


def _by_holder(stakes: Iterable[Stake], rule: Rule) -> dict[int, tuple[int, int]]:
    """What each holder adds to one sum; who holds for nobody known adds nothing, and is told as beside the others."""
    found: dict[int, tuple[int, int]] = {}
    for (holder, _), those in groups(stakes).items():
        known = [stake for stake in those if not stake.is_open]
        low, high = weight(*share(known), known, rule) if known else (0, 0)
        before = found.get(holder, (0, 0))
        found[holder] = (before[0] + low, before[1] + high)
    return found
