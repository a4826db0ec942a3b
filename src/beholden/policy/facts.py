"""The facts that one part of a judgement depends on: open, or settled by an answer, a contract date or a licence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.policy.answers import APPLIES, DOES_NOT_APPLY, NO, YES, asked, question_id
from beholden.policy.authorise import covers, names_of, use_of
from beholden.policy.recorded import recorded
from beholden.schema.vocabulary import Conduct

if TYPE_CHECKING:
    from datetime import date

    from beholden.policy.answers import Answers
    from beholden.policy.situation import Situation
    from beholden.policy.terms import Terms
    from beholden.schema.acceptance import Asked, AuthorisationUse
    from beholden.schema.rows import Consequence
    from beholden.schema.rule_parts import RuleException


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the level depends on.

    Attributes:
        asked: The question, with its answer if it has one.
        is_covered: Whether, with that answer, the rule still covers the act; None: open.
        questions: What to ask, where it is open.
        because: What settled it, where that was a record of ours and nobody's answer.
    """

    asked: Asked
    is_covered: bool | None
    questions: tuple[str, ...] = ()
    because: str | None = None


@dataclass(slots=True)
class Excepted:
    """How the exceptions of a rule, and what we hold under it, come out for one part.

    Attributes:
        by: Id of the exception or authorisation that takes the part out of the rule; None: none does.
        because: Why, as a part of a sentence.
        facts: What was asked.
        states: By id of each exception that can be about the part: `applies`, `does_not_apply`, `open` (asked, and the
            level waits), `presumed` (asked, and the rule counts as covering it meanwhile) or `noted`, and the fact it
            rests on.
        authorisation: What we hold, where that is the reason.
    """

    by: str | None = None
    because: str | None = None
    facts: list[Fact] = field(default_factory=list)
    states: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    authorisation: AuthorisationUse | None = None

    def take_out(self, by: str, because: str) -> None:
        """The first reason found is the one told."""
        if self.by is None:
            self.by, self.because = by, because


def fact(subject: str, texts: list[str], answers: Answers, as_of: date, *, artefact_id: str) -> Fact:
    """A yes-or-no fact of one artefact, in whose question yes means that the rule covers the act."""
    question = question_id(subject, artefact_id)
    answer = answers.to(question, as_of)
    is_covered = None if answer is None else answer.answer == YES
    return Fact(asked(question, " ".join(texts), answer), is_covered, tuple(texts))


def excepted(situation: Situation, consequence: Consequence, terms: Terms, day: date) -> Excepted:
    """Hold a part against the rule's exceptions and against our authorisations."""
    found = Excepted()
    comes_up = [item for item in consequence.exceptions if _comes_up(situation, item, day)]
    for item in comes_up:
        if item.approval is None:
            _hold(situation, consequence, item, terms, day, found)
    _authorise(situation, consequence, terms, day, found)
    # An exception that is an approval by an authority is met by one that we hold.
    for item in comes_up:
        if item.approval is not None:
            _hold(situation, consequence, item, terms, day, found)
    return found


def _comes_up(situation: Situation, item: RuleException, day: date) -> bool:
    """Whether an exception was public by then and can be about this party and relation at all."""
    if not item.is_known(day, situation.known_at):
        return False
    return (not item.parties or situation.behind.entity_id in item.parties) and (
        not item.applies_to or situation.exposure.relation in item.applies_to
    )


def _hold(
    situation: Situation,
    consequence: Consequence,
    item: RuleException,
    terms: Terms,
    day: date,
    found: Excepted,
) -> None:
    """One exception: by an answer first, then by what our records say; what is missing is asked where the rule asks."""
    name = f"{consequence.id}/{item.id}"
    question = question_id(name, situation.exposure.artefact_id)
    answer = situation.answers.to(question, situation.as_of)
    # Questions of exceptions are put so that yes means that the rule covers it.
    meant = {APPLIES: False, DOES_NOT_APPLY: True} | ({YES: True, NO: False} if item.question else {})
    is_covered = meant.get(answer.answer) if answer else None
    said, why = recorded(situation, item, terms, day)
    if answer is not None and "@" not in answer.question and said is not None and said is not is_covered:
        # What was said of all of them does not stand against the record of this one.
        answer = None
    if answer is not None and is_covered is not None:
        because: str | None = f"answered “{answer.answer}” ({answer.source})"
        found.facts.append(Fact(asked(question, item.question or item.text, answer), is_covered))
    elif item.approval is not None and found.authorisation is not None and found.authorisation.kind == item.approval:
        is_covered, because = False, f"{found.authorisation.id} ({found.authorisation.source})"
    else:
        is_covered, because = said, why
    if is_covered is None:
        status = {"ask": "open", "presume": "presumed"}.get(item.effect, "noted")
        found.states[item.id] = (status, because)
        if item.effect == "ask":
            text = " ".join(part for part in (item.question or item.text, because) if part)
            found.facts.append(Fact(asked(question, text, None), None, (text,)))
        return
    found.states[item.id] = ("does_not_apply" if is_covered else "applies", because)
    if not is_covered:
        found.take_out(name, f"exception {item.id}: {because}")


def _authorise(situation: Situation, consequence: Consequence, terms: Terms, day: date, found: Excepted) -> None:
    held = situation.holdings
    # One that is for any party, and that some record of ours names, is for what names it.
    rows = [
        row
        for row in held.authorisations
        if not row.named_only and (row.parties or row.id.casefold() not in situation.named)
    ]
    if terms.authorisation is not None:
        rows = held.named(terms.authorisation)
        if not rows:
            found.facts.append(_undeclared(situation, consequence, terms.authorisation, found))
    if not rows:
        return
    parties = names_of(situation.kb, situation.exposure.operator_id) | names_of(
        situation.kb, situation.behind.entity_id
    )
    touched = situation.conduct_under(terms).intersection(map(Conduct, consequence.conduct))
    rules = (consequence.id, consequence.regime_id)
    for row in rows:
        if covers(row, rules=rules, parties=parties, conduct=touched, day=day):
            kind = row.kind.replace("_", " ")
            found.take_out(row.id, f"{kind} {row.id}{f' of {row.issuer}' if row.issuer else ''} ({row.source})")
            if found.by == row.id:
                found.authorisation = use_of(row)
            return


def _undeclared(situation: Situation, consequence: Consequence, reference: str, found: Excepted) -> Fact:
    """Our records name a licence that the profile does not know: what does it allow under this one rule?"""
    text = (
        f"Our records name {reference}: does it allow this under {consequence.id}, and from when to when? "
        "State it under [[authorisations]] in beholden.toml."
    )
    question = question_id(f"authorisation/{reference}/{consequence.id}", situation.exposure.artefact_id)
    answer = situation.answers.to(question, situation.as_of)
    if answer is not None and answer.answer == YES:
        found.take_out(reference, f"{reference}: answered “yes” ({answer.source})")
    is_covered = None if answer is None else answer.answer == NO
    return Fact(asked(question, text, answer), is_covered, (text,))
