"""Which findings of a result rest on something that two bases say otherwise: the work behind `kb diff --result`.

Nothing is read or matched again. Of each finding, what it rests on (the entry, the rules keyed to it, the holdings
between operator and listed party, the claims) is asked of both bases for one day.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from beholden.kb.law import consequence_state, ownership_rule_state
from beholden.kb.listing import ListingState, listing_state
from beholden.kb.ownership.graph import ancestors
from beholden.schema.bases import FindingOutlook, ResultOutlook, RuleStanding, Standing
from beholden.schema.spell import since_words
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.result import Finding, ScanResult

NOTE = (
    "This compares what each finding rests on, on one day. Acts are judged on their own days, and what newly leads to "
    "a party makes findings that no result has: only a new scan, or `beholden diff A B --input PATH`, tells these."
)
# The weightiest first; a finding is told by the first that it has.
_WEIGHT = ("missing", "ends", "listed", "unknown", "rule", "ownership", "entry", "copy", "claim")
_Said = tuple[str, str]  # change and sentence


def outlook(
    before: KnowledgeBase, after: KnowledgeBase, name: str, result: ScanResult, *, as_of: date
) -> ResultOutlook:
    """What of a result would change.

    Args:
        before: The first base.
        after: The second.
        name: What the user called the result.
        result: The result.
        as_of: The day both bases are asked about.
    """
    known_at = date.fromisoformat(result.known_at) if result.known_at else None
    asked = _Asked(before, after, as_of, known_at)
    found: list[FindingOutlook] = []
    not_held: list[str] = []
    same = 0
    for finding in result.findings:
        ids = (finding.operator.id, finding.listed_entity.id)
        if not all(any(kb.entity(kb.canonical(one)) for kb in (before, after)) for one in ids):
            not_held.append(finding.id)
            continue
        told = asked.about(finding)
        if told is None:
            same += 1
        else:
            found.append(told)
    # In-house packs laid over a base are behind a plus sign: the base is the one that they were laid over.
    digest = result.kb.digest.partition("+")[0]
    found.sort(key=lambda row: (_WEIGHT.index(row.change), row.regime or "", row.operator.caption, row.id))
    return ResultOutlook(
        name=name,
        as_of=as_of.isoformat(),
        known_at=result.known_at,
        made_by={after.digest: "to", before.digest: "from"}.get(digest, "other"),
        findings=found,
        by_change=dict(Counter(row.change for row in found)),
        same=same,
        not_held=not_held,
        note=NOTE,
    )


@dataclass(slots=True)
class _Asked:
    """Two bases asked about one day; what many findings share is asked once."""

    before: KnowledgeBase
    after: KnowledgeBase
    as_of: date
    known_at: date | None
    _holdings: dict[str, bool] = field(default_factory=dict)

    def about(self, finding: Finding) -> FindingOutlook | None:
        """What differs of a finding's ground; None: nothing."""
        said: list[_Said] = list(self._missing(finding))
        states: list[ListingState | None] = [None, None]
        rules: list[RuleStanding] = []
        if finding.listing is not None:
            regime = finding.listing.regime
            if not said and all(regime in kb.regimes for kb in (self.before, self.after)):
                states = [self._state(kb, regime, finding.listed_entity.id) for kb in (self.before, self.after)]
                said += _entry_words(regime, states[0], states[1]) if finding.listing.place is None else ()
                rules = list(self._rules(finding, regime, states))
                said += [
                    ("rule", f"{row.rule}: {_rule_word(row.before)}, then {_rule_word(row.after)}") for row in rules
                ]
                said += self._ownership(finding, regime)
        else:
            said += self._claims(finding)
        if not said:
            return None
        return FindingOutlook(
            id=finding.id,
            level=finding.level,
            operator=finding.operator,
            listed_entity=finding.listed_entity,
            regime=finding.listing.regime if finding.listing else None,
            change=min((change for change, _ in said), key=_WEIGHT.index),
            because=list(dict.fromkeys(sentence for _, sentence in said)),
            before=_standing(states[0], self.known_at),
            after=_standing(states[1], self.known_at),
            rules=rules,
        )

    def _missing(self, finding: Finding) -> Iterator[_Said]:
        for one in dict.fromkeys((finding.operator.id, finding.listed_entity.id)):
            if self.after.entity(self.after.canonical(one)) is None:
                yield "missing", f"the second base does not hold {one}"
            elif self.before.entity(self.before.canonical(one)) is None:
                yield "missing", f"the first base does not hold {one}"
        regime = finding.listing.regime if finding.listing else None
        for kb, which in ((self.after, "second"), (self.before, "first")):
            if regime is not None and regime not in kb.regimes:
                yield "missing", f"the {which} base does not know {regime}"

    def _state(self, kb: KnowledgeBase, regime: str, party: str) -> ListingState:
        return listing_state(kb, kb.regimes[regime], kb.canonical(party), as_of=self.as_of, known_at=self.known_at)

    def _rules(self, finding: Finding, regime: str, states: list[ListingState | None]) -> Iterator[RuleStanding]:
        """Rules keyed to the list that stand otherwise for the party."""
        standing: list[dict[str, str]] = []
        for kb, state in zip((self.before, self.after), states, strict=True):
            found = {}
            party = kb.canonical(finding.listed_entity.id)
            for rule in kb.consequences.get(regime, ()):
                if rule.scope_entities and party not in rule.scope_entities:
                    continue
                found[rule.id] = consequence_state(
                    kb,
                    rule,
                    designation=state.designation if state else None,
                    entity_id=party,
                    as_of=self.as_of,
                    known_at=self.known_at,
                ).status.value
            standing.append(found)
        for rule_id in sorted(standing[0].keys() | standing[1].keys()):
            one, other = (found.get(rule_id) for found in standing)
            if one != other:
                yield RuleStanding(rule=rule_id, before=one, after=other)

    def _ownership(self, finding: Finding, regime: str) -> Iterator[_Said]:
        """Where the operator is not the listed party, the holdings above it and the tests that add them up."""
        operator = finding.operator
        if operator.id == finding.listed_entity.id:
            return
        if operator.id not in self._holdings:
            one, other = (self._above(kb, operator.id) for kb in (self.before, self.after))
            self._holdings[operator.id] = one != other
        if self._holdings[operator.id]:
            yield "ownership", f"holdings above {operator.caption} differ"
        one_tests, other_tests = (self._tests(kb, regime) for kb in (self.before, self.after))
        for rule in sorted(one_tests.keys() | other_tests.keys()):
            if one_tests.get(rule) != other_tests.get(rule):
                words = f"{_rule_word(one_tests.get(rule))}, then {_rule_word(other_tests.get(rule))}"
                yield "ownership", f"{rule}: {words}"

    def _above(self, kb: KnowledgeBase, entity_id: str) -> set[tuple[object, ...]]:
        edges = ancestors(kb, kb.canonical(entity_id), as_of=self.as_of, known_at=self.known_at)
        return {
            (
                self._either(row.owner_id),
                self._either(row.owned_id),
                row.ownership_type,
                row.percentage_low,
                row.percentage_high,
                row.held_for,
            )
            for row in edges
        }

    def _either(self, entity_id: str) -> str:
        """One id for a party that either base knows under several: that they are one is no other holding."""
        return self.before.canonical(self.after.canonical(entity_id))

    def _tests(self, kb: KnowledgeBase, regime: str) -> dict[str, str]:
        return {
            rule.id: ownership_rule_state(kb, rule, as_of=self.as_of, known_at=self.known_at).status.value
            for rule in kb.ownership_rules
            if rule.regime_id == regime or regime in {name.partition(":")[0] for name in rule.lists}
        }

    def _claims(self, finding: Finding) -> Iterator[_Said]:
        sides = [{row.id: row for row in kb.claims(finding.claims)} for kb in (self.before, self.after)]
        answers = [{row.id for row in kb.answers_to(finding.claims)} for kb in (self.before, self.after)]
        for claim in sorted(set(finding.claims)):
            one, other = (side.get(claim) for side in sides)
            if one is not None and other is None:
                yield "claim", f"the second base does not hold the claim {claim}"
            elif one != other:
                yield "claim", f"the claim {claim} is recorded otherwise"
        if answers[0] != answers[1]:
            yield "claim", f"{len(answers[0])} answers on record, then {len(answers[1])}"


def _entry_words(regime: str, before: ListingState | None, after: ListingState | None) -> Iterator[_Said]:
    assert before is not None
    assert after is not None
    shown = f"{regime}: {_status_words(before)}, then {_status_words(after)}"
    if before.effective is not after.effective:
        change = {ListingStatus.LISTED: "listed", ListingStatus.UNKNOWN: "unknown"}.get(after.effective, "ends")
        yield change, shown
        return
    if before.status is not after.status:
        yield "copy", shown
    one, other = before.designation, after.designation
    if one is None or other is None:
        return
    if one.listed_as != other.listed_as:
        yield "entry", f"{regime}: printed as “{one.listed_as}”, then as “{other.listed_as}”"
    if (before.since, before.is_since_latest) != (after.since, after.is_since_latest):
        yield "entry", f"{regime}: {_since(before)}, then {_since(after)}"
    if one.valid_to != other.valid_to:
        yield "entry", f"{regime}: ends {one.valid_to or 'never'}, then {other.valid_to or 'never'}"
    if one.certainty != other.certainty:
        yield "entry", f"{regime}: the entry is {one.certainty}, then {other.certainty}"
    if one.programmes != other.programmes:
        yield "entry", f"{regime}: under {', '.join(one.programmes)}, then under {', '.join(other.programmes)}"


def _since(state: ListingState) -> str:
    return since_words(state.since, is_latest=state.is_since_latest) if state.since else "since a day unknown"


def _status_words(state: ListingState) -> str:
    status = state.status.value.replace("_", " ")
    if state.last_known is not None:
        return f"{status} (last known {state.last_known[0].value.replace('_', ' ')} at {state.last_known[1]})"
    return f"{status} ({state.reason.replace('_', ' ')})" if state.reason else status


def _rule_word(status: str | None) -> str:
    return "no such rule" if status is None else status.replace("_", " ")


def _standing(state: ListingState | None, known_at: date | None) -> Standing | None:
    if state is None:
        return None
    row = state.designation
    ended = row.ended(known_at) if row is not None else None
    return Standing(
        status=state.status.value,
        listed_as=row.listed_as if row is not None else None,
        since=state.since.isoformat() if state.since else None,
        since_is_latest=state.is_since_latest,
        until=ended.isoformat() if ended else None,
        edition=state.edition.isoformat() if state.edition else None,
        reason=state.reason,
        last_known=state.last_known[0].value if state.last_known else None,
    )
