"""What became of every rule on every artefact between two judgements: newly touched, freed, or beside both.

A rule *touches* a finding at the levels prohibited, restricted, review and upcoming. It newly touches where it did not,
or gave a better level; it frees where it no longer does, or gives a better one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.schema.vocabulary import ConsequenceStatus, Level

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.policy.difference import Pair
    from beholden.schema.result import Act, Artefact, ConsequenceResult, Finding

TOUCHED, FREED, BESIDE = "touched", "freed", "beside"
FREE = Level.UPCOMING.rank + 1  # one rank for all levels that do not bear on us, and for rules that are not there
_NOTHING = (FREE, FREE)
Measures = dict[tuple[str, str], Decimal]
_ArtefactRule = tuple[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Touch:
    """One rule on one finding, as the side has it that it is told of: the second one, or the first of what is freed."""

    change: str
    finding: Finding
    rule: ConsequenceResult
    on: date | None = None
    other: ConsequenceResult | None = None  # the same rule on the other side
    acts: Measures | None = None  # what was done then, where nothing that stands differs; None: the whole artefact

    @property
    def level(self) -> Level:
        """The level that the rule gives."""
        return Level(self.rule.level)

    @property
    def regime(self) -> str:
        """The list it is keyed to."""
        return self.finding.listing.regime if self.finding.listing else ""


def touches(pairs: Iterable[Pair]) -> list[Touch]:
    """What became of every rule on every artefact; a rule that gives what it gave is not in it.

    Several findings may rest on one artefact and one rule, one for each listed party behind it: a rule newly touches
    only what none of them made it touch before, and frees only what none of them makes it touch still.

    Args:
        pairs: All of them, also those that are the same on both sides.
    """
    joined = list(pairs)
    before, after = _worst(row.before for row in joined), _worst(row.after for row in joined)
    found = []
    for pair in joined:
        old, new = ({rule.id: rule for rule in row.consequences} if row else {} for row in (pair.before, pair.after))
        for one in sorted(old.keys() | new.keys()):
            key = (key_of(pair.any.artefact), one)
            was, now = before.get(key, _NOTHING), after.get(key, _NOTHING)
            change = TOUCHED if now < was else FREED if now > was else _by_acts(old.get(one), new.get(one))
            side, rules = (pair.after, new) if change == TOUCHED else (pair.before, old)
            told = now if change == TOUCHED else was
            if change is not None and side is not None and one in rules and _weight(rules[one]) == told:
                other = (old if change == TOUCHED else new).get(one)
                if not _has_come_to_others(other):
                    found.append(Touch(change, side, rules[one], pair.on, other, _acts_alone(rules[one], other)))
            elif key not in before and pair.after is not None:
                found.append(Touch(BESIDE, pair.after, new[one], pair.on))
    return found


def _by_acts(old: ConsequenceResult | None, new: ConsequenceResult | None) -> str | None:
    """Whether a rule covers more, or less, of what was done, although it gives what it gave."""
    if old is None or new is None or total(old.acts) != total(new.acts):
        return None  # other records: what they add is no change of the law
    more, less = (_acts_alone(one, other) for one, other in ((new, old), (old, new)))
    return TOUCHED if more else FREED if less else None


def _acts_alone(rule: ConsequenceResult, other: ConsequenceResult | None) -> Measures | None:
    """What was done under the rule on this side only; None where what stands differs too, or acts do not tell."""
    if other is None or _weight(rule)[0] != _weight(other)[0]:
        return None
    bar = min(rank_of(rule.level), rank_of(other.level), FREE - 1)
    here, there = (total(act for act in one.acts if act.level and rank_of(act.level) <= bar) for one in (rule, other))
    return {one: more for one in here if (more := here[one] - there.get(one, Decimal(0))) > 0} or None


def still_through(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Of findings that a rule no longer touches: the other listed parties through whom it touches the same artefact.

    Returns:
        Names by the id of the finding, each sorted.
    """
    joined = list(pairs)
    through: dict[_ArtefactRule, set[tuple[str, str]]] = defaultdict(set)
    for row in (pair.after for pair in joined if pair.after is not None):
        for rule in row.consequences:
            if _weight(rule) < _NOTHING:
                through[key_of(row.artefact), rule.id].add((row.id, row.listed_entity.caption))
    found: dict[str, set[str]] = defaultdict(set)
    for pair in joined:
        if pair.before is None:
            continue
        new = {rule.id: rule for rule in pair.after.consequences} if pair.after else {}
        for old in pair.before.consequences:
            now = _weight(new[old.id]) if old.id in new else _NOTHING
            if _weight(old) < now == _NOTHING:
                others = through[key_of(pair.before.artefact), old.id]
                found[pair.any.id] |= {name for one, name in others if one != pair.any.id}
    return {one: sorted(names) for one, names in sorted(found.items()) if names}


def _has_come_to_others(rule: ConsequenceResult | None) -> bool:
    """Whether a rule that binds others has begun: no relief for us; and that it rests again touches nobody anew."""
    return (
        rule is not None
        and rule.reaches_you
        and rule.binds_you is False
        and rule.consequence_status == ConsequenceStatus.IN_FORCE
    )


def _worst(findings: Iterable[Finding | None]) -> dict[_ArtefactRule, tuple[int, int]]:
    """The worst that each rule gives on each artefact, whichever listed party it is keyed to."""
    worst: dict[_ArtefactRule, tuple[int, int]] = {}
    for finding in findings:
        if finding is None:
            continue
        for rule in finding.consequences:
            key = (key_of(finding.artefact), rule.id)
            worst[key] = min(worst.get(key, _NOTHING), _weight(rule))
    return worst


def _weight(rule: ConsequenceResult) -> tuple[int, int]:
    """How a rule bears on what stands on the day asked, and then on all, what was done before included."""
    return rank_of(rule.standing_level or rule.level), rank_of(rule.level)


def rank_of(level: str) -> int:
    """Rank of a level that bears on us; one for all that do not."""
    return min(Level(level).rank, FREE)


def total(acts: Iterable[Act]) -> Measures:
    """Sums of acts, by unit and what was done."""
    measures: Measures = defaultdict(Decimal)
    for act in acts:
        for item in act.quantities:
            measures[item.unit, item.what] += Decimal(item.amount)
    return measures


def key_of(artefact: Artefact) -> tuple[str, str, str]:
    """What makes an artefact count once: several findings may rest on it, one for each list."""
    return artefact.kind, artefact.value, artefact.relation
