"""Findings as SARIF 2.1.0, for code scanning and other viewers.

A rule is a regime (or `claims`), as in the finding's own id: a rule per consequence would change with the date, and
viewers would open the same finding anew. Specification: OASIS SARIF 2.1.0; limits: GitHub code scanning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from beholden import __version__
from beholden.report.both_sides import both_sides
from beholden.report.paths import shareable_path
from beholden.report.privacy import shared
from beholden.report.sarif_notices import NOTICES, is_whole, notices
from beholden.report.sarif_result import BASE, message, result_of
from beholden.report.text import visible
from beholden.report.wording import LEVEL_MEANING, NEUTRALITY, level_counts, regime_of, worst_first

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import ScanResult

MAX_RESULTS = 25_000  # per run; viewers reject a file with more

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class SarifReport:
    """One run, one rule a regime, one result a finding."""

    name = "sarif"
    suffix = ".sarif"
    media_type = "application/sarif+json"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the log; personal data is pseudonymised unless the options say otherwise."""
        text = json.dumps(sarif_log(shared(assessment, options)), indent=2, ensure_ascii=False)
        return {"": text.encode("utf-8", errors="backslashreplace") + b"\n"}


def sarif_log(result: ScanResult) -> dict[str, Any]:
    """Return the SARIF log of a result."""
    findings = worst_first(result.findings)
    kept = findings[:MAX_RESULTS]
    rules = sorted({regime_of(finding) for finding in kept})
    index = {rule: position for position, rule in enumerate(rules)}
    claims = {claim.id: claim for claim in result.claims}
    texts = {claim_id: both_sides(claim, claims) for claim_id, claim in claims.items()}
    results = [result_of(finding, index[regime_of(finding)], result.as_of, texts) for finding in kept]
    if result.waivers or any("suppressions" in item for item in results):
        for item in results:
            item.setdefault("suppressions", [])  # 3.27.23: on every result of a run, or on none
    run = {
        "tool": {
            "driver": {
                "name": "beholden",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
                "notifications": [_descriptor(name, text, text) for name, text in NOTICES.items()],
            }
        },
        # The same id on every date: a viewer compares a run with the one before it.
        "automationDetails": {"id": "beholden/"},
        "invocations": [
            {
                "executionSuccessful": is_whole(result),
                "toolExecutionNotifications": notices(result, len(findings) - len(kept), MAX_RESULTS),
            }
        ],
        # Without a URI: where the folder lies is no one else's business, and a viewer has its own copy (3.14.14).
        "originalUriBaseIds": {BASE: {"description": {"text": "The folder that was scanned."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "as_of": result.as_of,
            "known_at": result.known_at,
            "kb_digest": result.kb.digest,
            "by_level": dict(level_counts(result.summary.by_level)),
            # Once, not in each of the results that rest on them.
            "claims": {claim_id: "\n".join(map(visible, text.split("\n"))) for claim_id, text in texts.items()},
            **_acceptance(result),
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _acceptance(result: ScanResult) -> dict[str, Any]:
    """Return what the organisation accepted and how its gate came out, where it asked."""
    found: dict[str, Any] = {}
    if result.waivers:
        found["waivers"] = [
            {
                "id": use.waiver.id,
                "status": use.waiver.status,
                "created": use.waiver.created,
                "expires": use.waiver.expires,
                "findings": use.findings,
            }
            for use in result.waivers
        ]
    if result.baseline is not None:
        # What is gone is told here and not as results with baselineState `absent`: code scanning services ignore that
        # property and would show each of them as open.
        found["baseline"] = msgspec.to_builtins(result.baseline) | {"file": shareable_path(result.baseline.file)}
    if result.gate is not None:
        found["gate"] = msgspec.to_builtins(result.gate)
    return found


def _rule(regime: str) -> dict[str, Any]:
    is_claims = regime == "claims"
    subject = "Attributed claims, with the answers to them" if is_claims else f"Listing on {regime}"
    descriptor = _descriptor(
        regime,
        subject,
        f"{subject}, tied to something this organisation has, pays or uses.",
        f"{NEUTRALITY} Levels: {' '.join(f'{level}: {meaning}' for level, meaning in LEVEL_MEANING.items())}",
    )
    # A table of levels reads better than a sentence where the viewer knows Markdown.
    rows = "\n".join(f"| {level} | {meaning} |" for level, meaning in LEVEL_MEANING.items())
    descriptor["help"]["markdown"] = f"{NEUTRALITY}\n\n| level | when |\n|---|---|\n{rows}\n"
    words = regime.replace("-", " ").title().replace(" ", "")
    return {
        **descriptor,
        "name": "AttributedClaims" if is_claims else f"{words}Listing",
        "defaultConfiguration": {"level": "note" if is_claims else "warning"},
        "properties": {"tags": ["claims" if is_claims else "listing", "third-party"]},
    }


def _descriptor(name: str, short: str, full: str, help_text: str | None = None) -> dict[str, Any]:
    # All three texts: GitHub code scanning refuses a descriptor that lacks one of them.
    return {
        "id": name,
        "shortDescription": message(short),
        "fullDescription": message(full),
        "help": message(help_text or full),
    }
