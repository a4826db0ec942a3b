"""One consequence for one exposure: standing now, standing on the day of each act, level, duties, questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta
from typing import TYPE_CHECKING

import msgspec

from beholden.kb.law import ConsequenceState, consequence_state
from beholden.kb.ownership import Coverage
from beholden.policy.conduct import STANDING
from beholden.policy.exposure import Exposure, Measure, plain
from beholden.policy.level import Facts, level_of
from beholden.policy.reach import Behind, Holding, Reach
from beholden.schema.result import Act, ConsequenceResult, Duty, Quantity
from beholden.schema.vocabulary import Conduct, ConsequenceStatus, Effect, Level, ListingStatus, Relation, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Consequence, Designation, RuleDuty


MAX_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """What every consequence of one finding is judged on."""

    kb: KnowledgeBase
    reach: Reach
    exposure: Exposure
    behind: Behind
    conduct: frozenset[Conduct]
    roles: frozenset[Role] | None
    as_of: date
    known_at: date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A consequence with what it rests on; `status` is the rule's on the day that decides the level."""

    result: ConsequenceResult
    level: Level
    status: ConsequenceStatus
    holding: Holding
    questions: tuple[str, ...]
    rule: Consequence


@dataclass(frozen=True, slots=True)
class _Part:
    """The standing relation (`day` None) or the acts of one day."""

    day: date | None
    level: Level
    confirmed: Level | None
    status: ConsequenceStatus
    measures: Counter[Measure]
    is_open: bool
    holding: Holding
    state: ConsequenceState
    is_listed: bool = True


def is_bound(consequence: Consequence, roles: frozenset[Role] | None) -> bool | None:
    """Whether a rule binds one of our roles; None without a profile."""
    return None if roles is None else any(role in roles for role in consequence.binds)


def judge(situation: Situation, consequence: Consequence) -> Judged | None:
    """Judge one consequence; None where the party was not listed at any time that matters."""
    scoped = consequence.scope_entities
    if scoped and situation.behind.entity_id not in scoped:
        return None
    asked = _open_exceptions(situation, consequence)
    parts = [part for part in _parts(situation, consequence, bool(asked)) if part is not None]
    if not parts or not (any(part.is_listed for part in parts) or _is_listed_at(situation, situation.as_of)):
        return None
    worst = min(parts, key=lambda part: (part.level.rank, (part.confirmed or part.level).rank, -_ordinal(part.day)))
    questions = (*_questions(situation, consequence, worst), *(asked if worst.level is Level.REVIEW else ()))
    result = ConsequenceResult(
        id=consequence.id,
        level=worst.level,
        level_if_confirmed=worst.confirmed,
        consequence_status=_status_now(situation, consequence, worst),
        applies_from=_iso(consequence.applies_from),
        until=_iso(worst.state.until if worst.status is not ConsequenceStatus.UPCOMING else None),
        effect=consequence.effect or "unknown",
        binds=list(consequence.binds),
        binds_you=is_bound(consequence, situation.roles),
        citation=consequence.citation,
        exceptions=[msgspec.to_builtins(item) for item in consequence.exceptions],
        duties=list(_duties(consequence, worst, situation.as_of)),
        acts=_acts(parts),
        grade=consequence.grade,
    )
    return Judged(result, worst.level, worst.status, worst.holding, questions, consequence)


def _status_now(situation: Situation, consequence: Consequence, worst: _Part) -> ConsequenceStatus:
    """The rule's standing at the as-of date, whatever it was when the deciding act was done; `acts` say that."""
    if worst.day is None:
        return worst.status
    listing = situation.reach.state(situation.behind.regime, situation.behind.entity_id, situation.as_of)
    return consequence_state(
        situation.kb,
        consequence,
        designation=listing.designation,
        entity_id=situation.behind.entity_id,
        as_of=situation.as_of,
        known_at=situation.known_at,
    ).status


def _parts(situation: Situation, consequence: Consequence, is_asked: bool) -> Iterable[_Part | None]:
    exposure, as_of = situation.exposure, situation.as_of
    # What has no day is judged as it stands, whatever the relation: its own date is not known.
    stands = None in exposure.acts or (exposure.relation in STANDING and exposure.first_seen is None)
    recent = a_year_before(as_of)
    days = sorted(day for day in exposure.acts if day is not None)
    if stands or any(recent < day <= as_of for day in days):
        yield _part(situation, consequence, None, exposure.acts.get(None, Counter()), is_asked)
    for day in days:
        yield _part(situation, consequence, day, exposure.acts[day], is_asked)


def _ordinal(day: date | None) -> int:
    """The later of two equal parts decides; the standing one before all."""
    return date.max.toordinal() + 1 if day is None else day.toordinal()


def is_past(exposure: Exposure, as_of: date) -> bool:
    """Whether the records last saw it more than a year before: whether it still stands is a question."""
    return exposure.last_seen is not None and exposure.last_seen.date() <= a_year_before(as_of)


def a_year_before(day: date) -> date:
    """Acts of the twelve months before as-of also stand for the relation as it is."""
    if day.year == MINYEAR:
        return date.min
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _part(
    situation: Situation, consequence: Consequence, day: date | None, measures: Counter[Measure], is_asked: bool
) -> _Part | None:
    exposure, behind = situation.exposure, situation.behind
    at = day or situation.as_of
    if not _is_listed_at(situation, at):
        # Acts before the listing are shown with it, as what they were: not covered by anything then.
        if day is None:
            return None
        state, holding = ConsequenceState(ConsequenceStatus.NOT_IN_FORCE), Holding(Coverage.NOT_COVERED)
        return _Part(day, Level.INFO, None, state.status, measures, False, holding, state, is_listed=False)
    listing = situation.reach.state(behind.regime, behind.entity_id, at)
    holding = situation.reach.holding(exposure.operator_id, behind, consequence, at)
    state = consequence_state(
        situation.kb,
        consequence,
        designation=listing.designation,
        entity_id=behind.entity_id,
        as_of=at,
        known_at=situation.known_at,
    )
    state = _with_ownership_rule(state, holding)
    is_open = (
        not exposure.is_confirmed
        or (day is None and is_past(exposure, situation.as_of))
        or holding.coverage is Coverage.UNKNOWN
        or is_asked
        or _is_brand_level(listing.designation)
    )
    level, confirmed = level_of(
        Facts(
            listing=listing.effective,
            consequence=state.status,
            by_text=state.by_text,
            effect=Effect(consequence.effect) if consequence.effect else None,
            is_bound=is_bound(consequence, situation.roles) is not False,
            is_covered_conduct=bool(situation.conduct.intersection(Conduct(word) for word in consequence.conduct)),
            is_reached=holding.coverage is not Coverage.NOT_COVERED,
            is_open=is_open,
        )
    )
    return _Part(day, level, confirmed, state.status, measures, is_open, holding, state)


def _is_listed_at(situation: Situation, day: date) -> bool:
    """Whether the party was (or had been) on the list that day, and stood behind the operator."""
    behind = situation.behind
    listing = situation.reach.state(behind.regime, behind.entity_id, day)
    return listing.effective in (ListingStatus.LISTED, ListingStatus.DELISTED) and situation.reach.stands_behind(
        situation.exposure.operator_id, behind, day
    )


def _with_ownership_rule(state: ConsequenceState, holding: Holding) -> ConsequenceState:
    """A covered-by-ownership case stands no better than the ownership rule it rests on."""
    own = holding.status
    if own is None or own.status is ConsequenceStatus.IN_FORCE or state.status is not ConsequenceStatus.IN_FORCE:
        return state
    return own


def _is_brand_level(designation: Designation | None) -> bool:
    return designation is not None and designation.certainty != "confirmed"


def _open_exceptions(situation: Situation, consequence: Consequence) -> tuple[str, ...]:
    relation = situation.exposure.relation
    return tuple(
        item.question or item.text
        for item in consequence.exceptions
        if item.effect == "ask" and (not item.applies_to or relation in item.applies_to)
    )


def _questions(situation: Situation, consequence: Consequence, part: _Part) -> Iterable[str]:
    if part.level is not Level.REVIEW:
        return
    exposure, behind = situation.exposure, situation.behind
    if not exposure.is_confirmed:
        open_matches = list(dict.fromkeys(match["question"] for match in exposure.matches if match["question"]))
        yield from open_matches[:MAX_QUESTIONS]
        if len(open_matches) > MAX_QUESTIONS:
            yield f"{len(open_matches) - MAX_QUESTIONS} more questions of this kind; see the artefact's values."
        if not open_matches:
            yield _intent_question(exposure)
    if part.day is None and is_past(exposure, situation.as_of) and exposure.last_seen is not None:
        yield f"Last seen on {exposure.last_seen.date()}: is it still in use?"
    listing = situation.reach.state(behind.regime, behind.entity_id, part.day or situation.as_of)
    if _is_brand_level(listing.designation) and listing.designation is not None and listing.designation.question:
        yield listing.designation.question
    if part.holding.coverage is Coverage.UNKNOWN:
        yield _share_question(situation, part.holding)
    if part.status is ConsequenceStatus.UNKNOWN:
        flip = f" after {consequence.next_flip}" if consequence.next_flip else ""
        yield f"What is the standing of {consequence.id}{flip}? Check {consequence.citation or behind.regime.title}."


def _intent_question(exposure: Exposure) -> str:
    if exposure.relation is Relation.SERVICE_ENDPOINT:
        return f"Names below {exposure.key[1]} were looked up or tried: was anything sent there?"
    return f"Is {exposure.key[1]} really in use?"


def _share_question(situation: Situation, holding: Holding) -> str:
    operator = situation.kb.entity(situation.exposure.operator_id)
    listed = situation.kb.entity(situation.behind.entity_id)
    names = (operator.caption if operator else "?", listed.caption if listed else "?")
    if holding.question is not None:
        return holding.question
    if holding.rule is None:
        return f"Does the entry of {names[1]} on this list also mean {names[0]}?"
    return f"What share or control do listed parties (such as {names[1]}) hold over {names[0]}?"


def _acts(parts: list[_Part]) -> list[Act]:
    """Days of one status after another become one interval with their sums."""
    acts: list[Act] = []
    sums: Counter[Measure] = Counter()
    dated = [part for part in parts if part.day is not None]
    for index, part in enumerate(dated):
        if index == 0 or part.status is not dated[index - 1].status:
            sums = Counter()
            acts.append(Act(from_=_iso(part.day), to=None, consequence_status=part.status))
        for measure, amount in part.measures.items():
            sums[measure] += amount
        acts[-1].to = _iso(part.day)
        acts[-1].quantities = quantities(sums)
    return acts


def quantities(measures: Mapping[Measure, Decimal | int]) -> list[Quantity]:
    """Measures as the document has them, sorted by what and unit."""
    ordered = sorted(measures.items(), key=lambda item: (item[0][1], item[0][0]))
    return [Quantity(amount=plain(amount), unit=unit, what=what) for (unit, what), amount in ordered]


def _duties(consequence: Consequence, part: _Part, as_of: date) -> Iterable[Duty]:
    if part.level in (Level.PROHIBITED, Level.RESTRICTED, Level.REVIEW):
        for duty in consequence.duties:
            yield Duty(
                id=duty.id,
                text=duty.text,
                citation=duty.citation,
                days=duty.days,
                calendar=duty.calendar,
                due=_iso(_due(duty, as_of)),
            )
    if part.level is Level.UPCOMING and part.state.until is not None and part.state.until > as_of:
        days = (part.state.until - as_of).days
        what = "applies" if part.status is ConsequenceStatus.UPCOMING else "is due to come back"
        yield Duty(
            id=f"{consequence.id}-date",
            text=f"{consequence.id} {what} on {part.state.until}, in {days} days",
            citation=consequence.citation,
            days=days,
            calendar="calendar",
            due=_iso(part.state.until),
        )


def _due(duty: RuleDuty, as_of: date) -> date | None:
    if duty.date is not None or duty.days is None:
        return duty.date
    try:
        return _after(as_of, duty.days, is_business=duty.calendar == "business")
    except OverflowError:  # the calendar ends with the year 9999
        return None


def _after(day: date, days: int, *, is_business: bool) -> date:
    if not is_business:
        return day + timedelta(days=days)
    while days:
        day += timedelta(days=1)
        # Public holidays differ by authority; weekends do not.
        days -= day.weekday() < 5
    return day


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
