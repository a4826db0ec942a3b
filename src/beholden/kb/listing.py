"""What a list said of a party at a date, on both clocks. The only place where listing statuses are computed.

`as_of` asks about the world, `known_at` about what the public could know (None: everything we hold). Intervals are
half-open. Where our copy of a list does not reach, the answer is `unknown`, never "no" (DESIGN section 3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from beholden.schema.rows import HYPOTHESIS
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Designation, Edition, Entry, Regime


_NOT_IN_PART = "not_in_our_partial_copy"
BETWEEN_COPIES = "between_our_copies"
ENDED_BY_ITS_TEXT = "ended_by_its_text"


@dataclass(frozen=True, slots=True)
class ListingState:
    """A party's standing on one list at a date.

    Attributes:
        status: At the date asked.
        designation: The entry it rests on, if any, as it was printed at the date asked.
        reason: Why it is unknown.
        last_known: Status and date of the last copy, where the date asked lies behind it.
        edition: Date of the latest edition that prints the party, for edition lists.
        since: First day of the present (or last) spell on the list. Removed and listed again on one day is one spell.
        is_since_latest: `since` is only the day of our first copy that prints it: it was listed by then at the latest.
        listed_by: Where it is unknown whether it was listed already: the day of our first later copy that prints it.
        copies: The copies between which the day lies, where these say different things; None: there is none before.
        namesakes: Parties on the list that have a name of this one, where nobody decided whether they are it.
    """

    status: ListingStatus
    designation: Designation | None = None
    reason: str | None = None
    last_known: tuple[ListingStatus, date] | None = None
    edition: date | None = None
    since: date | None = None
    is_since_latest: bool = False
    listed_by: date | None = None
    copies: tuple[date | None, date] | None = None
    namesakes: tuple[str, ...] = ()

    @property
    def is_stale(self) -> bool:
        """Whether it is known only from a copy older than the date asked."""
        return self.status is ListingStatus.UNKNOWN and self.last_known is not None

    @property
    def is_open(self) -> bool:
        """Whether something that we hold speaks for a listing on that day and something else leaves it open.

        A copy of a later day prints it, or one of an earlier day did and the next does not, or its own text ended it.
        """
        says = self.listed_by is not None or self.reason in (BETWEEN_COPIES, ENDED_BY_ITS_TEXT)
        return self.status is ListingStatus.UNKNOWN and self.designation is not None and says

    @property
    def effective(self) -> ListingStatus:
        """The status that levels go by: the last-known one where the date lies behind our copy."""
        return self.last_known[0] if self.is_stale and self.last_known else self.status


def listing_state(
    kb: KnowledgeBase, regime: Regime, entity_id: str, *, as_of: date, known_at: date | None
) -> ListingState:
    """A party's standing on a list.

    Args:
        kb: Knowledge base.
        regime: The list.
        entity_id: The party.
        as_of: The day asked about.
        known_at: What was public by this day; None for everything we hold.
    """
    state = _by_its_own_entries(kb, regime, entity_id, as_of=as_of, known_at=known_at)
    is_absent = state.effective is ListingStatus.NOT_LISTED or state.reason == _NOT_IN_PART
    if not is_absent and state.effective is not ListingStatus.DELISTED:
        return state
    day = state.last_known[1] if state.last_known else as_of
    others = _listed_namesakes(kb, regime, entity_id, day, known_at)
    # Who left a list may be back on it by another entry; that an entry of its name left it as well says nothing new.
    named = tuple(other for other, status in others if is_absent or status is ListingStatus.LISTED)
    if not named:
        return state
    # That it was on the list and left it stays true, whomever the other entry means.
    known = None if is_absent else state.last_known or (ListingStatus.DELISTED, day)
    return replace(
        state,
        status=ListingStatus.UNKNOWN,
        reason="an_entry_may_mean_it",
        last_known=known,
        namesakes=named,
        designation=None if is_absent else state.designation,
    )


def _listed_namesakes(
    kb: KnowledgeBase, regime: Regime, entity_id: str, day: date, known_at: date | None
) -> list[tuple[str, ListingStatus]]:
    """Who is or was on a list by a day under a name of a party, and may be it."""
    found: list[tuple[str, ListingStatus]] = []
    entity = kb.entity(entity_id)
    for name in kb.identities.of_one_name(entity_id) if entity is not None else ():
        rows = [row for row in kb.designations(name) if row.regime_id == regime.id and row.valid_from]
        other = kb.entity(name) if rows else None
        if entity is not None and other is not None and kb.identities.may_be_one(entity, other):
            state = _vouched(kb, regime, [row for row in rows if row.is_known(known_at)], day, known_at)
            if state.status is not ListingStatus.NOT_LISTED:
                found.append((name, (state.last_known or (state.status, day))[0]))
    return found


def _by_its_own_entries(
    kb: KnowledgeBase, regime: Regime, entity_id: str, *, as_of: date, known_at: date | None
) -> ListingState:
    if not regime.names_party:
        return ListingState(ListingStatus.UNKNOWN, reason="names_no_party")
    supposed = _supposed(kb, regime, entity_id, as_of)
    if supposed is not None:
        return supposed
    if not regime.loaded:
        return ListingState(ListingStatus.UNKNOWN, reason="not_loaded")
    held = [row for row in kb.designations(entity_id) if row.regime_id == regime.id and row.valid_from]
    # What our copy holds does not depend on what the public knew: a party that it has is answered for on every day.
    if regime.is_partial and not held:
        return ListingState(ListingStatus.UNKNOWN, reason=_NOT_IN_PART)
    rows = [row for row in held if row.is_known(known_at)]
    horizon = regime.checked_until
    if horizon is not None and as_of > horizon:
        # A later copy in part speaks for those whom it prints.
        vouched = min(as_of, max((row.checked_until or horizon for row in rows), default=horizon))
        if vouched > horizon and _vouched(kb, regime, held, vouched, known_at).status is ListingStatus.LISTED:
            horizon = vouched
    is_behind = horizon is not None and as_of > horizon
    day = as_of if horizon is None else min(as_of, horizon)
    if known_at is not None:
        day = min(day, _told_until(rows, as_of, known_at))
    if day == as_of:
        return _listing(kb, regime, rows, _covered(kb, regime, held, as_of, known_at), as_of, known_at)
    then = _covered(kb, regime, rows, day, known_at)
    known = _last_said(kb, regime, then, day, known_at)
    if not is_behind and known is None and then.status is ListingStatus.UNKNOWN:
        return _listing(kb, regime, rows, then, day, known_at)
    reason, ended = "after_our_copy" if is_behind else "after_known_at", None
    if then.designation is not None and then.status is ListingStatus.LISTED:
        ended = then.designation.ended(known_at)
    if ended is not None and ended <= as_of:
        reason = ENDED_BY_ITS_TEXT
    state = ListingState(ListingStatus.UNKNOWN, then.designation, reason, known)
    return _listing(kb, regime, rows, state, day, known_at)


def _told_until(rows: list[Designation], as_of: date, known_at: date) -> date:
    """The last day of which something was public by `known_at`: that day, or a later one on which an entry begins.

    An entry may print a day ahead; whether it stood on the day after it, nobody could say.
    """
    begun = [row.valid_from for row in rows if row.valid_from is not None and not row.is_start_latest]
    return max([known_at, *(day for day in begun if day <= as_of)])


def _last_said(
    kb: KnowledgeBase, regime: Regime, then: ListingState, day: date, known_at: date | None
) -> tuple[ListingStatus, date] | None:
    """What was last known by a day: of a list held by copies, what the last of them said, and not later."""
    if then.status is ListingStatus.UNKNOWN:
        return then.last_known
    copies = _copies(kb, regime, known_at)
    if not copies:
        return then.status, day
    days: list[date | None] = [copy for copy in copies if copy <= day]
    row = then.designation
    if row is not None and then.status is ListingStatus.DELISTED:
        days.append(row.ended(known_at))
    elif row is not None:
        days += [row.valid_from, row.checked_until and min(row.checked_until, day)]
    return then.status, max((one for one in days if one is not None), default=day)


def _copies(kb: KnowledgeBase, regime: Regime, known_at: date | None) -> list[date]:
    """Days of our whole copies of a list of which we hold nothing else; empty where it was read on every day."""
    states = [state for state in kb.editions(regime.id) if state.is_complete]
    if not any(state.is_copy and state.date == regime.covered_from for state in states):
        return []
    return [state.date for state in states if state.is_known(known_at)]


def copies_around(kb: KnowledgeBase, regime: Regime, day: date, known_at: date | None) -> tuple[date, date] | None:
    """The whole copies before and after a day of a list that is held by copies; None on the day of one, or outside.

    Who came after the first and went before the second is in neither.
    """
    copies = _copies(kb, regime, known_at)
    before = max((copy for copy in copies if copy <= day), default=None)
    after = min((copy for copy in copies if copy >= day), default=None)
    return None if before is None or after is None or before == after else (before, after)


def _covered(
    kb: KnowledgeBase, regime: Regime, held: list[Designation], day: date, known_at: date | None
) -> ListingState:
    """A standing within the end of our copy; before its beginning only a row with its own day says anything."""
    standing = _vouched(kb, regime, held, day, known_at)
    is_told = standing.status is ListingStatus.LISTED or standing.last_known is not None
    if regime.covered_from is None or day >= regime.covered_from or is_told:
        return standing
    listed_by = standing.listed_by
    row = standing.designation if listed_by is not None else None
    copies = standing.copies if listed_by is not None else None
    return ListingState(ListingStatus.UNKNOWN, row, "before_our_copy", listed_by=listed_by, copies=copies)


def _vouched(
    kb: KnowledgeBase, regime: Regime, held: list[Designation], day: date, known_at: date | None
) -> ListingState:
    """A standing, as far as the copies that we hold speak for the day: between two of them they may not.

    What only a later copy shows makes an answer less sure for those too who could not know it; it answers them nothing.
    """
    status, row = _standing([row for row in held if row.is_known(known_at)], day, known_at)
    if status is ListingStatus.LISTED and row is not None:
        if row.checked_until is not None and day > row.checked_until:
            last = (ListingStatus.LISTED, row.checked_until)
            return ListingState(ListingStatus.UNKNOWN, row, "not_in_later_copies", last)
        if row.is_end_latest and row.valid_to is not None:
            last_copy = _last_copy(kb, row, known_at)
            if last_copy < day:
                last = (ListingStatus.LISTED, last_copy)
                known = row.ended(known_at)
                copies = None if known is None else (last_copy, known)
                return ListingState(ListingStatus.UNKNOWN, row, BETWEEN_COPIES, last, copies=copies)
        return ListingState(status, row)
    later = [item for item in held if item.is_start_latest and item.valid_from and item.valid_from > day]
    if later:
        first = min(later, key=lambda item: item.valid_from or day)
        assert first.valid_from is not None
        states = [state.date for state in kb.editions(regime.id) if state.is_complete]
        if not any(day <= state < first.valid_from for state in states):
            if not first.is_known(known_at):
                return ListingState(ListingStatus.UNKNOWN, reason=BETWEEN_COPIES)
            before = max((state for state in states if state < day), default=None)
            by = first.valid_from
            return ListingState(ListingStatus.UNKNOWN, first, BETWEEN_COPIES, listed_by=by, copies=(before, by))
    return ListingState(status, row)


def _last_copy(kb: KnowledgeBase, row: Designation, known_at: date | None) -> date:
    """The last copy that prints a party before a copy that omits it."""
    assert row.valid_from is not None
    last = _printed(kb, row, row.valid_to or row.valid_from, known_at)
    return last.edition if last is not None else row.valid_from


def _listing(
    kb: KnowledgeBase,
    regime: Regime,
    rows: list[Designation],
    state: ListingState,
    day: date,
    known_at: date | None,
) -> ListingState:
    """A standing with the edition that prints the party and the start of its spell."""
    row = state.designation
    if row is None:
        return state
    if state.last_known is not None:
        day = min(day, state.last_known[1])
    start = _spell(rows, row, known_at)
    shown, edition = row, None
    if row.entity_id is not None:
        entry = _printed(kb, row, day, known_at)
        shown = _as_printed(row, entry)
        is_listed = (state.last_known[0] if state.last_known else state.status) is ListingStatus.LISTED
        edition = entry.edition if entry is not None and is_listed else None
    return replace(
        state, designation=shown, edition=edition, since=start.valid_from, is_since_latest=start.is_start_latest
    )


def _supposed(kb: KnowledgeBase, regime: Regime, entity_id: str, day: date) -> ListingState | None:
    """What a hypothesis says of a party on a day: it holds whatever our copy covers and whatever was public."""
    held = [row for row in kb.designations(entity_id) if row.regime_id == regime.id and row.valid_from]
    rows = [row for row in held if row.is_supposed]
    for row in rows:
        if row.source_id == HYPOTHESIS and row.holds(day):
            return ListingState(ListingStatus.LISTED, row, since=row.valid_from)
    ended = [row for row in rows if row.valid_to is not None and row.valid_to <= day]
    if ended:
        last = max(ended, key=lambda row: (row.valid_from or date.min, row.id))
        return ListingState(ListingStatus.DELISTED, last, since=spell_start(held, last, None))
    return None


def _standing(rows: list[Designation], day: date, known_at: date | None) -> tuple[ListingStatus, Designation | None]:
    begun = [row for row in rows if row.valid_from and row.valid_from <= day]
    if not begun:
        return ListingStatus.NOT_LISTED, None
    running = [row for row in begun if (ended := row.ended(known_at)) is None or day < ended]
    if running:
        # A sure entry speaks before one that may mean another party, and the older before the younger.
        return ListingStatus.LISTED, min(
            running, key=lambda row: (row.certainty != "confirmed", row.valid_from or day, row.id)
        )
    return ListingStatus.DELISTED, max(begun, key=lambda row: (row.ended(known_at) or day, row.id))


def spell_start(rows: list[Designation], row: Designation, known_at: date | None) -> date:
    """First day of the unbroken time on the list that an entry belongs to."""
    start = _spell(rows, row, known_at).valid_from
    assert start is not None
    return start


def _spell(rows: list[Designation], row: Designation, known_at: date | None) -> Designation:
    """The entry with which the unbroken time on the list begins."""
    first = row
    for earlier in sorted(rows, key=lambda other: other.valid_from or date.max, reverse=True):
        assert earlier.valid_from is not None
        assert first.valid_from is not None
        ended = earlier.ended(known_at)
        if earlier.valid_from < first.valid_from and (ended is None or ended >= first.valid_from):
            first = earlier
    return first


def _printed(kb: KnowledgeBase, row: Designation, day: date, known_at: date | None) -> Entry | None:
    """What the latest edition of a spell prints for the party, of those that could be known."""
    entries = [
        entry
        for entry in kb.entries(row.entity_id or "")
        if entry.regime_id == row.regime_id
        and (row.valid_from or day) <= entry.edition <= day
        and (row.valid_to is None or entry.edition < row.valid_to)
        and entry.is_known(known_at)
        and (known_at is None or entry.edition <= known_at)
    ]
    return max(entries, key=lambda entry: entry.edition, default=None)


def _as_printed(row: Designation, entry: Entry | None) -> Designation:
    if entry is None:
        return row
    return msgspec.structs.replace(
        row,
        listed_as=entry.listed_as,
        basis=entry.basis,
        source_id=entry.source_id or row.source_id,
        grade=entry.grade or row.grade,
    )


def as_printed(kb: KnowledgeBase, row: Designation, *, as_of: date, known_at: date | None) -> Designation:
    """An entry with the name and the basis that were printed by a day, not those of a later edition."""
    return _as_printed(row, _printed(kb, row, as_of, known_at)) if row.entity_id is not None else row


def edition_in_force(kb: KnowledgeBase, regime: Regime, *, as_of: date, known_at: date | None) -> Edition | None:
    """The latest edition of a list published by then; a part of a copy only where there is no whole one."""
    released = [edition for edition in kb.editions(regime.id) if edition.date <= as_of and edition.is_known(known_at)]
    whole = [edition for edition in released if edition.is_complete or not edition.is_copy]
    return next(reversed(whole or released), None)
