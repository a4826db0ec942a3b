"""Who stands in a copy of a list and not in the copy before, and whether that looks like a list or like a cut file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from beholden.schema.rows import Asset, Designation, Entity, Entry, Oui, Ownership, Prefix, Vulnerability

if TYPE_CHECKING:
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor

# An ordinary copy loses fewer than one entry in a hundred for each month since the copy before, and at most one in ten
# however long ago that is; in a list of a few, two may go. docs/adr/0015-publications.md has what real lists lost.
_A_MONTH, _AT_MOST, _OF_FEW = 0.01, 0.1, 2
# Lists grow faster than they lose: 27.5 % of the SDN list were new after 27 months, 36 % after the 25 months to 2024.
_NEW_A_MONTH, _NEW_AT_MOST = 0.02, 0.5
_DAYS = 30
_NAMED = 3
# A registry of more is compared by its number of records: two copies in memory would take gigabytes.
_MOST = 500_000
PARTIES, HOLDINGS = "parties", "holdings"

Key = tuple[str, str]


class Entries:
    """The entries of one copy, in the order in which they stand in it.

    Attributes:
        names: List and party → name. Of a registry what it has, see `_in_a_registry`, by kind and id.
        since: The same → day from which it is listed, where the copy prints one.
        is_registry: It is one, whose ids stay.
        changes_much: As its descriptor says.
    """

    def __init__(self, descriptor: Descriptor) -> None:
        self._restated = descriptor.restated
        self.is_registry = descriptor.kind == "registry"
        self.changes_much = descriptor.changes_much
        self.names: dict[Key, str] = {}
        self.since: dict[Key, date] = {}

    def __bool__(self) -> bool:
        return bool(self.names) and not (self.is_registry and len(self.names) > _MOST)

    def see(self, row: Row) -> None:
        """Note an entry; other rows are passed over."""
        if isinstance(row, Entry | Designation) and row.entity_id is not None and row.regime_id in self._restated:
            key = (row.regime_id, row.entity_id)
            self.names.setdefault(key, row.listed_as or row.entity_id)
            if isinstance(row, Designation) and row.valid_from is not None:
                self.since[key] = min(row.valid_from, self.since.get(key, row.valid_from))
        elif self.is_registry and len(self.names) <= _MOST and (found := _in_a_registry(row)) is not None:
            key, name = found
            self.names.setdefault(key, name)


def _in_a_registry(row: Row) -> tuple[Key, str] | None:
    """Kind, id and name of what a registry has; None for rows that say more of something that it has."""
    match row:
        case Entity():
            return (PARTIES, row.id), row.caption
        case Ownership():
            return (HOLDINGS, row.id), f"{row.owner_id} > {row.owned_id}"
        case Asset():
            # Publishers print a file for each owner, and one of them is easily left out.
            return (f"addresses and names of {row.entity_id}", row.id), row.value
        case Prefix():
            return ("address ranges", f"{row.first}-{row.last}"), f"{row.first}-{row.last}"
        case Oui():
            return ("prefixes of devices", row.prefix), row.prefix
        case Vulnerability():
            return ("vulnerabilities", row.cve), row.cve
    return None


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
        emptied: Lists, or kinds of what a registry has, of which all entries of that copy are gone; see `_emptied`.
        is_registry: They are copies of one.
        changes_much: A tenth may be gone, however soon.
    """

    since: date
    days: int
    before: int
    gone: list[str]
    new: int
    tail: int
    emptied: list[str]
    is_registry: bool = False
    changes_much: bool = False

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
        found = []
        share = _AT_MOST if self.changes_much else min(_AT_MOST, _A_MONTH * max(1.0, self.days / _DAYS))
        # Of four, two are half of the list.
        few = _OF_FEW if self.before > 2 * _OF_FEW else 0
        if len(self.gone) > max(few, self.before * share):
            what = f"{len(self.gone) / self.before:.1%} of the entries are gone in {self.days} days"
            found.append(f"{what}, and lists lose fewer than {share:.1%}")
        if self.tail > _OF_FEW:
            found.append(f"the last {self.tail:,} entries of that copy are gone, as where a file was cut")
        left = "none of its {} is left" if self.is_registry else "nobody is left on {}"
        found += [left.format(group) for group in self.emptied]
        return found


@dataclass(frozen=True, slots=True)
class Lacking:
    """Who stands in a later copy and not in this one, but for those whom the later one dates after this one.

    Attributes:
        later: Day of the later copy.
        days: Days between the two.
        of: Entries of the later copy that may have been listed by the day of this one.
        names: Names of those that this one does not have.
    """

    later: date
    days: int
    of: int
    names: list[str]

    def doubts(self) -> list[str]:
        """Why this may be a part of the list; empty where a list may have grown so much."""
        share = min(_NEW_AT_MOST, _NEW_A_MONTH * max(1.0, self.days / _DAYS))
        if len(self.names) <= max(_OF_FEW, self.of * share):
            return []
        named = ", ".join(self.names[:_NAMED]) + (", …" if len(self.names) > _NAMED else "")
        return [
            f"{len(self.names):,} of {self.of:,} entries of the copy of {self.later}, {self.days} days later, are not "
            f"in this one ({named}), and lists grow by less than {share:.1%}"
        ]


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
    gone = _not_in(after, before)
    has_list_in_common = not {group for group, _ in before.names}.isdisjoint(group for group, _ in after.names)
    if len(gone) == len(before.names) and has_list_in_common and not after.is_registry:
        return None
    new = len(_not_in(before, after))
    return Turnover(
        since=since,
        days=(day - since).days,
        before=len(before.names),
        gone=[before.names[key] for key in gone],
        new=new,
        tail=_tail(before, set(gone)),
        emptied=_emptied(before, gone),
        is_registry=before.is_registry,
        changes_much=before.changes_much,
    )


def _emptied(before: Entries, gone: list[Key]) -> list[str]:
    """Groups of which nothing is left, where that is a sign of a part.

    A list of one or two beside longer ones does end: OFAC's foreign sanctions evaders were one, and then none. What a
    registry has of one kind, or of one owner, does not end with its last two.
    """
    count = Counter(group for group, _ in gone)
    counts_any = before.is_registry or len(before.names) <= 2 * _OF_FEW
    stayed = {group for group, _ in before.names.keys() - set(gone)}
    return sorted(group for group in count.keys() - stayed if counts_any or count[group] > _OF_FEW)


def lacking(this: Entries, day: date, later: Entries, on: date) -> Lacking | None:
    """Compare a copy with one of a later day.

    Args:
        this: The copy.
        day: Its day.
        later: The later copy.
        on: Its day.

    Returns:
        Who is not in it yet; None where the two number parties differently, so that nothing can be said.
    """
    new = _not_in(this, later)
    if not later or (len(new) == len(later.names) and not this.is_registry):
        return None
    dated = {key for key, since in later.since.items() if since > day}
    names = [later.names[key] for key in new if key not in dated]
    return Lacking(on, (on - day).days, len(later.names) - sum(key in dated for key in new), names)


def _not_in(one: Entries, other: Entries) -> list[Key]:
    """Entries of the other copy that this one does not have."""
    # Where ids are made of what is printed, a party under the name of before is the same entry; those of registries
    # stay.
    names = set() if one.is_registry else {(group, name) for (group, _), name in one.names.items()}
    return [key for key, name in other.names.items() if key not in one.names and (key[0], name) not in names]


def _tail(before: Entries, gone: set[Key]) -> int:
    return sum(1 for _ in takewhile(gone.__contains__, reversed(before.names)))
