"""How much the differences are: money, bytes, devices and packages, per level and per rule, and from which day on.

A rule *touches* a finding at the levels prohibited, restricted, review and upcoming. It newly touches where it did not,
or gave a better level; it frees where it no longer does, or gives a better one. Each artefact counts once in every sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.policy.consequence import quantities
from beholden.schema.comparison import LevelImpact, RuleImpact
from beholden.schema.vocabulary import ConsequenceStatus, Kind, Level, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.policy.difference import Pair
    from beholden.schema.result import Act, Artefact, ConsequenceResult, Finding, Quantity

TOUCHED, FREED, BESIDE = "touched", "freed", "beside"
_DEVICES = frozenset({Relation.HARDWARE, Relation.OEM_OF})
_ORDER = (TOUCHED, FREED, BESIDE)
_FREE = Level.UPCOMING.rank + 1  # one rank for all levels that do not bear on us, and for rules that are not there
_NOTHING = (_FREE, _FREE)


@dataclass(frozen=True, slots=True)
class Touch:
    """One rule on one finding, as the side has it that it is told of: the second one, or the first of what is freed."""

    change: str
    finding: Finding
    rule: ConsequenceResult
    on: date | None = None

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
            key = (_key(pair.any.artefact), one)
            was, now = before.get(key, _NOTHING), after.get(key, _NOTHING)
            if now < was and pair.after is not None and one in new and _weight(new[one]) == now:
                found.append(Touch(TOUCHED, pair.after, new[one], pair.on))
            elif now > was and pair.before is not None and one in old and _weight(old[one]) == was:
                if not _has_come_to_others(new.get(one)):
                    found.append(Touch(FREED, pair.before, old[one], pair.on))
            elif key not in before and pair.after is not None:
                found.append(Touch(BESIDE, pair.after, new[one], pair.on))
    return found


_ArtefactRule = tuple[tuple[str, str, str], str]


def _has_come_to_others(rule: ConsequenceResult | None) -> bool:
    """Whether a rule that binds others has begun: it was to come to us through them, and that is no relief."""
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
            key = (_key(finding.artefact), rule.id)
            worst[key] = min(worst.get(key, _NOTHING), _weight(rule))
    return worst


def _weight(rule: ConsequenceResult) -> tuple[int, int]:
    """How a rule bears on what stands on the day asked, and then on all, what was done before included."""
    return _rank(rule.standing_level or rule.level), _rank(rule.level)


def _rank(level: str) -> int:
    """Rank of a level that bears on us; one for all that do not."""
    return min(Level(level).rank, _FREE)


@dataclass(frozen=True, slots=True)
class Impact:
    """The sums of a comparison."""

    quantities: list[Quantity]
    days_until: int | None
    by_level: list[LevelImpact]
    by_rule: list[RuleImpact]


def impact_of(pairs: Iterable[Pair], *, as_of: date) -> Impact:
    """Sum what is touched and freed.

    Args:
        pairs: All of them, also those that are the same on both sides.
        as_of: Days are counted from here.
    """
    found = touches(pairs)
    bearing = [touch for touch in found if touch.change != BESIDE]
    days = [_days(touch, as_of) for touch in bearing if touch.change == TOUCHED]
    return Impact(
        sums(touch.finding for touch in bearing),
        min((day for day in days if day is not None), default=None),
        _by_level(bearing),
        _by_rule(found, as_of),
    )


def sums(findings: Iterable[Finding]) -> list[Quantity]:
    """Quantities of the artefacts of some findings, with devices and packages counted as such."""
    measures: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    artefacts = {_key(row.artefact): row.artefact for row in findings}
    hardware = {(one.kind, one.value): one for one in artefacts.values() if one.relation in _DEVICES}
    packages = {(one.kind, one.value): one for one in artefacts.values() if one.kind == Kind.PURL}
    for artefact in artefacts.values():
        for item in artefact.quantities:
            measures[item.unit, item.what] += Decimal(item.amount)
    for what, counted in (("devices", hardware), ("packages", packages)):
        if counted:
            measures["1", what] += sum(map(_distinct, counted.values()))
    return quantities(measures)


def _distinct(artefact: Artefact) -> int:
    """How many there are; what is recorded by its maker's name has no address of its own and counts as recorded."""
    return artefact.count if artefact.kind == Kind.NAME else artefact.values.distinct


def _by_level(bearing: list[Touch]) -> list[LevelImpact]:
    """Each finding once per change, at the worst level of the rules that changed."""
    worst: dict[tuple[str, str], Touch] = {}
    for touch in bearing:
        key = (touch.change, touch.finding.id)
        if key not in worst or touch.level.rank < worst[key].level.rank:
            worst[key] = touch
    grouped: dict[tuple[str, Level], list[Finding]] = defaultdict(list)
    for (change, _), touch in sorted(worst.items()):
        grouped[change, touch.level].append(touch.finding)
    return [
        LevelImpact(change=change, level=level, findings=len(rows), impact=sums(rows))
        for (change, level), rows in sorted(
            grouped.items(), key=lambda item: (_ORDER.index(item[0][0]), item[0][1].rank)
        )
    ]


def _by_rule(found: list[Touch], as_of: date) -> list[RuleImpact]:
    grouped: dict[tuple[str, str], list[Touch]] = defaultdict(list)
    for touch in found:
        grouped[touch.change, touch.rule.id].append(touch)
    rows = [_rule(change, group, as_of) for (change, _), group in sorted(grouped.items())]
    return sorted(rows, key=lambda row: (_ORDER.index(row.change), Level(row.level).rank, row.rule))


def _rule(change: str, group: list[Touch], as_of: date) -> RuleImpact:
    # Of equal levels, what is in force says more than what rests or is to come.
    worst = min(
        group,
        key=lambda one: (one.level.rank, list(ConsequenceStatus).index(_status(one.rule)), one.finding.id),
    )
    findings = {touch.finding.id: touch.finding for touch in group}
    counts = Counter(touch.level for touch in group)
    days = [_days(touch, as_of) for touch in group] if change != FREED else []
    binds = {touch.rule.binds_you for touch in group}
    return RuleImpact(
        change=change,
        rule=worst.rule.id,
        regime=worst.regime,
        level=worst.level,
        effect=worst.rule.effect,
        binds=worst.rule.binds,
        binds_you=None if None in binds else any(binds),
        consequence_status=worst.rule.consequence_status,
        applies_from=_applies_from(worst),
        days_until=min((day for day in days if day is not None), default=None),
        citation=worst.rule.citation,
        findings=len(findings),
        levels={level.value: number for level in Level if (number := counts[level])},
        impact=sums(findings.values()),
        done_before=_done_before(group) if change != FREED else [],
        why=worst.rule.why,
    )


def _status(rule: ConsequenceResult) -> ConsequenceStatus:
    return ConsequenceStatus(rule.consequence_status)


def _applies_from(touch: Touch) -> str | None:
    """The later of the rule's own day and the entry's; where the rule rests, the day it is due to come back."""
    due = _due(touch.rule)
    if due is not None:
        return due
    if _status(touch.rule) not in (ConsequenceStatus.IN_FORCE, ConsequenceStatus.UPCOMING):
        return None
    since = touch.finding.listing.since if touch.finding.listing else None
    # Through shares it applies from the day on which the last stake of the line was held.
    held = [hop.valid_from for hop in touch.finding.path if hop.hop.startswith("owned_by")]
    days = [day for day in (touch.rule.applies_from, since, *held) if day is not None]
    return max(days) if touch.rule.applies_from is not None else None


def _due(rule: ConsequenceResult) -> str | None:
    """The day that its duties give as the one on which it applies or comes back."""
    return next((duty.due for duty in rule.duties if duty.id == f"{rule.id}-date"), None)


def _days(touch: Touch, as_of: date) -> int | None:
    """Days from as-of until the rule applies; 0 where it does, None where no date is known."""
    rule = touch.rule
    if rule.consequence_status == ConsequenceStatus.IN_FORCE:
        return max(0, ((touch.on or as_of) - as_of).days)
    due = _due(rule) or (rule.applies_from if rule.consequence_status == ConsequenceStatus.UPCOMING else None)
    return None if due is None else max(0, (date.fromisoformat(due) - as_of).days)


def _done_before(group: list[Touch]) -> list[Quantity]:
    """Acts that the rule did not cover when they were done: not in force yet, nobody listed, no share that covers."""
    by_artefact = {_key(touch.finding.artefact): touch.rule for touch in group}
    measures: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for rule in by_artefact.values():
        for act in rule.acts:
            if _is_before(act):
                for item in act.quantities:
                    measures[item.unit, item.what] += Decimal(item.amount)
    return quantities(measures)


def _is_before(act: Act) -> bool:
    if act.level:
        return act.level in (Level.INFO, Level.UPCOMING)
    # Results of earlier versions tell the standing of the rule only.
    return act.consequence_status in (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.UPCOMING)


def _key(artefact: Artefact) -> tuple[str, str, str]:
    """What makes an artefact count once: several findings may rest on it, one for each list."""
    return artefact.kind, artefact.value, artefact.relation
