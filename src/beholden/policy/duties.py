"""What a rule obliges to do, with the clock of each duty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.policy.days import days_after, iso
from beholden.schema.result import Duty
from beholden.schema.vocabulary import ConsequenceStatus, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.kb.law import ConsequenceState
    from beholden.schema.acceptance import AuthorisationUse
    from beholden.schema.rows import Consequence
    from beholden.schema.rule_parts import RuleDuty


def duties_of(
    consequence: Consequence,
    level: Level,
    status: ConsequenceStatus,
    state: ConsequenceState,
    held: Iterable[AuthorisationUse],
    as_of: date,
) -> Iterator[Duty]:
    """The duties of a rule at the level it came out at, its next date, and the conditions of what we hold under it."""
    if level in (Level.PROHIBITED, Level.RESTRICTED, Level.REVIEW):
        for duty in consequence.duties:
            yield Duty(
                id=duty.id,
                text=duty.text,
                citation=duty.citation,
                days=duty.days,
                calendar=duty.calendar,
                due=iso(_due(duty, as_of)),
            )
    # A rule that is released and due to be suspended before it begins does not apply on its first day.
    is_due = status is not ConsequenceStatus.UPCOMING or state.until == state.applies_from
    if level is Level.UPCOMING and is_due and state.until is not None and state.until > as_of:
        days = (state.until - as_of).days
        what = "applies" if status is ConsequenceStatus.UPCOMING else "is due to come back"
        yield Duty(
            id=f"{consequence.id}-date",
            text=f"{consequence.id} {what} on {state.until}, in {days} days",
            citation=consequence.citation,
            days=days,
            calendar="calendar",
            due=iso(state.until),
        )
    for use in held:
        if use.conditions:
            yield Duty(id=f"{use.id}-conditions", text=use.conditions, citation=use.source, due=use.valid_to)


def _due(duty: RuleDuty, as_of: date) -> date | None:
    if duty.date is not None:
        # A duty that holds since a day behind us is not due on it.
        return duty.date if duty.date >= as_of else None
    if duty.days is None:
        return None
    return days_after(as_of, duty.days, is_business=duty.calendar == "business")
