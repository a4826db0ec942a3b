"""What every consequence of one finding is judged on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.kb.law import consequence_state
from beholden.policy.conduct import conduct
from beholden.policy.facts import fact
from beholden.schema.vocabulary import Direction, ListingStatus, Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.law import ConsequenceState
    from beholden.policy.answers import Answers
    from beholden.policy.authorise import Holdings
    from beholden.policy.exposure import Exposure
    from beholden.policy.facts import Fact
    from beholden.policy.reach import Behind, Reach
    from beholden.policy.terms import Terms
    from beholden.schema.rows import Consequence
    from beholden.schema.vocabulary import Conduct, Role


@dataclass(frozen=True, slots=True)
class Situation:
    """An exposure, a listed party behind its operator, and who we are.

    Attributes:
        conduct: What having or doing this amounts to, all terms together.
        roles: Ours, as far as they count for this artefact; None: no profile, every role.
        roles_for: Those of some units of ours, and of the organisation as a whole.
        answers: What we answered to earlier questions.
        holdings: Licences and contracts of ours.
        named: Licences and approvals that some record of ours names, in lower case.
        flows: Every exposure that declares a flow of data, by who gets it: some rules count what one party gets.
    """

    kb: KnowledgeBase
    reach: Reach
    exposure: Exposure
    behind: Behind
    conduct: frozenset[Conduct]
    roles: frozenset[Role] | None
    roles_for: Callable[[Iterable[str | None]], frozenset[Role] | None]
    as_of: date
    known_at: date | None
    answers: Answers
    holdings: Holdings
    named: frozenset[str]
    flows: Mapping[str, Sequence[Exposure]] = field(default_factory=dict)

    def roles_under(self, terms: Terms) -> frozenset[Role] | None:
        """The roles of whose act it is: what one unit paid is no act of another."""
        return self.roles_for([terms.unit])

    def conduct_under(self, terms: Terms) -> frozenset[Conduct]:
        """What was done under some terms: a payment in is no payment out, and a holding is no purchase."""
        if terms.act is None:
            return self.conduct
        relation, segment = self.exposure.relation, self.exposure.segment
        if relation is Relation.EQUITY:
            return conduct(relation, frozenset(), segment, dealings=frozenset({terms.act}))
        return conduct(relation, frozenset({Direction(terms.act)}), segment)

    def fact(self, subject: str, texts: list[str]) -> Fact:
        """A yes-or-no fact of the artefact."""
        return fact(subject, texts, self.answers, self.as_of, artefact_id=self.exposure.artefact_id)

    def standing(self, consequence: Consequence, behind: Behind, day: date) -> ConsequenceState:
        """How a rule stands on a day for the entry of a party."""
        listing = self.reach.state(behind.regime, behind.entity_id, day)
        return consequence_state(
            self.kb,
            consequence,
            designation=listing.designation,
            entity_id=behind.entity_id,
            as_of=day,
            known_at=self.known_at,
        )

    def is_listed_at(self, day: date) -> bool:
        """Whether the party was (or had been) on the list that day, or counted by place, behind the operator."""
        # That a later copy prints it is a reason to ask about an act, and none to find that it was listed.
        status = self.reach.effective(self.behind, day)
        is_told = status in (ListingStatus.LISTED, ListingStatus.DELISTED)
        return is_told and self.reach.stands_behind(self.exposure.operator_id, self.behind, day)

    def is_untold_at(self, day: date) -> bool:
        """Whether nothing says if the party was on the list that day, not even an entry that prints when it began."""
        is_behind = self.reach.stands_behind(self.exposure.operator_id, self.behind, day)
        return is_behind and self.reach.is_untold(self.behind, day)

    def is_open_at(self, day: date) -> bool:
        """Whether the party may have been on the list that day, by what another day's copy says."""
        is_behind = self.reach.stands_behind(self.exposure.operator_id, self.behind, day)
        return is_behind and self.reach.is_open(self.behind, day)
