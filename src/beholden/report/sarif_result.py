"""One finding as a SARIF result: level, places, fingerprints, suppression, state against a baseline, and the facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from beholden.report.paths import shareable_path
from beholden.report.text import visible
from beholden.report.wording import count, quantities, regime_of
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.schema.acceptance import Asked, AuthorisationUse, Waiver
    from beholden.schema.result import ConsequenceResult, EntityRef, Finding, Location

BASE = "%SRCROOT%"  # the name that viewers resolve to the checkout

MAX_CLAIM_TEXT = 2_000  # characters in a message: one claim and its answers, in 25,000 results at worst

_SARIF_LEVEL = {
    Level.PROHIBITED: "error",
    Level.RESTRICTED: "error",
    Level.REVIEW: "warning",
    Level.UPCOMING: "warning",
    Level.CONTESTED: "note",
    Level.INFO: "note",
}
_BASELINE_STATE = {"new": "new", "unchanged": "unchanged", "worse": "updated", "better": "updated"}
# 3.35.3. A waiver that has expired, or has not begun, is no suppression: "rejected" would say that somebody decided
# against it, and there are viewers that hide whatever has a suppression, without a look at its status.
_SUPPRESSION_STATUS = {"active": "accepted", "requested": "underReview"}
_LINK_CHARACTERS = re.compile(r"[\[\]\\]")


def message(text: str) -> dict[str, str]:
    """Return a text as a message: in one, `[text](target)` is a link and `{0}` a placeholder; values are neither."""
    escaped = _LINK_CHARACTERS.sub(r"\\\g<0>", visible(text))  # 3.11.5, 3.11.6
    return {"text": escaped.replace("{", "{{").replace("}", "}}")}


def physical(place: Location) -> dict[str, Any]:
    """Return where something was read, below the scanned folder."""
    found: dict[str, Any] = {"artifactLocation": {"uri": relative_uri(place.file), "uriBaseId": BASE}}
    if place.line is not None and place.line > 0:
        found["region"] = {"startLine": place.line}
    return {"physicalLocation": found}


def relative_uri(path: str) -> str:
    """Return a path as a relative URI reference: never absolute, whatever the options say."""
    return quote(shareable_path(path), safe="/", errors="surrogateescape")


def result_of(finding: Finding, rule_index: int, as_of: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the result of a finding.

    Args:
        finding: As it may be shared.
        rule_index: Position of its regime among the rules of the run.
        as_of: The date of the answer.
        texts: Claims by id, each with its caveat and its answers.
    """
    places = finding.artefact.locations
    result: dict[str, Any] = {
        "ruleId": regime_of(finding),
        "ruleIndex": rule_index,
        "level": _SARIF_LEVEL[Level(finding.level)],
        "message": message(finding.why) if finding.level != Level.CONTESTED else _contested(finding, texts),
        "locations": [_location(finding, next(iter(places), None))],
        "partialFingerprints": {
            "beholdenFinding/v1": finding.id,
            # The only one that GitHub looks at. Left out, it hashes the text of the line, which a version bump changes
            # and which two findings of one line share.
            "primaryLocationLineHash": f"{finding.id}:1",
        },
        "properties": _properties(finding, as_of),
    }
    if len(places) > 1:
        result["relatedLocations"] = [
            {"id": number, **physical(place), "message": message("Also seen here.")}
            for number, place in enumerate(places[1:], start=1)
        ]
    if finding.waiver is not None:
        result["suppressions"] = _suppressions(finding.waiver)
    if finding.baseline is not None:
        result["baselineState"] = _BASELINE_STATE[finding.baseline]
    return result


def _contested(finding: Finding, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the message with as many claims as there is room for, each with the answers to it or not at all."""
    lines, room, more = [finding.why], MAX_CLAIM_TEXT, 0
    for text in (texts[claim_id] for claim_id in finding.claims if claim_id in texts):
        if len(text) <= room and not more:
            lines.append(text)
            room -= len(text)
        else:
            more += 1
    if more:
        lines.append(f"{count(more, 'claim')} more, with the answers: under `claims` in the properties of the run.")
    return {"text": "\n".join(message(line)["text"] for whole in lines for line in whole.split("\n"))}


def _location(finding: Finding, place: Location | None) -> dict[str, Any]:
    artefact = finding.artefact
    logical = {"fullyQualifiedName": visible(f"{artefact.kind}:{artefact.value}"), "kind": "resource"}
    return {**(physical(place) if place else {}), "logicalLocations": [logical]}


def _suppressions(waiver: Waiver) -> list[dict[str, Any]]:
    status = _SUPPRESSION_STATUS.get(waiver.status)
    if status is None:
        return []
    approval = f"approved by {waiver.approver}" if waiver.approver else "not approved yet"
    text = (
        f"Waiver {waiver.id}, {waiver.created} to {waiver.expires}, owner {waiver.owner}, {approval}: {waiver.reason}"
    )
    return [{"kind": "external", "status": status, "justification": visible(text)}]


def _properties(finding: Finding, as_of: str) -> dict[str, Any]:
    artefact = finding.artefact
    listing = finding.listing
    facts = {
        "level": finding.level,
        "level_if_confirmed": finding.level_if_confirmed,
        "as_of": as_of,
        "stale": finding.stale,
        "operator": _entity(finding.operator),
        "listed_entity": _entity(finding.listed_entity),
        "listing_status": listing.listing_status if listing else None,
        "relation": artefact.relation,
        "artefact": visible(f"{artefact.kind}:{artefact.value}"),
        "quantities": visible(quantities(artefact.quantities)),
        "match": finding.match.decision,
        "consequences": [_consequence(item) for item in finding.consequences],
        "path": [
            {
                "from": visible(hop.from_),
                "hop": hop.hop,
                "to": visible(hop.to),
                "source": hop.source,
                "grade": hop.grade,
                "valid_from": hop.valid_from,
                "valid_to": hop.valid_to,
            }
            for hop in finding.path
        ],
        "questions": [visible(question) for question in finding.questions],
        "answered": [_answer(item) for item in finding.asked if item.answer is not None],
        "claims": finding.claims,
    }
    if finding.waiver is not None:
        waiver = finding.waiver
        facts["waiver"] = {
            "id": waiver.id,
            "status": waiver.status,
            "created": waiver.created,
            "expires": waiver.expires,
        }
    if finding.baseline is not None:
        facts["baseline"] = finding.baseline
    return facts


def _consequence(item: ConsequenceResult) -> dict[str, Any]:
    return {
        "id": item.id,
        "level": item.level,
        "consequence_status": item.consequence_status,
        "binds_you": item.binds_you,
        "authorisations": [_authorisation(use) for use in item.authorisations],
    }


def _authorisation(use: AuthorisationUse) -> dict[str, Any]:
    return {
        "id": use.id,
        "kind": use.kind,
        "issuer": visible(use.issuer) if use.issuer else None,
        "valid_from": use.valid_from,
        "valid_to": use.valid_to,
        "source": visible(use.source),
    }


def _answer(asked: Asked) -> dict[str, Any]:
    return {
        "id": asked.id,
        "question": visible(asked.text),
        "answer": visible(asked.answer or ""),
        "source": visible(asked.source) if asked.source else None,
        "on": asked.on,
    }


def _entity(entity: EntityRef) -> dict[str, Any]:
    return {"id": entity.id, "caption": visible(entity.caption)}
