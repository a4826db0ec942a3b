"""What lies between two sides of a comparison: dates, bases, records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from beholden.kb.base import KnowledgeBase


@dataclass(frozen=True, slots=True)
class View:
    """One side of a comparison, as far as reasons need it.

    Attributes:
        as_of: Its date.
        known_at: Its other clock.
        base: Digest of the base that answered.
        artefacts: Ids of every artefact with a finding.
        claims: Day on which each claim that it cites was reported.
        kb: The base, where it is at hand.
        roles: Roles of the profile; None: there was none.
    """

    as_of: date
    known_at: date | None
    base: str
    artefacts: frozenset[str]
    claims: Mapping[str, str | None]
    kb: KnowledgeBase | None = None
    roles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between the two sides.

    Attributes:
        is_one_input: Whether both judged the same records under the same profile.
    """

    before: View
    after: View
    is_one_input: bool

    @property
    def early(self) -> View:
        """The side of the earlier date."""
        return min(self.before, self.after, key=lambda view: view.as_of)

    @property
    def late(self) -> View:
        """The side of the later date."""
        return max(self.before, self.after, key=lambda view: view.as_of)

    @property
    def is_one_base(self) -> bool:
        """Whether one base answered both."""
        return self.before.base == self.after.base

    def has(self, day: str | None) -> bool:
        """Whether a day came after the earlier date, and not after the later one."""
        return day is not None and self.early.as_of.isoformat() < day <= self.late.as_of.isoformat()
