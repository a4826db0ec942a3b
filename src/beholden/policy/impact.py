"""How much the differences are: money, bytes, devices and packages, per level and per rule, and from which day on.

A rule *touches* a finding at the levels prohibited, restricted, review and upcoming. It newly touches where it did not,
or gave a better level; it frees where it no longer does, or gives a better one. Each artefact counts once in every sum,
with what the rule can be about: acts that an exception takes out are not in it, nor acts that stay as they were judged.
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
    from collections.abc import Iterable, Iterator

    from beholden.policy.difference import Pair
    from beholden.schema.result import Act, Artefact, ConsequenceResult, Finding, Quantity

TOUCHED, FREED, BESIDE = "touched", "freed", "beside"
_DEVICES = frozenset({Relation.HARDWARE, Relation.OEM_OF})
_ORDER = (TOUCHED, FREED, BESIDE)
_FREE = Level.UPCOMING.rank + 1  # one rank for all levels that do not bear on us, and for rules that are not there
_NOTHING = (_FREE, _FREE)
_Measures = dict[tuple[str, str], Decimal]
_ArtefactRule = tuple[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Touch:
    """One rule on one finding, as the side has it that it is told of: the second one, or the first of what is freed."""

    change: str
    finding: Finding
    rule: ConsequenceResult
    on: date | None = None
    other: ConsequenceResult | None = None  # the same rule on the other side
    acts: _Measures | None = None  # what was done then, where nothing that stands differs; None: the whole artefact

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
    if old is None or new is None or _total(old.acts) != _total(new.acts):
        return None  # other records: what they add is no change of the law
    more, less = (_acts_alone(one, other) for one, other in ((new, old), (old, new)))
    return TOUCHED if more else FREED if less else None


def _acts_alone(rule: ConsequenceResult, other: ConsequenceResult | None) -> _Measures | None:
    """What was done under the rule on this side only; None where what stands differs too, or acts do not tell."""
    if other is None or _weight(rule)[0] != _weight(other)[0]:
        return None
    bar = min(_rank(rule.level), _rank(other.level), _FREE - 1)
    here, there = (_total(act for act in one.acts if act.level and _rank(act.level) <= bar) for one in (rule, other))
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
                through[_key(row.artefact), rule.id].add((row.id, row.listed_entity.caption))
    found: dict[str, set[str]] = defaultdict(set)
    for pair in joined:
        if pair.before is None:
            continue
        new = {rule.id: rule for rule in pair.after.consequences} if pair.after else {}
        for old in pair.before.consequences:
            now = _weight(new[old.id]) if old.id in new else _NOTHING
            if _weight(old) < now == _NOTHING:
                others = through[_key(pair.before.artefact), old.id]
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
    measures: _Measures = defaultdict(Decimal)
    artefacts = {_key(touch.finding.artefact): touch.finding.artefact for touch in listed if touch.acts is None}
    for (unit, what), amount in _most(touch for touch in listed if _key(touch.finding.artefact) not in artefacts):
        measures[unit, what] += amount
    left_out = _least((_key(touch.finding.artefact), _not_covered(touch)) for touch in listed if touch.acts is None)
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
    found: dict[tuple[str, str, str], _Measures] = {}
    for touch in touched:
        known = found.setdefault(_key(touch.finding.artefact), {})
        for one, amount in (touch.acts or {}).items():
            known[one] = max(amount, known.get(one, amount))
    for measures in found.values():
        yield from measures.items()


def _not_covered(touch: Touch) -> _Measures:
    """What of an artefact a rule is not about: acts that an exception takes out, and acts that stay as they were."""
    acts = [act for act in touch.rule.acts if act.excepted_by is not None and not _touches(act)]
    if touch.change == FREED:
        acts += _kept(touch)
    return _total(acts)


def _kept(touch: Touch) -> list[Act]:
    """Of what is freed: acts done while the rule applied. They stay as they were judged."""
    acts = touch.other.acts if touch.other is not None and touch.acts is None else []
    was = {act.from_: act.level for act in touch.rule.acts if act.level}
    return [one for one in acts if _touches(one) and _rank(one.level) <= _rank(was.get(one.from_, touch.level))]


def _touches(act: Act) -> bool:
    return bool(act.level) and Level(act.level).rank < _FREE


def _total(acts: Iterable[Act]) -> _Measures:
    measures: _Measures = defaultdict(Decimal)
    for act in acts:
        for item in act.quantities:
            measures[item.unit, item.what] += Decimal(item.amount)
    return measures


def _least(rows: Iterable[tuple[tuple[str, str, str], _Measures]]) -> dict[tuple[str, str, str], _Measures]:
    """Per artefact what no rule is about: the least that any of them leaves out."""
    found: dict[tuple[str, str, str], _Measures] = {}
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
    for touch in bearing:
        key = (touch.change, touch.finding.id)
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
            done_before=_done_before(rows),
            kept=_kept_by(rows),
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
    new = [touch for touch in group if touch.acts is None]
    by_artefact = {_key(touch.finding.artefact): touch.rule for touch in new}
    return quantities(_total(act for rule in by_artefact.values() for act in rule.acts if _is_before(act)))


def _kept_by(group: list[Touch]) -> list[Quantity]:
    by_artefact = {_key(touch.finding.artefact): touch for touch in group if touch.change == FREED}
    return quantities(_total(act for touch in by_artefact.values() for act in _kept(touch)))


def _is_before(act: Act) -> bool:
    if act.excepted_by is not None:
        return False  # it is in no sum
    if act.level:
        return act.level in (Level.INFO, Level.UPCOMING)
    # Results of earlier versions tell the standing of the rule only.
    return act.consequence_status in (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.UPCOMING)


def _key(artefact: Artefact) -> tuple[str, str, str]:
    """What makes an artefact count once: several findings may rest on it, one for each list."""
    return artefact.kind, artefact.value, artefact.relation
