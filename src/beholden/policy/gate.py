"""Whether a result stops a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.acceptance import GateInfo
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import Finding

_KNOWN = frozenset({"unchanged", "better"})


def gate(findings: Iterable[Finding], level: Level, *, is_confirmed_only: bool) -> GateInfo:
    """Count what stands at or above a level.

    An active waiver takes a finding out of the count, and so does a baseline that has it at this level or worse; but
    not where its waiver has expired: what was accepted until a day is open again after it.

    Args:
        findings: With their waivers and baseline states.
        level: The gate.
        is_confirmed_only: Count a `review` as it is, not by its `level_if_confirmed`.
    """
    counts = {"at_gate": 0, "waived": 0, "in_baseline": 0}
    for finding in findings:
        if stands_at(finding, level, is_confirmed_only=is_confirmed_only):
            counts[_why_not(finding) or "at_gate"] += 1
    return GateInfo(fail_on=level.value, confirmed_only=is_confirmed_only, passed=not counts["at_gate"], **counts)


def stands_at(finding: Finding, level: Level, *, is_confirmed_only: bool) -> bool:
    """Whether a finding is at or above a level, whoever accepted it."""
    levels = [finding.level]
    if not is_confirmed_only:
        confirmed = [finding.level_if_confirmed, *(rule.level_if_confirmed for rule in finding.consequences)]
        levels += [item for item in confirmed if item is not None]
    return any(Level(item).rank <= level.rank for item in levels)


def _why_not(finding: Finding) -> str | None:
    """Why a finding does not count; None: it does."""
    waiver = finding.waiver
    if waiver is not None and waiver.active:
        return "waived"
    has_expired = waiver is not None and waiver.status == "expired"
    return "in_baseline" if finding.baseline in _KNOWN and not has_expired else None
