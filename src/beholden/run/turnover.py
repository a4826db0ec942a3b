"""Who stands in a copy of a list and not in the copy before, and whether that looks like a list or like a cut file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Entry

if TYPE_CHECKING:
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor

# An ordinary copy loses fewer than one entry in a hundred for each month since the copy before, and at most one in ten
# however long ago that is; in a list of a few, two may go. docs/adr/0015-publications.md has what real lists lost.
_A_MONTH, _AT_MOST, _OF_FEW = 0.01, 0.1, 2
_DAYS = 30
_NAMED = 3

Key = tuple[str, str]


class Entries:
    """The entries of one copy, in the order in which they stand in it: list and party → name."""

    def __init__(self, descriptor: Descriptor) -> None:
        # What events leave out says nothing, nor does a list that is only named beside; a registry has none.
        self._restated = {
            item.regime for item in descriptor.lists if item.kind in ("copies", "editions") and not item.is_named_only
        }
        self.names: dict[Key, str] = {}

    def __bool__(self) -> bool:
        return bool(self.names)

    def see(self, row: Row) -> None:
        """Note an entry; other rows are passed over."""
        if isinstance(row, Entry | Designation) and row.entity_id is not None and row.regime_id in self._restated:
            self.names.setdefault((row.regime_id, row.entity_id), row.listed_as or row.entity_id)


@dataclass(frozen=True, slots=True)
class Turnover:
    """What changed between two copies.

    Attributes:
        since: Day of the copy before.
        days: Days between the two.
        before: Entries of that copy.
        gone: Names of those that are not in this one, in the order of that copy.
        new: Entries that were not in it.
        tail: How many of them stood last in that copy, one after the other, as where a file is cut.
        emptied: Lists of which all entries are gone.
    """

    since: date
    days: int
    before: int
    gone: list[str]
    new: int
    tail: int
    emptied: list[str]

    def note(self) -> str:
        """In words, for who takes the copy in."""
        if not self.gone and not self.new:
            return f"the same entries as in the copy of {self.since}"
        named = ", ".join(self.gone[:_NAMED])
        more = ", …" if len(self.gone) > _NAMED else ""
        names = f" ({named}{more})" if self.gone else ""
        gone = f"{len(self.gone):,} {'entry' if len(self.gone) == 1 else 'entries'} gone"
        return f"{gone} since the copy of {self.since}{names}, {self.new:,} new"

    def doubts(self) -> list[str]:
        """Why this may be a part of the list; empty where an ordinary copy may have lost as many."""
        if len(self.gone) <= _OF_FEW:
            return []
        found = []
        share = min(_AT_MOST, _A_MONTH * max(1.0, self.days / _DAYS))
        if len(self.gone) > self.before * share:
            what = f"{len(self.gone) / self.before:.1%} of the entries are gone in {self.days} days"
            found.append(f"{what}, and lists lose fewer than {share:.1%}")
        if self.tail > _OF_FEW:
            found.append(f"the last {self.tail:,} entries of that copy are gone, as where a file was cut")
        found += [f"nobody is left on {regime_id}" for regime_id in self.emptied]
        return found


def turnover(before: Entries, since: date, after: Entries, day: date) -> Turnover | None:
    """Compare two copies.

    Args:
        before: The copy before.
        since: Its day.
        after: This copy.
        day: Its day.

    Returns:
        What changed; None where the two number parties differently, so that nothing can be said.
    """
    if not before:
        return None
    # Where ids are made of what is printed, a party under the name of before is the same entry.
    names = {(regime_id, name) for (regime_id, _), name in after.names.items()}
    gone = [key for key, name in before.names.items() if key not in after.names and (key[0], name) not in names]
    if len(gone) == len(before.names) and after:
        return None
    was = {(regime_id, name) for (regime_id, _), name in before.names.items()}
    new = sum(key not in before.names and (key[0], name) not in was for key, name in after.names.items())
    left = {regime_id for regime_id, _ in after.names}
    count: dict[str, int] = {}
    for regime_id, _ in gone:
        count[regime_id] = count.get(regime_id, 0) + 1
    return Turnover(
        since=since,
        days=(day - since).days,
        before=len(before.names),
        gone=[before.names[key] for key in gone],
        new=new,
        tail=_tail(before, set(gone)),
        emptied=sorted(one for one, number in count.items() if one not in left and number > _OF_FEW),
    )


def _tail(before: Entries, gone: set[Key]) -> int:
    return sum(1 for _ in takewhile(gone.__contains__, reversed(before.names)))
