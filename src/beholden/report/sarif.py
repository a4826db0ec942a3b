"""Findings as SARIF 2.1.0, for code scanning and other viewers.

A rule is a regime (or `claims`), as in the finding's own id: a rule per consequence would change with the date, and
viewers would open the same finding anew. Specification: OASIS SARIF 2.1.0; limits: GitHub code scanning.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from beholden import __version__
from beholden.report.paths import shareable_path, with_shareable_paths
from beholden.report.privacy import for_sharing
from beholden.report.text import visible
from beholden.report.wording import (
    LEVEL_MEANING,
    NEUTRALITY,
    count,
    is_behind,
    is_profile,
    level_counts,
    quantities,
    regime_of,
    words,
    worst_first,
)
from beholden.schema.result import Coverage, EntityRef, Finding, Location, ScanResult
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.acceptance import Waiver
    from beholden.schema.assessment import Assessment

MAX_RESULTS = 25_000  # per run; viewers reject a file with more

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SARIF_LEVEL = {
    Level.PROHIBITED: "error",
    Level.RESTRICTED: "error",
    Level.REVIEW: "warning",
    Level.UPCOMING: "warning",
    Level.CONTESTED: "note",
    Level.INFO: "note",
}
_NOTIFICATIONS = {
    "coverage-rejected": "A file was rejected.",
    "coverage-partial": "A file was read in part.",
    "coverage-no-reader": "No reader claimed some files.",
    "list-behind": "Our copy of a list was last checked before the date asked.",
    "list-not-loaded": "A list is not loaded, so listings on it are unknown.",
    "results-cut": "The file has fewer results than were found.",
}
_COVERAGE_LEVEL = {"rejected": "error", "partial": "warning"}
_LINK_CHARACTERS = re.compile(r"[\[\]\\]")


class SarifReport:
    """One run, one rule a regime, one result a finding."""

    name = "sarif"
    suffix = ".sarif"
    media_type = "application/sarif+json"

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the log; personal data is pseudonymised unless the options say otherwise."""
        result, key = assessment.result, options.pseudonym_key
        shown = with_shareable_paths(result) if options.show_personal else for_sharing(result, key)
        text = json.dumps(sarif_log(shown), indent=2, ensure_ascii=False)
        return {"": text.encode("utf-8", errors="backslashreplace") + b"\n"}


def sarif_log(result: ScanResult) -> dict[str, Any]:
    """Return the SARIF log of a result."""
    findings = worst_first(result.findings)
    kept = findings[:MAX_RESULTS]
    rules = sorted({regime_of(finding) for finding in kept})
    index = {rule: position for position, rule in enumerate(rules)}
    results = [_result(finding, index[regime_of(finding)], result.as_of) for finding in kept]
    for item in results if any("suppressions" in item for item in results) else ():
        item.setdefault("suppressions", [])  # 3.27.23: on every result of a run, or on none
    run = {
        "tool": {
            "driver": {
                "name": "beholden",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
                "notifications": [
                    {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
                ],
            }
        },
        # The same id on every date: a viewer compares a run with the one before it.
        "automationDetails": {"id": "beholden/"},
        "invocations": [
            {
                "executionSuccessful": not any(row.status in _COVERAGE_LEVEL for row in result.coverage),
                "toolExecutionNotifications": _notifications(result, len(findings) - len(kept)),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "as_of": result.as_of,
            "known_at": result.known_at,
            "kb_digest": result.kb.digest,
            "by_level": dict(level_counts(result.summary.by_level)),
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _message(text: str) -> dict[str, str]:
    # In a SARIF message `[text](target)` is a link and `{0}` a placeholder (3.11.5, 3.11.6); values are neither.
    escaped = _LINK_CHARACTERS.sub(r"\\\g<0>", visible(text))
    return {"text": escaped.replace("{", "{{").replace("}", "}}")}


def _rule(regime: str) -> dict[str, Any]:
    subject = "Attributed claims, with the answers to them" if regime == "claims" else f"Listing on {regime}"
    levels = " ".join(f"{level}: {meaning}" for level, meaning in LEVEL_MEANING.items())
    return {
        "id": regime,
        "shortDescription": _message(subject),
        "fullDescription": _message(f"{subject}, tied to something this organisation has, pays or uses."),
        "help": _message(f"{NEUTRALITY} Levels: {levels}"),
        "defaultConfiguration": {"level": "note" if regime == "claims" else "warning"},
    }


def _result(finding: Finding, rule_index: int, as_of: str) -> dict[str, Any]:
    places = finding.artefact.locations
    result: dict[str, Any] = {
        "ruleId": regime_of(finding),
        "ruleIndex": rule_index,
        "level": _SARIF_LEVEL[Level(finding.level)],
        "message": _message(finding.why),
        "locations": [_location(finding, next(iter(places), None))],
        "partialFingerprints": {"beholdenFinding/v1": finding.id},
        "properties": _properties(finding, as_of),
    }
    if len(places) > 1:
        result["relatedLocations"] = [
            {"id": number, **_physical(place), "message": _message("Also seen here.")}
            for number, place in enumerate(places[1:], start=1)
        ]
    if finding.waiver is not None:
        result["suppressions"] = [_suppression(finding.waiver)]
    return result


def _location(finding: Finding, place: Location | None) -> dict[str, Any]:
    artefact = finding.artefact
    logical = {"fullyQualifiedName": visible(f"{artefact.kind}:{artefact.value}"), "kind": "resource"}
    return {**(_physical(place) if place else {}), "logicalLocations": [logical]}


def _physical(place: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": relative_uri(place.file)}}
    if place.line is not None and place.line > 0:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def relative_uri(path: str) -> str:
    """Return a path as a relative URI reference: never absolute, whatever the options say."""
    return quote(shareable_path(path), safe="/", errors="surrogateescape")


def _suppression(waiver: Waiver) -> dict[str, Any]:
    window = f"{waiver.created} to {waiver.expires}"
    return {
        "kind": "external",
        "status": "accepted" if waiver.active else "underReview",
        "justification": visible(
            f"Waiver {waiver.id}, {window}, owner {waiver.owner}, approved by {waiver.approver}: {waiver.reason}"
        ),
    }


def _properties(finding: Finding, as_of: str) -> dict[str, Any]:
    artefact = finding.artefact
    listing = finding.listing
    return {
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
        "consequences": [
            {
                "id": item.id,
                "level": item.level,
                "consequence_status": item.consequence_status,
                "binds_you": item.binds_you,
            }
            for item in finding.consequences
        ],
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
        "claims": finding.claims,
    }


def _entity(entity: EntityRef) -> dict[str, Any]:
    return {"id": entity.id, "caption": visible(entity.caption)}


def _notifications(result: ScanResult, cut: int) -> list[dict[str, Any]]:
    found = [_blind_spot(row) for row in result.coverage if row.status in _COVERAGE_LEVEL]
    unclaimed = sum(row.status == "no_reader" and not is_profile(row) for row in result.coverage)
    if unclaimed:
        found.append(_notification("coverage-no-reader", "note", f"{count(unclaimed, 'file')} that no reader claimed."))
    for source in result.kb.sources:
        if not source.loaded:
            found.append(_notification("list-not-loaded", "note", f"{source.id} is not loaded."))
        elif is_behind(source, result.as_of):
            text = f"{source.id} was last checked on {source.checked_until}, before {result.as_of}."
            found.append(_notification("list-behind", "warning", text))
    if cut:
        text = f"{cut:,} results are left out: a run holds {MAX_RESULTS:,}. The JSON report has all of them."
        found.append(_notification("results-cut", "warning", text))
    return found


def _blind_spot(row: Coverage) -> dict[str, Any]:
    reasons = [f"{reason} ({number:,})" for reason, number in sorted(row.reasons.items())] + row.notes
    text = f"{shareable_path(row.file)}: {words(row.status)}" + (f", {'; '.join(reasons)}" if reasons else "")
    notification = _notification(f"coverage-{row.status}", _COVERAGE_LEVEL[row.status], text)
    return {**notification, "locations": [_physical(Location(file=row.file))]}


def _notification(name: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": name}, "level": level, "message": _message(text)}
