"""One consequence for one exposure: standing now, standing on the day of each act, level, acts, what it rests on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.kb.law import ConsequenceState
from beholden.kb.ownership import Coverage
from beholden.policy.amounts import quantities
from beholden.policy.answers import question_id
from beholden.policy.days import a_year_before, iso
from beholden.policy.duties import duties_of
from beholden.policy.facts import Excepted, Fact, excepted
from beholden.policy.level import Facts, level_of
from beholden.policy.questions import entry_meant, listed_then, produced_in, share_met, standing_of, still_in_use
from beholden.policy.reach import Holding
from beholden.policy.readings import readings
from beholden.schema.result import Act, ConsequenceResult
from beholden.schema.vocabulary import Conduct, ConsequenceStatus, Effect, Level, ListingStatus, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.kb.listing import ListingState
    from beholden.policy.situation import Situation
    from beholden.policy.terms import Measure, Terms
    from beholden.schema.acceptance import Asked, AuthorisationUse
    from beholden.schema.rows import Consequence, OwnershipRule


@dataclass(frozen=True, slots=True)
class Judged:
    """A consequence with what it rests on.

    Attributes:
        status: The rule's on the day that decides the level.
        questions: What is open.
        asked: The same, what was answered where it matters for the level, and who of a name is meant where it does not.
        conduct: What was done in the part that decides.
        lifted: Why an act that the rule would cover is not covered; None: it is, or nothing lifts it.
        day: Of the act that decides, done while the party was listed; None: what stands today decides.
        settled: Answers that the level rests on, as parts of a sentence.
        is_passed_on: Whether the rule, which binds others, reaches a role of ours through our dealings with them.
        is_untold: Whether nothing that we hold says if the party was listed when it was done.
        is_asked: Whether it is open if the party was listed on the day that decides; `status` is then the rule's alone.
        through: The ownership rule through which it reaches the operator, where the status is that one's.
        readings: All who have the name that was printed, where it does not matter for the level who of them is meant.
    """

    result: ConsequenceResult
    level: Level
    status: ConsequenceStatus
    holding: Holding
    questions: tuple[str, ...]
    asked: tuple[Asked, ...]
    rule: Consequence
    lifted: str | None
    day: date | None
    conduct: frozenset[Conduct]
    settled: tuple[str, ...]
    is_passed_on: bool
    is_untold: bool
    is_asked: bool
    through: str | None
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The standing relation (its terms have no day) or the acts of one day under the same terms."""

    terms: Terms
    level: Level
    confirmed: Level | None
    status: ConsequenceStatus
    measures: Counter[Measure]
    holding: Holding
    state: ConsequenceState
    facts: tuple[Fact, ...] = ()
    excepted: Excepted | None = None
    is_relevant: bool = False  # Whether the rule would touch it but for exceptions, answers and what is open
    is_listed: bool = True
    is_asked: bool = False  # whether the party was listed is what is open
    through: str | None = None  # the ownership rule whose standing this is, where that is not in force
    readings: tuple[str, ...] = ()

    @property
    def lifted_by(self) -> tuple[str, str] | None:
        """Id and reason of what takes the part out of a rule that would cover it."""
        if not self.is_relevant:
            return None
        if self.excepted is not None and self.excepted.by is not None:
            return self.excepted.by, self.excepted.because or ""
        no = next((item for item in self.facts if item.is_covered is False), None)
        if no is None:
            return None
        one = no.asked
        return one.id, no.because or f"answered “{one.answer}” to “{one.text}” ({one.source})"


def is_bound(consequence: Consequence, roles: frozenset[Role] | None) -> bool | None:
    """Whether a rule binds one of our roles; None without a profile."""
    return None if roles is None else any(role in roles for role in consequence.binds)


def touches(situation: Situation, consequence: Consequence) -> bool:
    """Whether a rule binds a role of ours and is about what we do at all."""
    is_ours = is_bound(consequence, situation.roles) is not False
    return is_ours and bool(situation.conduct.intersection(map(Conduct, consequence.conduct)))


def is_passed_on(consequence: Consequence, roles: frozenset[Role] | None) -> bool:
    """Whether a rule that binds others reaches a role of ours through our dealings with them."""
    return roles is not None and not roles.isdisjoint(map(Role, consequence.reaches))


def judge(situation: Situation, consequence: Consequence) -> Judged | None:
    """Judge one consequence; None where the party was not listed at any time that matters."""
    scoped = consequence.scope_entities
    if scoped and situation.behind.entity_id not in scoped:
        return None
    parts = [part for part in _parts(situation, consequence) if part is not None]
    if not parts or not (any(part.is_listed for part in parts) or situation.is_listed_at(situation.as_of)):
        return None
    worst = min(
        parts, key=lambda part: (part.level.rank, (part.confirmed or part.level).rank, -_ordinal(part.terms.day))
    )
    held = _held(parts)
    now = _state_now(situation, consequence, worst)
    result = ConsequenceResult(
        id=consequence.id,
        level=worst.level,
        level_if_confirmed=worst.confirmed,
        consequence_status=now.status,
        applies_from=_applies_from(situation, consequence, worst),
        until=iso(now.until if now.status is not ConsequenceStatus.UPCOMING else None),
        effect=consequence.effect or "unknown",
        binds=list(consequence.binds),
        binds_you=is_bound(consequence, situation.roles),
        citation=consequence.citation,
        exceptions=_exceptions(situation, consequence, worst.excepted),
        authorisations=held,
        duties=list(duties_of(consequence, worst.level, worst.state.status, worst.state, held, situation.as_of)),
        acts=_acts(parts),
        grade=consequence.grade,
        standing_level=min((part.level for part in parts if part.terms.day is None), key=_rank, default=None),
        reaches_you=is_passed_on(consequence, situation.roles),
    )
    # The worst part's first; what is open about other days, or took them out, is told too.
    told = [worst, *(part for part in parts if part is not worst)]
    waiting = {
        item.asked.id: item
        for part in reversed(told)
        for item in (part.facts if part.level is Level.REVIEW else ())
        if item.is_covered is None
    }
    answered = {
        item.asked.id: item
        for part in reversed(told)
        for item in part.facts
        if item.is_covered is not None and item.because is None and part.is_relevant
    }
    identity = situation.exposure.identity
    if worst.readings and worst.level is not Level.INFO and identity is not None and identity.is_covered is None:
        # The level does not wait for who is meant, and whoever knows can say so.
        answered.setdefault(identity.asked.id, identity)
    lifted = worst.lifted_by
    return Judged(
        result=result,
        level=worst.level,
        status=worst.state.status if worst.is_asked else worst.status,
        holding=worst.holding,
        questions=tuple(text for item in waiting.values() for text in item.questions),
        asked=tuple(item.asked for item in (*waiting.values(), *answered.values())),
        rule=consequence,
        lifted=lifted[1] if lifted else None,
        day=worst.terms.day if worst.is_listed else None,
        conduct=situation.conduct_under(worst.terms),
        settled=tuple(f"{item.asked.answer}, says {item.asked.source}" for item in worst.facts if item.is_covered),
        is_passed_on=is_passed_on(consequence, situation.roles),
        is_untold=not worst.is_listed and worst.status is ConsequenceStatus.UNKNOWN,
        is_asked=worst.is_asked,
        through=worst.through,
        readings=worst.readings,
    )


def _applies_from(situation: Situation, consequence: Consequence, worst: _Part) -> str | None:
    """The day the rule begins for the entry; none where the rule was not public yet."""
    known = consequence.applies_from if consequence.is_known(situation.known_at) else None
    return iso(worst.state.applies_from or known)


def _state_now(situation: Situation, consequence: Consequence, worst: _Part) -> ConsequenceState:
    """The rule's standing at the as-of date, whatever it was when the deciding act was done; `acts` say that."""
    if worst.terms.day is None:
        return worst.state
    exposure, behind, today = situation.exposure, situation.behind, situation.as_of
    holding = situation.reach.holding(exposure.operator_id, behind, consequence, today)
    return holding.limit(situation.standing(consequence, behind, today))


def _parts(situation: Situation, consequence: Consequence) -> Iterable[_Part | None]:
    exposure, as_of = situation.exposure, situation.as_of
    undated = {terms: measures for terms, measures in exposure.acts.items() if terms.day is None}
    dated = sorted((terms for terms in exposure.acts if terms.day is not None), key=_by_day)
    # What has no day is judged as it stands, whatever the relation: its own date is not known.
    if not undated:
        # Acts of the last twelve months also stand for the relation, under the terms they were done.
        recent = a_year_before(as_of)
        undated = {_as_standing(terms): Counter() for terms in dated if terms.day and recent < terms.day <= as_of}
    for terms in sorted(undated, key=_by_day):
        yield _part(situation, consequence, terms, undated.get(terms, Counter()))
    for terms in dated:
        yield _part(situation, consequence, terms, exposure.acts[terms])


def _rank(level: Level) -> int:
    return level.rank


def _as_standing(terms: Terms) -> Terms:
    """What an act of last year says of today: who paid still does, and who bought a security holds it."""
    is_dealing = terms.act in ("bought", "sold", "invested")
    return terms._replace(day=None, act="held" if is_dealing else terms.act)


def _by_day(terms: Terms) -> tuple[date, tuple[str, ...]]:
    return terms.day or date.min, tuple(str(part or "") for part in terms[1:])


def _ordinal(day: date | None) -> int:
    """The later of two equal parts decides; the standing one before all."""
    return date.max.toordinal() + 1 if day is None else day.toordinal()


def _part(situation: Situation, consequence: Consequence, terms: Terms, measures: Counter[Measure]) -> _Part | None:
    exposure, behind = situation.exposure, situation.behind
    at = terms.day or situation.as_of
    is_open = situation.is_open_at(at)
    # Where nothing says what last stood, an act asks whether the party was listed; what stands makes no finding.
    if not situation.is_listed_at(at) and (terms.day is None or not is_open):
        # Acts before the listing are shown with it, as what they were: not covered by anything then.
        if terms.day is None:
            return None
        status = ConsequenceStatus.UNKNOWN if situation.is_untold_at(at) else ConsequenceStatus.NOT_IN_FORCE
        state, holding = ConsequenceState(status), Holding(Coverage.NOT_COVERED)
        return _Part(terms, Level.INFO, None, state.status, measures, holding, state, is_listed=False)
    listing = situation.reach.state(behind.regime, behind.entity_id, at)
    holding = situation.reach.holding(exposure.operator_id, behind, consequence, at)
    state = holding.limit(situation.standing(consequence, behind, at))
    found = excepted(situation, consequence, terms, at)
    was_listed = listed_then(situation, listing) if is_open else None
    meant = readings(situation, consequence, terms)
    facts = list(_facts(situation, consequence, terms, listing, was_listed, holding))
    facts = [item for item in facts if not (meant and item is exposure.identity)]
    stated, own = state.status, _own_rule(situation, state, holding)
    if state.status is ConsequenceStatus.UNKNOWN:
        standing, answer = standing_of(situation, own or consequence, state)
        facts.append(standing)
        state = ConsequenceState(answer) if answer else state
    facts.extend(found.facts)
    roles = situation.roles_under(terms)
    binds = is_bound(consequence, roles) is not False
    is_covered = bool(situation.conduct_under(terms).intersection(map(Conduct, consequence.conduct)))
    is_out = found.by is not None or any(item.is_covered is False for item in facts)
    held = Facts(
        listing=ListingStatus.LISTED if is_open else situation.reach.effective(behind, at),
        consequence=state.status,
        by_text=state.by_text,
        effect=Effect(consequence.effect) if consequence.effect else None,
        is_bound=binds,
        # That it was coming when something was done is no news once it came.
        is_passed_on=terms.day is None and is_passed_on(consequence, roles),
        is_covered_conduct=is_covered,
        is_excepted=is_out,
        is_reached=holding.coverage is not Coverage.NOT_COVERED,
        is_open=any(item.is_covered is None for item in facts),
    )
    level, confirmed = level_of(held)
    if level is Level.UPCOMING and terms.day is not None:
        # An act done before a rule began, or while it rested, will never be covered by it; what stands may be.
        level = Level.INFO
    without, _ = level_of(replace(held, consequence=stated, is_excepted=False))
    is_relevant = without is not Level.INFO
    # Of the day of an act the standing is that of rule and listing together, and the listing's is not known.
    is_asked = was_listed is not None and was_listed.is_covered is None and state.status is ConsequenceStatus.IN_FORCE
    return _Part(
        terms,
        level,
        confirmed,
        ConsequenceStatus.UNKNOWN if is_asked and terms.day is not None else state.status,
        measures,
        holding,
        state,
        tuple(facts),
        found,
        is_relevant=is_relevant,
        is_asked=is_asked,
        through=own.id if own and state.status is not ConsequenceStatus.IN_FORCE else None,
        readings=meant,
    )


def _facts(
    situation: Situation,
    consequence: Consequence,
    terms: Terms,
    listing: ListingState,
    was_listed: Fact | None,
    holding: Holding,
) -> Iterator[Fact]:
    """What may be open about the artefact, the entry and the shares."""
    exposure, designation = situation.exposure, listing.designation
    if exposure.identity is not None:
        yield exposure.identity
    if was_listed is not None:
        yield was_listed
    if terms.day is None and exposure.is_past(situation.as_of):
        yield still_in_use(situation)
    if designation is not None and designation.certainty != "confirmed":
        yield entry_meant(situation, designation)
    if designation is not None and designation.produced_in:
        place = produced_in(situation, designation, terms)
        if place is not None:
            yield place
    if holding.coverage is Coverage.UNKNOWN:
        yield share_met(situation, consequence, holding)


def _own_rule(situation: Situation, state: ConsequenceState, holding: Holding) -> OwnershipRule | None:
    """The ownership rule that a standing is of, where it is not the consequence's own."""
    if holding.status is None or state is not holding.status:
        return None
    placed = situation.behind.placed
    return placed.rule if placed is not None else holding.found.rule if holding.found is not None else None


def _exceptions(situation: Situation, consequence: Consequence, found: Excepted | None) -> list[dict[str, Any]]:
    """The rule's exceptions that can be about this, each with how it came out and the id to answer it by."""
    shown = []
    for item in consequence.exceptions:
        if found is None or item.id not in found.states:
            continue
        status, because = found.states[item.id]
        asks = question_id(f"{consequence.id}/{item.id}", situation.exposure.artefact_id)
        plain = {key: value for key, value in msgspec.to_builtins(item).items() if value not in (None, [], {}, False)}
        shown.append({**plain, "status": status, "because": because, "asks": asks})
    return shown


def _held(parts: list[_Part]) -> list[AuthorisationUse]:
    """What we hold and any part used."""
    uses = {}
    for part in parts:
        use = part.excepted.authorisation if part.excepted else None
        if use is not None and part.is_relevant:
            uses[use.id] = use
    return [uses[one] for one in sorted(uses)]


def _acts(parts: list[_Part]) -> list[Act]:
    """Days of one status after another become one interval with their sums."""
    acts: list[Act] = []
    sums: Counter[Measure] = Counter()
    before: tuple[ConsequenceStatus, str | None, Level] | None = None
    for part in parts:
        if part.terms.day is None:
            continue
        by = part.lifted_by[0] if part.lifted_by else None
        if before != (part.status, by, part.level):
            before, sums = (part.status, by, part.level), Counter()
            since = iso(part.terms.day)
            acts.append(Act(from_=since, to=None, consequence_status=part.status, excepted_by=by, level=part.level))
        for measure, amount in part.measures.items():
            sums[measure] += amount
        acts[-1].to = iso(part.terms.day)
        acts[-1].quantities = quantities(sums)
    return acts
