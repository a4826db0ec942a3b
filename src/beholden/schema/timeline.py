"""Rows of a timeline: what happened, and when the public could know it."""

from __future__ import annotations

from beholden.schema.document import Document


class TimelineRow(Document, kw_only=True):
    """Something that happened (`happened`) or became public (`known`) on a day.

    `type` is an event's or a claim's type, `designation`, `delisting`, `consequence`, `suspension`, `stay`, `stop`, or
    `own_act`: what our own records show. `until` is the first day after an interval. `entities` and `regime` say whom
    and which list it is about.
    """

    date: str
    lane: str
    type: str
    text: str
    source: str | None
    until: str | None = None
    entities: list[str] = []
    regime: str | None = None
