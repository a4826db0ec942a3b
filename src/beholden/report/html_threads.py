"""Threads: claims that have the same answers, beside those answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import Claim, Finding


@dataclass(frozen=True, slots=True)
class Thread:
    """Claims that have the same answers, and every such answer that the document holds."""

    claims: list[Claim]
    answers: list[Claim]

    @property
    def targets(self) -> list[str]:
        """Ids of whom it is about."""
        return list(dict.fromkeys(target for claim in (self.claims or self.answers) for target in claim.target))


def threads_of(chosen: Iterable[Claim], every: list[Claim]) -> list[Thread]:
    """Return the chosen claims with their answers beside them; what is not about a claim stands as its own thread.

    An answer counts whichever side names the other: `answers` and `answered_by` are two hands of one link.
    """
    chosen = list(chosen)
    chosen_ids = {claim.id for claim in chosen}
    answering = {answer for claim in chosen for answer in claim.answered_by}
    threads: dict[tuple[str, ...], Thread] = {}
    for claim in chosen:
        if claim.id in answering or chosen_ids.intersection(claim.answers) - {claim.id}:
            continue
        if claim.answers:  # what it answers is an event, or is not in this document
            threads["", claim.id] = Thread([], [claim])
            continue
        answers = [other for other in every if claim.id in other.answers or other.id in claim.answered_by]
        key = tuple(answer.id for answer in answers)
        threads.setdefault(key, Thread([], answers)).claims.append(claim)
    return list(threads.values())


def claims_about(findings: list[Finding], claims: list[Claim]) -> list[Claim]:
    """Return the claims that findings cite or that target their parties, and the answers to these."""
    cited = {claim_id for finding in findings for claim_id in finding.claims}
    parties = {entity.id for finding in findings for entity in (finding.operator, finding.listed_entity)}
    return [claim for claim in claims if claim.id in cited or parties.intersection(claim.target)]
