"""What may be open about a match, a use, an entry, a share or a rule, as facts that an answer can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.listing import ENDED_BY_ITS_TEXT
from beholden.policy.answers import STANDING, asked, question_id
from beholden.policy.facts import Fact, fact
from beholden.schema.acceptance import Asked
from beholden.schema.vocabulary import ConsequenceStatus, Kind, Relation

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.law import ConsequenceState
    from beholden.kb.listing import ListingState
    from beholden.policy.answers import Answers
    from beholden.policy.exposure import Exposure
    from beholden.policy.reach import Holding
    from beholden.policy.situation import Situation
    from beholden.policy.terms import Terms
    from beholden.schema.rows import Consequence, Designation, OwnershipRule

MAX_QUESTIONS = 3
# Places with a code of their own that a jurisdiction's law counts as its territory.
_HOME: dict[str, frozenset[str]] = {
    # "The term \"United States\" means the several States and Territories, the District of Columbia, and the
    # possessions of the United States" (47 USC 153(58)).
    "us": frozenset({"us", "as", "gu", "mp", "pr", "um", "vi"}),
}


def identity_of(exposure: Exposure, answers: Answers, as_of: date) -> Fact | None:
    """Whether an artefact is this party's, or is in use at all; None where the match is sure."""
    if exposure.is_confirmed:
        return None
    open_matches = exposure.open_matches
    texts = open_matches[:MAX_QUESTIONS]
    if len(open_matches) > MAX_QUESTIONS:
        texts.append(f"{len(open_matches) - MAX_QUESTIONS} more questions of this kind; see the artefact's values.")
    subject = "match" if open_matches else "in-use"
    return fact(subject, texts or [_intent_question(exposure)], answers, as_of, artefact_id=exposure.artefact_id)


def still_in_use(situation: Situation) -> Fact:
    """Whether what was last seen long ago is still there."""
    exposure = situation.exposure
    assert exposure.last_seen is not None
    return situation.fact("still-in-use", [f"Last seen on {exposure.last_seen.date()}: is it still in use?"])


def entry_meant(situation: Situation, designation: Designation) -> Fact:
    """Whether an entry that prints a brand means this legal person."""
    texts = [designation.question] if designation.question else []
    return situation.fact(f"entry/{designation.id}", texts)


def listed_then(situation: Situation, listing: ListingState) -> Fact:
    """Whether a party was on a list on a day of which our copies do not say so, and another day's does."""
    row, regime = listing.designation, situation.behind.regime
    assert row is not None
    party = situation.kb.entity(situation.behind.entity_id)
    name = party.caption if party is not None else situation.behind.entity_id
    check = f"Check {regime.issuer}, {regime.title}" if regime.issuer else f"Check {regime.title}"
    if listing.listed_by is not None:
        before = listing.copies[0] if listing.copies is not None else None
        text = f"Was {name} on {regime.title} already? What we hold shows it there from {listing.listed_by} on"
        text += f"; our copy of {before} does not. {check} between." if before else f". {check} up to that day."
    elif listing.reason == ENDED_BY_ITS_TEXT:
        end, last = row.ended(situation.known_at), listing.last_known
        text = f"Was the entry of {name} on {regime.title} renewed? By its own text it ended on {end}"
        text += f", and our copy ends on {last[1]}. {check} since." if last is not None else f". {check} since."
    else:
        last = listing.last_known
        text = f"Was {name} still on {regime.title}?"
        text += f" The last of our copies that prints it is of {last[1]}" if last is not None else ""
        text += f"; that of {listing.copies[1]} does not. " if listing.copies is not None else ". "
        text += f"{check} since."
    return situation.fact(f"listed/{row.id}", [text])


def produced_in(situation: Situation, designation: Designation, terms: Terms) -> Fact | None:
    """Whether a product falls under a category entry by its place of production; None where it surely does."""
    covered = designation.produced_in
    home = situation.behind.regime.jurisdiction
    place = terms.produced_in
    text = f"Is it produced in {_places(covered, home)}? That is what the entry covers."
    subject = f"produced-in/{designation.id}"
    if place is None:
        return situation.fact(subject, [text])
    if place in covered or ("foreign" in covered and place not in _HOME.get(home or "", {home})):
        return None
    question = question_id(subject, situation.exposure.artefact_id)
    made = f"it is produced in {place}, as our records have it"
    because = f"{made}, and the entry covers what is made in {_places(covered, home)}"
    return Fact(Asked(id=question, text=text), is_covered=False, because=because)


def _places(covered: list[str], home: str | None) -> str:
    shown = [f"any place but {home}" if place == "foreign" else place for place in covered]
    return " or ".join(shown)


def share_met(situation: Situation, consequence: Consequence, holding: Holding) -> Fact:
    """Whether the rule reaches the operator through shares or control that nobody stated."""
    return situation.fact(f"share/{consequence.id}", [_share_question(situation, holding)])


def standing_of(
    situation: Situation, rule: Consequence | OwnershipRule, state: ConsequenceState
) -> tuple[Fact, ConsequenceStatus | None]:
    """What a rule's standing is where our copy does not say, and the answer if there is one; the same for all."""
    question = question_id(f"{STANDING}/{rule.id}")
    effect = state.effect
    flip = f" after {effect.valid_to}" if effect and effect.valid_to else ""
    cited = [rule.citation or situation.behind.regime.title, effect.citation if effect else None]
    sources = "; ".join(dict.fromkeys(part for part in cited if part))
    text = f"What is the standing of {rule.id}{flip}? Check {sources}."
    answer = situation.answers.to(question, situation.as_of)
    if answer is None:
        return Fact(asked(question, text, None), None, (text,)), None
    return Fact(asked(question, text, answer), is_covered=True), ConsequenceStatus(answer.answer)


def _intent_question(exposure: Exposure) -> str:
    if exposure.relation is Relation.SERVICE_ENDPOINT:
        return f"Names below {exposure.key[1]} were looked up or tried: was anything sent there?"
    if exposure.key[0] == Kind.MAC:
        return f"Is a device with a hardware address of the block {exposure.key[1]} in use on a segment of ours?"
    return f"Is {exposure.key[1]} really in use?"


def _share_question(situation: Situation, holding: Holding) -> str:
    operator = situation.kb.entity(situation.exposure.operator_id)
    listed = situation.kb.entity(situation.behind.entity_id)
    names = (operator.caption if operator else "?", listed.caption if listed else "?")
    if holding.question is not None:
        return holding.question
    if holding.rule is None:
        return f"Does the entry of {names[1]} on this list also mean {names[0]}?"
    # Put so that yes means that the rule reaches it, as everywhere.
    rule, told = holding.rule, holding.reached
    share = f"{'more than ' if rule.is_strict else ''}{rule.threshold} %{'' if rule.is_strict else ' or more'}"
    known = told is not None and told.low == told.high and told.high < 100
    if rule.control and known and told is not None:
        return f"Do listed parties (such as {names[1]}), who hold {told.low} %, control {names[0]} all the same?"
    control = f", or control {names[0]}" if rule.control else ""
    return f"Do listed parties (such as {names[1]}) hold {share} of {names[0]}{control}?"
