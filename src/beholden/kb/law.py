"""How a rule stood at a date, on both clocks. The only place where statuses of rules are computed.

`as_of` asks about the world, `known_at` about what the public could know (None: everything we hold). Intervals are
half-open. How a party stands on a list: `kb.listing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from beholden.kb.listing import spell_start
from beholden.kb.switches import Switches
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Consequence, Designation, EffectRow, OwnershipRule


@dataclass(frozen=True, slots=True)
class ConsequenceState:
    """A rule's standing at a date.

    Attributes:
        status: At the date asked.
        until: Next date on which the status is due to change by the texts that we hold; None: none, or not sayable.
        by_text: What the text says happens at a flip we have no later copy of (only with `unknown`).
        effect: The suspension, stay or stop it rests on.
        applies_from: The day the rule begins for the entry asked about; None: not known, or not public yet.
    """

    status: ConsequenceStatus
    until: date | None = None
    by_text: ConsequenceStatus | None = None
    effect: EffectRow | None = None
    applies_from: date | None = None


@dataclass(frozen=True, slots=True)
class _Term:
    """A rule's dated text as it counts for one entry, with what switches it off.

    Attributes:
        released: First public release; None: always public.
        start: The day it begins; None: not known.
        end: The day it ends; None: open.
    """

    released: date | None
    start: date | None
    end: date | None
    switches: Switches

    def on(self, day: date, *, by_text: bool = False) -> ConsequenceState:
        """The standing on a day, without the date of the next change."""
        if self.released is not None and day < self.released:
            return self._state(ConsequenceStatus.NOT_IN_FORCE)
        if self.end is not None and self.end <= day:
            return self._state(ConsequenceStatus.ENDED)
        switch = self.switches.on(day, by_text=by_text)
        is_off = switch is not None and switch.status is not ConsequenceStatus.UNKNOWN
        # A switch that is released before the rule begins leaves no trace; one that outlasts its start does.
        if (
            self.start is not None
            and day < self.start
            and not (is_off and self.switches.on(self.start, by_text=True) is not None)
        ):
            return self._state(ConsequenceStatus.UPCOMING)
        if switch is not None and is_off:
            return self._state(switch.status, effect=switch.effect)
        if self.start is None:
            return self._state(ConsequenceStatus.UNKNOWN)
        if switch is not None:
            return self._state(ConsequenceStatus.UNKNOWN, by_text=ConsequenceStatus.IN_FORCE, effect=switch.effect)
        return self._state(ConsequenceStatus.IN_FORCE)

    def _state(
        self,
        status: ConsequenceStatus,
        *,
        by_text: ConsequenceStatus | None = None,
        effect: EffectRow | None = None,
    ) -> ConsequenceState:
        return ConsequenceState(status, by_text=by_text, effect=effect, applies_from=self.start)

    def turns(self) -> set[date]:
        """Days on which the standing may change by the texts."""
        dates = (self.released, self.start, self.end, *self.switches.turns())
        return {day for day in dates if day is not None}


# A party with several entries on a list is held by the one that binds it most.
_STRICTEST = (
    ConsequenceStatus.IN_FORCE,
    ConsequenceStatus.UNKNOWN,
    ConsequenceStatus.UPCOMING,
    ConsequenceStatus.SUSPENDED,
    ConsequenceStatus.STAYED,
    ConsequenceStatus.ENDED,
    ConsequenceStatus.NOT_IN_FORCE,
)


def _together(terms: list[_Term], as_of: date) -> ConsequenceState:
    """The strictest of several standings, and the next day on which that changes by the texts."""

    def on(day: date, *, by_text: bool = False) -> ConsequenceState:
        states = [term.on(day, by_text=by_text) for term in terms]
        return states[0] if len(states) == 1 else min(states, key=lambda item: _STRICTEST.index(item.status))

    state = on(as_of)
    turns = sorted({day for term in terms for day in term.turns() if day > as_of})
    if state.status is ConsequenceStatus.UNKNOWN or not turns:
        return state
    before = on(as_of, by_text=True).status
    until = next((day for day in turns if on(day, by_text=True).status is not before), None)
    return replace(state, until=until)


def consequence_state(
    kb: KnowledgeBase,
    consequence: Consequence,
    *,
    designation: Designation | None,
    entity_id: str | None,
    as_of: date,
    known_at: date | None,
) -> ConsequenceState:
    """A rule's standing for one listing and party.

    Where the party has other entries on the list that run that day, the strictest of them is the answer: an entry that
    is suspended does not lift what another entry does.

    Args:
        kb: Knowledge base.
        consequence: The rule.
        designation: The listing it is keyed to; None asks about the rule in general.
        entity_id: The party; stays and some suspensions are keyed to one.
        as_of: The day asked about.
        known_at: What was public by this day; None for everything we hold.
    """
    if not consequence.is_known(known_at):
        return ConsequenceState(ConsequenceStatus.NOT_IN_FORCE)
    siblings = _siblings(kb, designation, known_at)
    terms = [
        _Term(
            consequence.published_at,
            _start(consequence, entry, siblings, known_at),
            consequence.until,
            _switches(kb, consequence.id, consequence.regime_id, entry, entity_id, known_at),
        )
        for entry in _running(designation, siblings, as_of, known_at)
    ]
    return _together(terms, as_of)


def ownership_rule_state(
    kb: KnowledgeBase, rule: OwnershipRule, *, as_of: date, known_at: date | None
) -> ConsequenceState:
    """An ownership rule's standing; same words as for consequences."""
    if not rule.is_known(known_at):
        return ConsequenceState(ConsequenceStatus.NOT_IN_FORCE)
    switches = _switches(kb, rule.id, rule.regime_id, None, None, known_at)
    # A guidance that states no day of its own counts from its release.
    return _together([_Term(rule.published_at, rule.valid_from or rule.published_at, rule.valid_to, switches)], as_of)


def _siblings(kb: KnowledgeBase, designation: Designation | None, known_at: date | None) -> list[Designation]:
    """Every entry of the same party on the same list, the given one included."""
    if designation is None or designation.entity_id is None:
        return []
    rows = kb.designations(designation.entity_id)
    return [row for row in rows if row.regime_id == designation.regime_id and row.valid_from and row.is_known(known_at)]


def _running(
    designation: Designation | None, siblings: list[Designation], day: date, known_at: date | None
) -> list[Designation | None]:
    """The entries that hold the party on a day; the given one where none of them is running."""
    running: list[Designation | None] = [
        row
        for row in siblings
        if row.valid_from and row.valid_from <= day and ((ended := row.ended(known_at)) is None or day < ended)
    ]
    return running or [designation]


def _start(
    consequence: Consequence, entry: Designation | None, siblings: list[Designation], known_at: date | None
) -> date | None:
    """The latest of the rule's start, the entry's own, and the day of listing plus the rule's delay."""
    start = consequence.applies_from
    if start is None or entry is None:
        return start
    if entry.applies_from is not None:
        start = max(start, entry.applies_from)
    if consequence.entry_delay_days is not None and entry.valid_from is not None:
        listed = spell_start(siblings, entry, known_at)
        start = max(start, listed + timedelta(days=consequence.entry_delay_days))
    return start


def _switches(
    kb: KnowledgeBase,
    target_id: str,
    regime_id: str,
    designation: Designation | None,
    entity_id: str | None,
    known_at: date | None,
) -> Switches:
    rows = [row for target in sorted({target_id, regime_id}) for row in kb.effects.get(target, ())]
    regime = kb.regimes.get(regime_id)
    return Switches(
        (
            row
            for row in rows
            if row.is_known(known_at)
            and (row.entity_id is None or row.entity_id == entity_id)
            and (row.designation_id is None or (designation is not None and row.designation_id == designation.id))
        ),
        checked_until=regime.checked_until if regime else None,
        known_at=known_at,
    )
