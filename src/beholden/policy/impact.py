"""How much the differences are: money, bytes, devices and packages, per level and per rule, and from which day on.

A rule *touches* a finding at the levels prohibited, restricted, review and upcoming. It newly touches where it did not,
or gave a better level; it frees where it no longer does, or gives a better one. Each artefact counts once in every sum.
"""

from __future__ import annotations

from collections import defaultdict
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
    from beholden.schema.result import Artefact, ConsequenceResult, Finding, Quantity

TOUCHED, FREED, BESIDE = "touched", "freed", "beside"
_DEVICES = frozenset({Relation.HARDWARE, Relation.OEM_OF})
_ORDER = (TOUCHED, FREED, BESIDE)


@dataclass(frozen=True, slots=True)
class Touch:
    """One rule on one finding, as the side has it that it is told of: the second one, or the first of what is freed."""

    change: str
    finding: Finding
    rule: ConsequenceResult

    @property
    def level(self) -> Level:
        """The level that the rule gives."""
        return Level(self.rule.level)

    @property
    def regime(self) -> str:
        """The list it is keyed to."""
        return self.finding.listing.regime if self.finding.listing else ""


def touches(pair: Pair) -> list[Touch]:
    """What became of every rule of a pair; a rule that gives what it gave is not in it."""
    before, after = ({rule.id: rule for rule in row.consequences} if row else {} for row in (pair.before, pair.after))
    found = []
    for one in sorted(before.keys() | after.keys()):
        was, now = _weight(before.get(one)), _weight(after.get(one))
        if now < was and pair.after is not None:
            found.append(Touch(TOUCHED, pair.after, after[one]))
        elif now > was and pair.before is not None:
            found.append(Touch(FREED, pair.before, before[one]))
        elif one not in before and pair.after is not None:
            found.append(Touch(BESIDE, pair.after, after[one]))
    return found


def _weight(rule: ConsequenceResult | None) -> int:
    """Rank of a level that bears on us; one for all that do not, or are not there."""
    free = Level.UPCOMING.rank + 1
    return free if rule is None else min(Level(rule.level).rank, free)


def is_borne(level: str) -> bool:
    """Whether a level bears on us: something is forbidden, conditioned, open or to come."""
    return Level(level).rank <= Level.UPCOMING.rank


@dataclass(frozen=True, slots=True)
class Impact:
    """The sums of a comparison."""

    quantities: list[Quantity]
    days_until: int | None
    by_level: list[LevelImpact]
    by_rule: list[RuleImpact]


def impact_of(pairs: Iterable[Pair], *, as_of: date, judged: date) -> Impact:
    """Sum what is touched and freed.

    Args:
        pairs: Those that differ.
        as_of: Days are counted from here.
        judged: The day of the second side; what is in force then applies from then at the latest.
    """
    found = [touch for pair in pairs for touch in touches(pair)]
    bearing = [touch for touch in found if touch.change != BESIDE]
    days = [_days(touch, as_of, judged) for touch in bearing if touch.change == TOUCHED]
    return Impact(
        sums(touch.finding for touch in bearing),
        min((day for day in days if day is not None), default=None),
        _by_level(bearing),
        _by_rule(found, as_of, judged),
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


def _by_rule(found: list[Touch], as_of: date, judged: date) -> list[RuleImpact]:
    grouped: dict[tuple[str, str], list[Touch]] = defaultdict(list)
    for touch in found:
        grouped[touch.change, touch.rule.id].append(touch)
    rows = [_rule(change, group, as_of, judged) for (change, _), group in sorted(grouped.items())]
    return sorted(rows, key=lambda row: (_ORDER.index(row.change), Level(row.level).rank, row.rule))


def _rule(change: str, group: list[Touch], as_of: date, judged: date) -> RuleImpact:
    # Of equal levels, what is in force says more than what rests or is to come.
    worst = min(
        group,
        key=lambda one: (one.level.rank, list(ConsequenceStatus).index(_status(one.rule)), one.finding.id),
    )
    findings = {touch.finding.id: touch.finding for touch in group}
    days = [_days(touch, as_of, judged) for touch in group] if change != FREED else []
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
    days = [day for day in (touch.rule.applies_from, since) if day is not None]
    return max(days) if touch.rule.applies_from is not None else None


def _due(rule: ConsequenceResult) -> str | None:
    """The day that its duties give as the one on which it applies or comes back."""
    return next((duty.due for duty in rule.duties if duty.id == f"{rule.id}-date"), None)


def _days(touch: Touch, as_of: date, judged: date) -> int | None:
    """Days from as-of until the rule applies; 0 where it does, None where no date is known."""
    rule = touch.rule
    if rule.consequence_status == ConsequenceStatus.IN_FORCE:
        return max(0, (judged - as_of).days)
    due = _due(rule) or (rule.applies_from if rule.consequence_status == ConsequenceStatus.UPCOMING else None)
    return None if due is None else max(0, (date.fromisoformat(due) - as_of).days)


def _done_before(group: list[Touch]) -> list[Quantity]:
    """Acts of days on which the party was not listed, or the rule not in force."""
    by_artefact = {_key(touch.finding.artefact): touch.rule for touch in group}
    measures: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for rule in by_artefact.values():
        for act in rule.acts:
            if act.consequence_status in (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.UPCOMING):
                for item in act.quantities:
                    measures[item.unit, item.what] += Decimal(item.amount)
    return quantities(measures)


def _key(artefact: Artefact) -> tuple[str, str, str]:
    """What makes an artefact count once: several findings may rest on it, one for each list."""
    return artefact.kind, artefact.value, artefact.relation
