"""Two lists of findings → which came, which went, which are not the same; the same backwards as forwards."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from beholden.schema.result import Arithmetic, Artefact, ConsequenceResult, Finding


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding of the one side and of the other; not both None.

    Attributes:
        on: The day on which both were judged, where that is not the day asked.
    """

    before: Finding | None
    after: Finding | None
    on: date | None = None

    @property
    def any(self) -> Finding:
        """The one there is; the later of two."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def is_same(self) -> bool:
        """Whether both sides say the same of it."""
        return self.before is not None and self.after is not None and facts_of(self.before) == facts_of(self.after)


def pairs(before: Sequence[Finding], after: Sequence[Finding]) -> list[Pair]:
    """Join two lists of findings.

    Findings are joined by id, else by an id that one of them had before. Where several became one, because their
    parties were found to be one, that which is nearest to it stands for all. Neither list counts as the first.

    Returns:
        Sorted by id; also those that are the same on both sides.
    """
    left, right = {row.id: row for row in before}, {row.id: row for row in after}
    joined = [Pair(left[one], right[one]) for one in sorted(left.keys() & right.keys())]
    lone_left = {one: row for one, row in left.items() if one not in right}
    lone_right = {one: row for one, row in right.items() if one not in left}
    renamed = {(one, row.id) for row in lone_right.values() for one in row.previous_ids if one in lone_left}
    renamed |= {(row.id, other) for row in lone_left.values() for other in row.previous_ids if other in lone_right}
    for one, other in sorted(renamed, key=sorted):
        if one in lone_left and other in lone_right:
            joined.append(Pair(lone_left.pop(one), lone_right.pop(other)))
    joined = [_nearest(pair, lone_left, lone_right) for pair in joined]
    joined += [Pair(row, None) for row in lone_left.values()]
    joined += [Pair(None, row) for row in lone_right.values()]
    return sorted(joined, key=lambda pair: pair.any.id)


def _nearest(pair: Pair, lone_left: dict[str, Finding], lone_right: dict[str, Finding]) -> Pair:
    """The pair with what it had become one with on either side, which is taken from the lone ones."""
    before, after = pair.before, pair.after
    assert before is not None
    assert after is not None
    return Pair(_stands_for(before, after, lone_left), _stands_for(after, before, lone_right))


def _stands_for(own: Finding, merged: Finding, lone: dict[str, Finding]) -> Finding:
    parts = [own, *(lone.pop(one) for one in merged.previous_ids if one in lone)]
    if len(parts) == 1:
        return own
    rank, facts = Level(merged.level).rank, facts_of(merged)
    return min(parts, key=lambda row: (facts_of(row) != facts, abs(Level(row.level).rank - rank)))


def facts_of(finding: Finding) -> dict[str, Any]:
    """What makes a finding another one: not its wording, its samples or the clocks that run by themselves."""
    return {
        "level": (finding.level, finding.level_if_confirmed, finding.stale),
        "listing": listing_facts(finding),
        "consequences": {rule.id: rule_facts(rule) for rule in finding.consequences},
        "arithmetic": sum_facts(finding.arithmetic),
        "stakes": stakes_of(finding),
        "artefact": artefact_facts(finding.artefact),
        "decision": finding.match.decision,
        "questions": sorted(finding.questions),
        "claims": sorted(finding.claims),
    }


def listing_facts(finding: Finding) -> tuple[str | None, ...]:
    """Standing of the entry."""
    listing = finding.listing
    if listing is None:
        return ()
    last = listing.last_known
    return (listing.listing_status, entry_of(finding), listing.since, last.status if last else None)


def entry_of(finding: Finding) -> str | None:
    """Which entry it rests on, whatever id its party has: an entry that a copy prints has the party's id in its own."""
    row = finding.listing.designation if finding.listing else None
    return row and row.replace(finding.listed_entity.id, "")


def rule_facts(rule: ConsequenceResult) -> tuple[Any, ...]:
    """Standing of a rule and what it gives."""
    return (
        rule.level,
        rule.level_if_confirmed,
        rule.consequence_status,
        rule.applies_from,
        rule.effect,
        rule.binds_you,
        rule.standing_level or rule.level,
        tuple((act.from_, act.consequence_status, act.excepted_by) for act in rule.acts),
        held_facts(rule),
    )


def held_facts(rule: ConsequenceResult) -> tuple[Any, ...]:
    """What takes acts out of a rule: exceptions as they came out, and what we hold."""
    exceptions = sorted((str(item.get("id")), str(item.get("status"))) for item in rule.exceptions)
    return tuple(exceptions), tuple(sorted(use.id for use in rule.authorisations))


def sum_facts(sums: Arithmetic | None) -> tuple[Any, ...]:
    """The sum of stakes, as far as every version of the document tells it, and whatever way its numbers are written."""
    if sums is None:
        return ()
    terms = sorted(
        (term.owner, term.owned, _number(term.low), _number(term.high), str(term.ownership_type)) for term in sums.terms
    )
    return sums.rule, _number(sums.low), _number(sums.high), sums.outcome, terms


def _number(text: str | None) -> str:
    try:
        return "" if text is None else format(Decimal(text).normalize(), "f")
    except InvalidOperation:
        return str(text)


def stakes_of(finding: Finding) -> tuple[tuple[str, str, str], ...]:
    """Stakes on the path."""
    return tuple((hop.from_, hop.to, hop.hop) for hop in finding.path if hop.hop.startswith("owned_by"))


def artefact_facts(artefact: Artefact) -> tuple[Any, ...]:
    """How much of it there is."""
    return (
        artefact.count,
        artefact.values.distinct,
        artefact.own_hosts.distinct,
        tuple((item.what, item.unit, item.amount) for item in artefact.quantities),
    )
