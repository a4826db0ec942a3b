"""Totals of a result: by level, and by operator with its quantities counted once per artefact."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal

from beholden.policy.consequence import quantities
from beholden.schema.result import EntitySummary, Finding, Summary
from beholden.schema.vocabulary import Level


def summarise(findings: list[Finding]) -> Summary:
    """Sum findings up.

    Several findings may rest on one artefact (one per list); its quantities and relation count once.
    """
    levels = Counter(finding.level for finding in findings)
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.operator.id, []).append(finding)
    entities = [_entity(own) for own in grouped.values()]
    entities.sort(key=lambda item: (min(Level(level).rank for level in item.levels), item.entity.caption))
    return Summary(by_level={level.value: levels.get(level.value, 0) for level in Level}, by_entity=entities)


def _entity(findings: list[Finding]) -> EntitySummary:
    artefacts = {(item.artefact.kind, item.artefact.value, item.artefact.relation): item for item in findings}
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in artefacts.values():
        for quantity in item.artefact.quantities:
            sums[quantity.unit, quantity.what] += Decimal(quantity.amount)
    levels = Counter(finding.level for finding in findings)
    relations = Counter(relation for _, _, relation in artefacts)
    return EntitySummary(
        entity=findings[0].operator,
        levels={level.value: levels[level.value] for level in Level if levels[level.value]},
        quantities=quantities(sums),
        relations=dict(sorted(relations.items())),
    )
