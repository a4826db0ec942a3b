"""The `why` of findings and consequences: one plain sentence that reports and accuses nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from beholden.kb.ownership import Coverage
from beholden.kb.ownership.holders import name_of
from beholden.policy.readings import lists_of
from beholden.schema.spell import since_words
from beholden.schema.vocabulary import ConsequenceStatus, Direction, Kind, Level, Relation, Segment

if TYPE_CHECKING:
    from datetime import date

    from beholden.policy.consequence import Judged
    from beholden.policy.exposure import Exposure
    from beholden.policy.situation import Situation
    from beholden.schema.rows import ClaimRow, Entity

_HAVE: dict[Relation, str] = {
    Relation.SUPPLIER: "We buy from {name}",
    Relation.CUSTOMER: "We sell to {name}",
    Relation.PAYMENT_COUNTERPARTY: "We exchange payments with {name}",
    Relation.PAYMENT_AGENT: "A payment passes through {name}",
    Relation.HARDWARE: "A device of ours has a hardware address of the block {artefact}, assigned to {name}",
    Relation.OEM_OF: "Hardware {artefact} of another brand is made by {name}",
    Relation.FIRMWARE_CLOUD: "A device reports to {artefact} of {name}",
    Relation.CODE_DEPENDENCY: "Package {artefact} is published by {name} and runs locally",
    Relation.MODEL_WEIGHTS: "Model weights {artefact} come from {name} and run locally",
    Relation.VENDOR_SDK: "Package {artefact} is a client for services of {name}",
    Relation.SERVICE_ENDPOINT: "We use {artefact}, a service of {name}",
    Relation.MODEL_API: "We use the model interface {artefact} of {name}",
    Relation.DNS_RESOLVER: "We ask the resolver {artefact} of {name}",
    Relation.MIRROR: "Builds pull from {artefact} of {name}",
    Relation.HOSTING: "A peer of ours sits at {artefact} of {name}, whose tenants' content may be anyone's",
    Relation.TRANSIT: "Traffic passes {artefact} of {name}",
    Relation.EQUITY: "We hold securities of {name}",
    Relation.DATA_RECIPIENT: "We send data to {name}",
}
# The same, where the match is only probable or only intent was seen: nothing is asserted that is still a question.
_MAY: dict[Relation, str] = {
    Relation.SUPPLIER: "A supplier of ours may be {name}",
    Relation.CUSTOMER: "A customer of ours may be {name}",
    Relation.PAYMENT_COUNTERPARTY: "A payment counterparty of ours may be {name}",
    Relation.OEM_OF: "A device of ours with another brand's hardware address ({artefact}) may be made by {name}",
    Relation.SERVICE_ENDPOINT: "Names below {artefact}, a service of {name}, were looked up or tried",
}
# The same, where what was seen is a part that its maker sells to makers of devices.
_MODULE = (
    "A device of ours has a radio module with a hardware address of the block {artefact}, assigned to {name}, which "
    "need not be the maker of the device"
)
# The same, where a record names the party itself.
_BY_NAME: dict[Relation, str] = {
    Relation.HARDWARE: "A device of ours is recorded as made by {name}",
    # Of a brand several makers sell to, so always a question.
    Relation.OEM_OF: "A device of ours is recorded as one of {artefact} and may be made by {name}",
    Relation.SERVICE_ENDPOINT: "We use a service provided by {name}",
    Relation.CODE_DEPENDENCY: "Software of ours is recorded as supplied by {name}",
    Relation.MODEL_WEIGHTS: "Model weights of ours are recorded as supplied by {name}",
}
_STATUS: dict[ConsequenceStatus, str] = {
    ConsequenceStatus.IN_FORCE: "is in force",
    ConsequenceStatus.UPCOMING: "applies from {applies_from}",
    ConsequenceStatus.SUSPENDED: "is suspended",
    ConsequenceStatus.STAYED: "is stayed by a court for this party",
    ConsequenceStatus.ENDED: "has ended",
    ConsequenceStatus.NOT_IN_FORCE: "was not in force",
    ConsequenceStatus.UNKNOWN: "has an unknown standing in our copy",
}


# Of the day of an act, where the rule stands otherwise today.
_STATUS_THEN: dict[ConsequenceStatus, str] = {
    ConsequenceStatus.IN_FORCE: "was in force",
    ConsequenceStatus.UPCOMING: "was upcoming",
    ConsequenceStatus.SUSPENDED: "was suspended",
    ConsequenceStatus.STAYED: "was stayed by a court for this party",
    ConsequenceStatus.ENDED: "had ended",
    ConsequenceStatus.NOT_IN_FORCE: "was not in force",
    ConsequenceStatus.UNKNOWN: "had an unknown standing in our copy",
}
# What of ours is a product of a category that an entry names: the category is no party.
_CATEGORY: dict[Relation, str] = {
    Relation.SUPPLIER: "We buy {product}, a product of the category {name}",
    Relation.CUSTOMER: "We sell {product}, a product of the category {name}",
    Relation.HARDWARE: "We use {product}, a product of the category {name}",
}


def have(exposure: Exposure, operator: Entity, *, is_settled: bool = False) -> str:
    """What of ours leads to the operator; `is_settled`: it does not matter who of one name is meant."""
    template = _HAVE[exposure.relation]
    if exposure.key[0] == Kind.MAC and json.loads(exposure.best["features"]).get("part") == "module":
        template = _MODULE
    if not (exposure.is_confirmed or is_settled):
        template = _MAY.get(exposure.relation, f"{template} (probable)")
    if exposure.key[0] == Kind.NAME:
        template = _BY_NAME.get(exposure.relation, template)
    if exposure.key[0] == Kind.CATEGORY:
        template = _CATEGORY.get(exposure.relation, template)
    product = exposure.key[1].partition("/")[2]
    text = template.format(name=operator.caption, artefact=exposure.key[1], product=product)
    if exposure.relation in (Relation.SERVICE_ENDPOINT, Relation.HOSTING) and exposure.directions == {Direction.IN}:
        text = f"A peer at {exposure.key[1]} of {operator.caption} contacted us"
    if exposure.segment not in (None, Segment.OWN):
        text += f" (on a {exposure.segment} segment, which is not our use)"
    return text


def why_consequence(situation: Situation, judged: Judged, listed: Entity) -> str:
    """Why a consequence has its level."""
    result = judged.result
    status = _status(judged)
    through = f"reaches it through {judged.through}, which " if judged.through else ""
    rule = f"{judged.rule.title} ({result.id}) {through}{status}"
    match judged.level:
        case Level.PROHIBITED | Level.RESTRICTED | Level.UPCOMING:
            if judged.result.binds_you is False:
                passed = _passed_on(judged)
                return f"{rule}. {passed[0].upper()}{passed[1:]}."
            settled = "".join(f" Settled by an answer: {text}." for text in dict.fromkeys(judged.settled))
            presumed = sum(item.get("status") == "presumed" for item in result.exceptions)
            if presumed:
                one = "1 exception is" if presumed == 1 else f"{presumed} exceptions are"
                settled += f" {one} presumed not to apply."
            return f"{rule} and covers this conduct.{settled}"
        case Level.REVIEW:
            return f"{rule}; whether it covers this is open: {_first(judged.questions)}"
        case _:
            return f"{rule}; {_why_not(situation, judged, listed)}."


def _status(judged: Judged) -> str:
    """How the rule stands; where an act of another day decides, how it stood then and how it stands today."""
    if judged.is_untold:
        return "may or may not have applied"
    today = ConsequenceStatus(judged.result.consequence_status)
    if judged.day is None or judged.status is today:
        return _STATUS[judged.status].format(applies_from=judged.result.applies_from)
    return f"{_STATUS_THEN[judged.status]} on {judged.day} ({today.replace('_', ' ')} today)"


def _why_not(situation: Situation, judged: Judged, listed: Entity) -> str:
    if judged.lifted is not None:
        return f"not covered: {judged.lifted}"
    if judged.result.binds_you is False:
        return _passed_on(judged)
    if not situation.conduct:
        return "this relation is no conduct by itself"
    # Of one act: what the relation is at other times says nothing of it. Who is not reached at all is told first.
    is_early = judged.status is ConsequenceStatus.NOT_IN_FORCE or judged.is_untold
    if judged.holding.coverage is Coverage.NOT_COVERED and not situation.behind.is_direct and not is_early:
        return f"it names {listed.caption} and does not reach the operator through its shares"
    if not judged.conduct.intersection(judged.rule.conduct):
        return f"it touches other conduct ({', '.join(judged.rule.conduct)})"
    if judged.is_untold:
        return f"whether {listed.caption} was listed when this was seen, our copies do not say"
    return "it did not apply when this was seen"


def _passed_on(judged: Judged) -> str:
    """Whom a rule binds instead of us, and how it reaches us all the same where it does."""
    others = f"it binds {', '.join(judged.result.binds) or 'others'}, not a role of ours"
    through = judged.rule.reaches_text
    return f"{others}; {through}" if through and (judged.is_passed_on or not judged.rule.reaches) else others


def why_finding(
    situation: Situation, operator: Entity, listed: Entity, judged: Judged | None, *, is_stale: bool, is_listed: bool
) -> str:
    """The sentence of a finding: what we have, who is listed, what follows."""
    meant = judged.readings if judged is not None else ()
    parts = [have(situation.exposure, operator, is_settled=bool(meant))]
    regime = situation.behind.regime
    is_owner = situation.reach.stands_behind(operator.id, situation.behind, situation.as_of)
    owner = "owner" if is_owner else "owner at the time,"
    link = "which" if situation.behind.is_direct else f"whose {owner} {listed.caption}{'' if is_owner else ','}"
    if situation.behind.owner_id is not None:
        name = name_of(situation.kb, situation.behind.owner_id)
        link = f"whose {owner} {name} may be {listed.caption}, which"
    state = situation.reach.state(regime, listed.id, situation.as_of)
    since = f" {since_words(state.since, is_latest=state.is_since_latest)}" if state.since else ""
    placed = situation.behind.placed
    if placed is not None:
        parts.append(
            f"{link} counts under {regime.title} by its place ({placed.place}), which {placed.rule.citation} names, "
            "and not by a listing"
        )
    elif is_stale and state.last_known:
        parts.append(
            f"{link} was last known as {state.last_known[0]} on {regime.title} at {state.last_known[1]}{since}"
        )
    elif is_listed:
        parts.append(f"{link} is on {regime.title}{since}")
    else:
        parts.append(f"{link} was on {regime.title}{since} and is no longer")
    text = ", ".join(parts)
    told = _readings(situation, meant, judged.day if judged is not None else None) if meant else ""
    return f"{text}.{told} {judged.result.why}" if judged else f"{text}; no rule keyed to it applied to what was seen."


def _readings(situation: Situation, meant: tuple[str, ...], day: date | None) -> str:
    """How many entries have the printed name on the day that decides, on which lists, and who is reached otherwise."""
    found = [lists_of(situation, one, day or situation.as_of) for one in meant]
    lists = sorted(set[str]().union(*found))
    named = f"{', '.join(lists[:-1])} and {lists[-1]}" if len(lists) > 1 else "".join(lists)
    entries, owned = sum(map(bool, found)), sum(not one for one in found)
    verb = ("stands" if entries == 1 else "stand") if day is None else "stood"
    parts = [f"{'1 entry' if entries == 1 else f'{entries} entries'} of that name {verb} on {named}"] if entries else []
    if day is not None and parts:
        parts[0] += f" on {day}"
    if owned:
        parties = "1 party" if owned == 1 else f"{owned} parties"
        parts.append(f"{parties} of that name {'is' if owned == 1 else 'are'} reached through owners")
    return f" {' and '.join(parts)}; the level does not depend on which of them is meant."


def why_claims(exposure: Exposure, operator: Entity, target: Entity, claims: list[ClaimRow], answers: int) -> str:
    """The sentence of a finding that rests on attributed claims only."""
    unverified = sum(claim.caveat == "unverified" for claim in claims)
    speakers = ", ".join(sorted({claim.speaker for claim in claims}))
    caveat = f", {unverified} of them not verified by the reporter" if unverified else ""
    noun = "claim" if len(claims) == 1 else "claims"
    return (
        f"{have(exposure, operator)}; {len(claims)} attributed {noun} about {target.caption} "
        f"({speakers}){caveat} and {answers} answer(s) are on file. No rule follows from them.{_said(exposure)}"
    )


def _said(exposure: Exposure) -> str:
    """What we answered about the artefact, with the source."""
    fact = exposure.identity
    if fact is None or fact.is_covered is None:
        return ""
    return f" Answered “{fact.asked.answer}” to “{fact.asked.text}” ({fact.asked.source})."


def _first(questions: tuple[str, ...]) -> str:
    more = f" (and {len(questions) - 1} more)" if len(questions) > 1 else ""
    return f"{questions[0]}{more}" if questions else "see its citation."
