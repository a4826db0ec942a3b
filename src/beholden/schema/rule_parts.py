"""Parts of a rule: what it leaves out, and what it obliges to do."""

from __future__ import annotations

from datetime import date

import msgspec


class RuleException(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carve-out, as a predicate over the act: every condition that is given has to hold.

    A question is put so that yes means that the rule covers the act.

    Attributes:
        text: What the law says, in our words.
        grade: Where it differs from the rule's.
        published_at: When it became public, where that was after the rule; before, nobody could know it.
        parties: Listed parties that it is about; empty: all.
        applies_to: Relations that it can be about; empty: all.
        effect: What a missing fact does. `ask`: the level is open until the question is answered; `presume`: the rule
            counts as covering the act, and the question is shown beside it; `note`: nothing can be asked.
        question: What to ask.
        concluded_before: A contract concluded, or a thing acquired, before that day is outside the rule.
        for_years: Only for so many years after `concluded_before`.
        authorised_before_entry: A product authorised before the party or category was listed is outside the rule.
        approval: A kind of authorisation of ours that is the exception, such as `conditional_approval`.
        agreements: Kinds of agreement that the rule covers; a declared data flow under another one is outside it.
        data_classes: Per class of data, the number of persons or devices in twelve months above which the rule covers
            a flow; 0: from the first.
    """

    id: str
    text: str
    citation: str | None = None
    grade: str | None = None
    published_at: date | None = None
    parties: list[str] = []
    applies_to: list[str] = []
    effect: str = "note"
    question: str | None = None
    concluded_before: date | None = None
    for_years: int | None = None
    authorised_before_entry: bool = False
    approval: str | None = None
    agreements: list[str] = []
    data_classes: dict[str, int] = {}

    def is_known(self, day: date, known_at: date | None) -> bool:
        """Whether it was public on the day judged, and at `known_at` (None: everything we hold)."""
        return self.published_at is None or self.published_at <= min(day, known_at or day)


class RuleDuty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the rule obliges to do, counted from the discovery or a date."""

    id: str
    text: str
    citation: str | None = None
    days: int | None = None
    calendar: str | None = None
    date: date | None = None
