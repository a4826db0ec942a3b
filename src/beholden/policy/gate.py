"""Whether a result stops a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import Finding


def is_at_gate(findings: Iterable[Finding], level: Level, *, is_confirmed_only: bool) -> bool:
    """Whether a finding stands at or above a level.

    Args:
        findings: Findings; a waived one (waiver in force) does not count.
        level: The gate.
        is_confirmed_only: Count a `review` as it is, not by its `level_if_confirmed`.
    """
    for finding in findings:
        if finding.waiver is not None and finding.waiver.active:
            continue
        levels = [finding.level]
        if not is_confirmed_only:
            confirmed = [finding.level_if_confirmed, *(rule.level_if_confirmed for rule in finding.consequences)]
            levels += [item for item in confirmed if item is not None]
        if any(Level(item).rank <= level.rank for item in levels):
            return True
    return False
