"""The `why` of findings and consequences: one plain sentence that reports and accuses nobody."""

from __future__ import annotations

from beholden.kb.ownership import Coverage
from beholden.policy.consequence import Judged, Situation
from beholden.policy.exposure import Exposure
from beholden.schema.rows import ClaimRow, Entity
from beholden.schema.vocabulary import ConsequenceStatus, Direction, Level, Relation, Segment

_HAVE: dict[Relation, str] = {
    Relation.SUPPLIER: "we buy from {name}",
    Relation.CUSTOMER: "we sell to {name}",
    Relation.PAYMENT_COUNTERPARTY: "we exchange payments with {name}",
    Relation.PAYMENT_AGENT: "a payment passes through {name}",
    Relation.HARDWARE: "hardware address block {artefact} is assigned to {name}",
    Relation.OEM_OF: "hardware {artefact} is made by {name}",
    Relation.FIRMWARE_CLOUD: "a device reports to {artefact} of {name}",
    Relation.CODE_DEPENDENCY: "{artefact} is published by {name} and runs locally",
    Relation.MODEL_WEIGHTS: "model weights {artefact} come from {name} and run locally",
    Relation.VENDOR_SDK: "{artefact} is a client for services of {name}",
    Relation.SERVICE_ENDPOINT: "we use {artefact}, a service of {name}",
    Relation.MODEL_API: "we use the model interface {artefact} of {name}",
    Relation.DNS_RESOLVER: "we ask the resolver {artefact} of {name}",
    Relation.MIRROR: "builds pull from {artefact} of {name}",
    Relation.HOSTING: "a peer sits at {artefact} of {name}; tenants' content may be anyone's",
    Relation.TRANSIT: "traffic passes {artefact} of {name}",
    Relation.EQUITY: "we hold securities of {name}",
    Relation.DATA_RECIPIENT: "we send data to {name}",
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


def have(exposure: Exposure, operator: Entity) -> str:
    """What of ours leads to the operator."""
    text = _HAVE[exposure.relation].format(name=operator.caption, artefact=exposure.key[1])
    if exposure.relation in (Relation.SERVICE_ENDPOINT, Relation.HOSTING) and exposure.directions == {Direction.IN}:
        text = f"a peer at {exposure.key[1]} of {operator.caption} contacted us"
    if exposure.segment not in (None, Segment.OWN):
        text += f" (on a {exposure.segment} segment, which is not our use)"
    return text


def why_consequence(situation: Situation, judged: Judged, listed: Entity) -> str:
    """Why a consequence has its level."""
    result = judged.result
    status = _STATUS[ConsequenceStatus(result.consequence_status)].format(applies_from=result.applies_from)
    rule = f"{judged.rule.title} ({result.id}) {status}"
    match judged.level:
        case Level.PROHIBITED | Level.RESTRICTED | Level.UPCOMING:
            return f"{rule} and covers this conduct."
        case Level.REVIEW:
            return f"{rule}; {len(judged.questions)} question(s) decide whether it covers this."
        case _:
            return f"{rule}; {_why_not(situation, judged, listed)}."


def _why_not(situation: Situation, judged: Judged, listed: Entity) -> str:
    if judged.result.binds_you is False:
        return f"it binds {', '.join(judged.result.binds) or 'others'}, not a role of ours"
    if not situation.conduct:
        return "this relation is no conduct by itself"
    if not situation.conduct.intersection(judged.rule.conduct):
        return f"it touches other conduct ({', '.join(judged.rule.conduct)})"
    if judged.holding.coverage is Coverage.NOT_COVERED and not situation.behind.is_direct:
        return f"it names {listed.caption} and does not reach the operator through its shares"
    return "it did not apply when this was seen"


def why_finding(
    situation: Situation, operator: Entity, listed: Entity, judged: Judged | None, *, is_stale: bool, is_listed: bool
) -> str:
    """The sentence of a finding: what we have, who is listed, what follows."""
    parts = [_capital(have(situation.exposure, operator))]
    regime = situation.behind.regime
    link = "which" if situation.behind.is_direct else f"whose owner {listed.caption}"
    state = situation.reach.state(regime, listed.id, situation.as_of)
    since = f" since {state.designation.valid_from}" if state.designation and state.designation.valid_from else ""
    if is_stale and state.last_known:
        parts.append(f"{link} was last known as {state.last_known[0]} on {regime.title} at {state.last_known[1]}{since}")
    elif is_listed:
        parts.append(f"{link} is on {regime.title}{since}")
    else:
        parts.append(f"{link} was on {regime.title}{since} and is no longer")
    text = ", ".join(parts)
    return f"{text}: {_uncapital(judged.result.why)}" if judged else f"{text}; no rule keyed to it is in our base."


def why_claims(exposure: Exposure, operator: Entity, target: Entity, claims: list[ClaimRow], answers: int) -> str:
    """The sentence of a finding that rests on attributed claims only."""
    unverified = sum(claim.caveat == "unverified" for claim in claims)
    speakers = ", ".join(sorted({claim.speaker for claim in claims}))
    caveat = f", {unverified} of them not verified by the reporter" if unverified else ""
    noun = "claim" if len(claims) == 1 else "claims"
    return (
        f"{_capital(have(exposure, operator))}; {len(claims)} attributed {noun} about {target.caption} "
        f"({speakers}){caveat} and {answers} answer(s) are on file. No rule follows from them."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _uncapital(text: str) -> str:
    return text if text[:2].isupper() or text[:1].isdigit() else text[:1].lower() + text[1:]
