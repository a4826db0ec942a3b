"""How much the differences are: money, bytes, devices and packages, per level and per rule, and from which day on.

Each artefact counts once in every sum, with what the rule can be about: acts that an exception takes out are not in it,
nor acts that stay as they were judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.policy.amounts import quantities
from beholden.policy.touches import (
    BESIDE,
    FREE,
    FREED,
    TOUCHED,
    Measures,
    Touch,
    key_of,
    rank_of,
    still_through,
    total,
    touches,
)
from beholden.schema.comparison import LevelImpact, RuleImpact
from beholden.schema.vocabulary import ConsequenceStatus, Kind, Level, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.policy.difference import Pair
    from beholden.schema.result import Act, Artefact, ConsequenceResult, Finding, Quantity

_DEVICES = frozenset({Relation.HARDWARE, Relation.OEM_OF})
_ORDER = (TOUCHED, FREED, BESIDE)


@dataclass(frozen=True, slots=True)
class Impact:
    """The sums of a comparison."""

    quantities: list[Quantity]
    days_until: int | None
    by_level: list[LevelImpact]
    by_rule: list[RuleImpact]
    still: dict[str, list[str]]


def impact_of(pairs: Iterable[Pair], *, as_of: date) -> Impact:
    """Sum what is touched and freed.

    Args:
        pairs: All of them, also those that are the same on both sides.
        as_of: Days are counted from here.
    """
    joined = list(pairs)
    found = touches(joined)
    bearing = [touch for touch in found if touch.change != BESIDE]
    days = [_days(touch, as_of) for touch in bearing if touch.change == TOUCHED]
    return Impact(
        sums(bearing),
        min((day for day in days if day is not None), default=None),
        _by_level(bearing),
        _by_rule(found, as_of),
        still_through(joined),
    )


def sums(touched: Iterable[Touch]) -> list[Quantity]:
    """Quantities of the artefacts of some findings, with devices and packages counted as such."""
    listed = list(touched)
    measures: Measures = defaultdict(Decimal)
    artefacts = {key_of(touch.finding.artefact): touch.finding.artefact for touch in listed if touch.acts is None}
    for (unit, what), amount in _most(touch for touch in listed if key_of(touch.finding.artefact) not in artefacts):
        measures[unit, what] += amount
    left_out = _least((key_of(touch.finding.artefact), _not_covered(touch)) for touch in listed if touch.acts is None)
    hardware = {(one.kind, one.value): one for one in artefacts.values() if one.relation in _DEVICES}
    packages = {(one.kind, one.value): one for one in artefacts.values() if one.kind == Kind.PURL}
    for key, artefact in artefacts.items():
        for item in artefact.quantities:
            amount = Decimal(item.amount) - left_out[key].get((item.unit, item.what), Decimal(0))
            if amount or not Decimal(item.amount):
                measures[item.unit, item.what] += amount
    for what, counted in (("devices", hardware), ("packages", packages)):
        if counted:
            measures["1", what] += sum(map(_distinct, counted.values()))
    return quantities(measures)


def _most(touched: Iterable[Touch]) -> Iterator[tuple[tuple[str, str], Decimal]]:
    """Of acts alone: per artefact the most that any rule covers."""
    found: dict[tuple[str, str, str], Measures] = {}
    for touch in touched:
        known = found.setdefault(key_of(touch.finding.artefact), {})
        for one, amount in (touch.acts or {}).items():
            known[one] = max(amount, known.get(one, amount))
    for measures in found.values():
        yield from measures.items()


def _not_covered(touch: Touch) -> Measures:
    """What of an artefact a rule is not about: acts that an exception takes out, and acts that stay as they were."""
    acts = [act for act in touch.rule.acts if act.excepted_by is not None and not _touches(act)]
    if touch.change == FREED:
        acts += _kept(touch)
    return total(acts)


def _kept(touch: Touch) -> list[Act]:
    """Of what is freed: acts done while the rule applied. They stay as they were judged."""
    acts = touch.other.acts if touch.other is not None and touch.acts is None else []
    was = {act.from_: act.level for act in touch.rule.acts if act.level}
    return [one for one in acts if _touches(one) and rank_of(one.level) <= rank_of(was.get(one.from_, touch.level))]


def _touches(act: Act) -> bool:
    return bool(act.level) and Level(act.level).rank < FREE


def _least(rows: Iterable[tuple[tuple[str, str, str], Measures]]) -> dict[tuple[str, str, str], Measures]:
    """Per artefact what no rule is about: the least that any of them leaves out."""
    found: dict[tuple[str, str, str], Measures] = {}
    for key, measures in rows:
        before = found.get(key)
        shared = measures.keys() if before is None else measures.keys() & before.keys()
        found[key] = {one: measures[one] if before is None else min(measures[one], before[one]) for one in shared}
    return found


def _distinct(artefact: Artefact) -> int:
    """How many there are; what is recorded by its maker's name has no address of its own and counts as recorded."""
    return artefact.count if artefact.kind == Kind.NAME else artefact.values.distinct


def _by_level(bearing: list[Touch]) -> list[LevelImpact]:
    """Each finding once per change, at the worst level of the rules that changed."""
    worst: dict[tuple[str, str], Touch] = {}
    every: dict[tuple[str, str], list[Touch]] = defaultdict(list)
    for touch in bearing:
        key = (touch.change, touch.finding.id)
        every[key].append(touch)
        if key not in worst or touch.level.rank < worst[key].level.rank:
            worst[key] = touch
    grouped: dict[tuple[str, Level], list[Touch]] = defaultdict(list)
    for (change, _), touch in sorted(worst.items()):
        grouped[change, touch.level].append(touch)
    return [
        LevelImpact(
            change=change,
            level=level,
            findings=len(rows),
            impact=sums(rows),
            # What was done before one of its rules may be what another was in force for.
            done_before=_done_before([one for row in rows for one in every[change, row.finding.id]]),
            kept=_kept_by([one for row in rows for one in every[change, row.finding.id]]),
        )
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
    # Of those at that level, the first to apply says from when.
    first = min((touch for touch in group if touch.level == worst.level), key=lambda one: _first(one, as_of))
    whys = {touch.rule.why for touch in group}
    return RuleImpact(
        change=change,
        rule=worst.rule.id,
        regime=worst.regime,
        level=worst.level,
        effect=worst.rule.effect,
        binds=worst.rule.binds,
        binds_you=None if None in binds else any(binds),
        consequence_status=worst.rule.consequence_status,
        applies_from=_applies_from(first),
        days_until=min((day for day in days if day is not None), default=None),
        citation=worst.rule.citation,
        findings=len(findings),
        levels={level.value: number for level in Level if (number := counts[level])},
        impact=sums(group),
        done_before=_done_before(group),
        kept=_kept_by(group),
        why=whys.pop() if len(whys) == 1 else "",
    )


def _first(touch: Touch, as_of: date) -> tuple[bool, int, str, str]:
    days = _days(touch, as_of)
    return days is None, days or 0, _applies_from(touch) or "", touch.finding.id


def _status(rule: ConsequenceResult) -> ConsequenceStatus:
    return ConsequenceStatus(rule.consequence_status)


def _applies_from(touch: Touch) -> str | None:
    """The later of the rule's own day and the entry's; where the rule rests, the day it is due to come back."""
    due = _due(touch.rule)
    if due is not None:
        return due
    if _status(touch.rule) not in (ConsequenceStatus.IN_FORCE, ConsequenceStatus.UPCOMING):
        return None
    return begins(touch.finding, touch.rule)


def begins(finding: Finding, rule: ConsequenceResult) -> str | None:
    """The first day on which a rule can be about a finding: it applies, the party is listed, the stakes are held."""
    since = finding.listing.since if finding.listing else None
    # Through shares it applies from the day on which the last stake of the line was held.
    held = [hop.valid_from for hop in finding.path if hop.hop.startswith("owned_by")]
    days = [day for day in (rule.applies_from, since, *held) if day is not None]
    return max(days) if rule.applies_from is not None else None


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
    return _shared(
        (touch, [act for act in touch.rule.acts if _is_before(act, touch.change)])
        for touch in group
        if touch.acts is None
    )


def _kept_by(group: list[Touch]) -> list[Quantity]:
    return _shared((touch, _kept(touch)) for touch in group if touch.change == FREED)


def _shared(rows: Iterable[tuple[Touch, list[Act]]]) -> list[Quantity]:
    """Sums of acts per artefact, of several rules the least: what all of them say."""
    least = _least((key_of(touch.finding.artefact), total(acts)) for touch, acts in rows)
    measures: Measures = defaultdict(Decimal)
    for sums_of_one in least.values():
        for one, amount in sums_of_one.items():
            measures[one] += amount
    return quantities({one: amount for one, amount in measures.items() if amount})


def _is_before(act: Act, change: str) -> bool:
    if act.excepted_by is not None:
        return False  # it is in no sum
    # Of what bears on nobody here, the level of an act says nothing about its day.
    if act.level and change != BESIDE:
        return act.level in (Level.INFO, Level.UPCOMING)
    # Results of earlier versions tell the standing of the rule only.
    return act.consequence_status in (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.UPCOMING)
