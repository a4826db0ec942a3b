"""What a list and a rule said at a date, on both clocks. The only place where statuses are computed.

`as_of` asks about the world, `known_at` about what the public could know (None: everything we hold). Intervals are
half-open. Where our copy of a list does not reach, the answer is `unknown`, never "no" (DESIGN section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from beholden.schema.rows import HYPOTHESIS
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Consequence, Designation, Edition, EffectRow, OwnershipRule, Regime


@dataclass(frozen=True, slots=True)
class ListingState:
    """A party's standing on one list at a date.

    Attributes:
        status: At the date asked.
        designation: The entry it rests on, if any.
        reason: Why it is unknown.
        last_known: Status and date of the last copy, where the date asked lies behind it.
        edition: Date of the latest edition that prints the party, for edition lists.
    """

    status: ListingStatus
    designation: Designation | None = None
    reason: str | None = None
    last_known: tuple[ListingStatus, date] | None = None
    edition: date | None = None

    @property
    def is_stale(self) -> bool:
        """Whether it is known only from a copy older than the date asked."""
        return self.status is ListingStatus.UNKNOWN and self.last_known is not None

    @property
    def effective(self) -> ListingStatus:
        """The status that levels go by: the last-known one where the date lies behind our copy."""
        return self.last_known[0] if self.is_stale and self.last_known else self.status


@dataclass(frozen=True, slots=True)
class ConsequenceState:
    """A rule's standing at a date.

    Attributes:
        status: At the date asked.
        until: Next date on which the status is due to change by its own text.
        by_text: What the text says happens at a flip we have no later copy of (only with `unknown`).
        effect: The suspension, stay or stop it rests on.
    """

    status: ConsequenceStatus
    until: date | None = None
    by_text: ConsequenceStatus | None = None
    effect: EffectRow | None = None


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
        return ListingState(ListingStatus.UNKNOWN, reason="not_in_our_partial_copy")
    if regime.covered_from is not None and as_of < regime.covered_from:
        return ListingState(ListingStatus.UNKNOWN, reason="before_our_copy")
    rows = [row for row in held if row.is_known(known_at)]
    horizon = regime.checked_until
    if horizon is not None and as_of > horizon:
        horizon = horizon if known_at is None else min(horizon, known_at)
        last = _standing(rows, horizon, known_at)
        edition = _edition(kb, regime, entity_id, last, horizon, known_at)
        return ListingState(ListingStatus.UNKNOWN, last[1], "after_our_copy", (last[0], horizon), edition)
    status, row = _standing(rows, as_of, known_at)
    if known_at is not None and as_of > known_at and status is not ListingStatus.LISTED:
        return ListingState(ListingStatus.UNKNOWN, row, "after_known_at", (status, known_at))
    return ListingState(status, row, edition=_edition(kb, regime, entity_id, (status, row), as_of, known_at))


def _supposed(kb: KnowledgeBase, regime: Regime, entity_id: str, day: date) -> ListingState | None:
    """What a hypothesis says of a party on a day: it holds whatever our copy covers and whatever was public."""
    rows = [row for row in kb.designations(entity_id) if row.regime_id == regime.id and row.is_supposed]
    for row in rows:
        if row.source_id == HYPOTHESIS and row.holds(day):
            return ListingState(ListingStatus.LISTED, row)
    ended = [row for row in rows if row.valid_to is not None and row.valid_to <= day]
    if ended:
        return ListingState(ListingStatus.DELISTED, max(ended, key=lambda row: (row.valid_from or date.min, row.id)))
    return None


def _standing(rows: list[Designation], day: date, known_at: date | None) -> tuple[ListingStatus, Designation | None]:
    begun = sorted(
        (row for row in rows if row.valid_from and row.valid_from <= day), key=lambda row: row.valid_from or day
    )
    if not begun:
        return ListingStatus.NOT_LISTED, None
    # Of several entries the oldest one still running says since when the party is listed.
    for row in begun:
        ended = row.ended(known_at)
        if ended is None or day < ended:
            return ListingStatus.LISTED, row
    return ListingStatus.DELISTED, begun[-1]


def _edition(
    kb: KnowledgeBase,
    regime: Regime,
    entity_id: str,
    standing: tuple[ListingStatus, Designation | None],
    day: date,
    known_at: date | None,
) -> date | None:
    if regime.list_kind != "edition" or standing[0] is not ListingStatus.LISTED:
        return None
    printed = [
        entry.edition
        for entry in kb.entries(entity_id)
        if entry.regime_id == regime.id and entry.edition <= day and (known_at is None or entry.edition <= known_at)
    ]
    return max(printed, default=None)


def edition_in_force(kb: KnowledgeBase, regime: Regime, *, as_of: date, known_at: date | None) -> Edition | None:
    """The latest edition of a list published by then."""
    released = [edition for edition in kb.editions(regime.id) if edition.date <= as_of and edition.is_known(known_at)]
    return released[-1] if released else None


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

    Args:
        kb: Knowledge base.
        consequence: The rule.
        designation: The listing it is keyed to; None asks about the rule in general.
        entity_id: The party; stays and some suspensions are keyed to one.
        as_of: The day asked about.
        known_at: What was public by this day; None for everything we hold.
    """
    released = consequence.published_at
    if not consequence.is_known(known_at) or (released is not None and as_of < released):
        return ConsequenceState(ConsequenceStatus.NOT_IN_FORCE, until=consequence.applies_from)
    if consequence.applies_from is None:
        return ConsequenceState(ConsequenceStatus.UNKNOWN)
    if consequence.until is not None and consequence.until <= as_of:
        return ConsequenceState(ConsequenceStatus.ENDED)
    if as_of < consequence.applies_from:
        return ConsequenceState(ConsequenceStatus.UPCOMING, until=consequence.applies_from)
    effects = _effects_for(kb, consequence.id, consequence.regime_id, designation, entity_id, known_at)
    switched = _switched_off(effects, as_of)
    if switched is not None:
        return switched
    if consequence.next_flip is not None and as_of >= consequence.next_flip:
        return ConsequenceState(ConsequenceStatus.UNKNOWN, by_text=ConsequenceStatus.IN_FORCE)
    return ConsequenceState(ConsequenceStatus.IN_FORCE, until=consequence.until)


def ownership_rule_state(
    kb: KnowledgeBase, rule: OwnershipRule, *, as_of: date, known_at: date | None
) -> ConsequenceState:
    """An ownership rule's standing; same words as for consequences."""
    released = rule.published_at
    if not rule.is_known(known_at) or (released is not None and as_of < released):
        return ConsequenceState(ConsequenceStatus.NOT_IN_FORCE, until=rule.valid_from)
    if rule.valid_from is not None and as_of < rule.valid_from:
        return ConsequenceState(ConsequenceStatus.UPCOMING, until=rule.valid_from)
    if rule.valid_to is not None and rule.valid_to <= as_of:
        return ConsequenceState(ConsequenceStatus.ENDED)
    switched = _switched_off(_effects_for(kb, rule.id, rule.regime_id, None, None, known_at), as_of)
    if switched is not None:
        return switched
    if rule.next_flip is not None and as_of >= rule.next_flip:
        return ConsequenceState(ConsequenceStatus.UNKNOWN, by_text=ConsequenceStatus.IN_FORCE)
    if rule.valid_from is None and rule.published_at is None:
        return ConsequenceState(ConsequenceStatus.UNKNOWN)
    return ConsequenceState(ConsequenceStatus.IN_FORCE)


def _effects_for(
    kb: KnowledgeBase,
    target_id: str,
    regime_id: str,
    designation: Designation | None,
    entity_id: str | None,
    known_at: date | None,
) -> list[EffectRow]:
    rows = [*kb.effects.get(target_id, ()), *kb.effects.get(regime_id, ())]
    return [
        row
        for row in rows
        if row.is_known(known_at)
        and (row.entity_id is None or row.entity_id == entity_id)
        and (row.designation_id is None or (designation is not None and row.designation_id == designation.id))
    ]


def _switched_off(effects: list[EffectRow], as_of: date) -> ConsequenceState | None:
    """The effect that covers a day; a stay with an open end holds as far as the docket was read."""
    for row in sorted(effects, key=lambda row: row.kind != "stop"):
        if not row.holds(as_of):
            continue
        if row.kind == "stop":
            return ConsequenceState(ConsequenceStatus.ENDED, effect=row)
        status = ConsequenceStatus.STAYED if row.kind == "stay" else ConsequenceStatus.SUSPENDED
        open_ended = row.valid_to is None and row.end_event is not None
        if open_ended and row.checked_until is not None and as_of > row.checked_until:
            # Its text ends it with an event that may have come since.
            return ConsequenceState(ConsequenceStatus.UNKNOWN, by_text=ConsequenceStatus.IN_FORCE, effect=row)
        return ConsequenceState(status, until=row.valid_to, effect=row)
    return None
