"""Totals of a result: by level, and by operator with its quantities counted once per artefact."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.policy.amounts import quantities
from beholden.policy.authorise import names_of
from beholden.schema.result import EntitySummary, Finding, Summary
from beholden.schema.vocabulary import Level
from beholden.values.names import normalise

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.profile import Profile


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


def unused(profile: Profile, kb: KnowledgeBase, findings: list[Finding], as_of: date) -> list[str]:
    """What the profile states and no finding needed: a slip in an id, or something to take out.

    Returns:
        One line each: answers, authorisations, contracts, in the order of the profile.
    """
    answers = profile.answers.unused(item for finding in findings for item in finding.asked)
    rules = [rule for finding in findings for rule in finding.consequences]
    used = {use.id for rule in rules for use in rule.authorisations}
    operators = {finding.operator.id for finding in findings}
    known = frozenset[str]().union(*(names_of(kb, operator) for operator in operators))
    held = profile.holdings
    return [
        *(
            f"answer to {row.question}"
            + (f" (expired on {row.expires})" if row.expires is not None and row.expires <= as_of else "")
            for row in answers
        ),
        *(f"authorisation {row.id}" for row in held.authorisations if row.id not in used),
        *(f"contract with {row.party}" for row in held.contracts if normalise(row.party) not in known),
    ]
