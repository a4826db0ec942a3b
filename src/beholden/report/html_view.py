"""What the HTML report shows, grouped for reading: a panel per operator, claims beside answers, each rule once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from beholden.report.wording import rank, worst_first
from beholden.schema.result import (
    Claim,
    ConsequenceResult,
    Coverage,
    Duty,
    EntityRef,
    EntitySummary,
    Finding,
    Quantity,
    ScanResult,
)
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")

_OPEN_FINDINGS = 12  # above this the reader opens what they want; printing opens all


@dataclass(frozen=True, slots=True)
class Thread:
    """Claims that have the same answers, and every such answer that the document holds."""

    claims: list[Claim]
    answers: list[Claim]


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything about one operator."""

    anchor: str
    entity: EntityRef
    levels: list[tuple[str, int]]
    quantities: list[Quantity]
    relations: dict[str, int]
    findings: list[Finding]
    info: list[Finding]
    threads: list[Thread]


@dataclass(frozen=True, slots=True)
class Rule:
    """A consequence's text, once, however many findings rest on it: the exceptions and duties of all of them."""

    anchor: str
    consequence: ConsequenceResult
    exceptions: list[dict[str, Any]]
    duties: list[Duty]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    result: ScanResult
    panels: list[Panel]
    rules: list[Rule]
    rule_anchor: dict[int, str]
    source_anchor: dict[str, str]
    other_threads: list[Thread]
    coverage: list[Coverage]
    open_findings: bool


def view_of(result: ScanResult) -> View:
    """Return the page of a result."""
    panels = list(_panels(result))
    shown = {claim.id for panel in panels for thread in panel.threads for claim in thread.claims + thread.answers}
    rules, rule_anchor = _rules(result.findings)
    return View(
        result=result,
        panels=panels,
        rules=rules,
        rule_anchor=rule_anchor,
        # Numbers, not ids: a source id may hold a slash or anything else that a fragment must not.
        source_anchor={source: f"source-{number}" for number, source in enumerate(sorted(result.sources), start=1)},
        other_threads=threads_of((claim for claim in result.claims if claim.id not in shown), result.claims),
        coverage=sorted(result.coverage, key=lambda row: (row.status == "read", row.file)),
        open_findings=sum(finding.level != Level.INFO for finding in result.findings) <= _OPEN_FINDINGS,
    )


def threads_of(chosen: Iterable[Claim], every: list[Claim]) -> list[Thread]:
    """Return the chosen claims with their answers beside them; an answer alone stands as its own thread.

    An answer counts whichever side names the other: `answers` and `answered_by` are two hands of one link.
    """
    chosen = list(chosen)
    chosen_ids = {claim.id for claim in chosen}
    threads: dict[tuple[str, ...], Thread] = {}
    for claim in chosen:
        if chosen_ids.intersection(claim.answers) - {claim.id}:
            continue
        answers = [other for other in every if claim.id in other.answers or other.id in claim.answered_by]
        thread = threads.setdefault(tuple(answer.id for answer in answers), Thread([], answers))
        thread.claims.append(claim)
    return list(threads.values())


def _panels(result: ScanResult) -> Iterator[Panel]:
    by_operator: dict[str, list[Finding]] = {}
    for finding in worst_first(result.findings):
        by_operator.setdefault(finding.operator.id, []).append(finding)
    summaries = {row.entity.id: row for row in result.summary.by_entity}
    ordered = sorted(by_operator.values(), key=lambda group: (rank(group[0].level), group[0].operator.caption))
    for number, group in enumerate(ordered, start=1):
        entity = group[0].operator
        summary = summaries.get(entity.id) or EntitySummary(entity=entity, levels={}, quantities=[], relations={})
        levels = Counter(finding.level for finding in group)
        yield Panel(
            anchor=f"party-{number}",
            entity=entity,
            levels=sorted(levels.items(), key=lambda pair: rank(pair[0])),
            quantities=summary.quantities,
            relations=summary.relations,
            findings=[finding for finding in group if finding.level != Level.INFO],
            info=[finding for finding in group if finding.level == Level.INFO],
            threads=threads_of(_claims_about(group, result.claims), result.claims),
        )


def _claims_about(findings: list[Finding], claims: list[Claim]) -> list[Claim]:
    cited = {claim_id for finding in findings for claim_id in finding.claims}
    parties = {entity.id for finding in findings for entity in (finding.operator, finding.listed_entity)}
    return [claim for claim in claims if claim.id in cited or parties.intersection(claim.target)]


def _rules(findings: list[Finding]) -> tuple[list[Rule], dict[int, str]]:
    """Give each rule one card, and say by a consequence's identity which card is its own."""
    cards: dict[tuple[str, str, str | None, tuple[str, ...]], Rule] = {}
    anchors: dict[int, str] = {}
    for finding in findings:
        for consequence in finding.consequences:
            key = (consequence.id, consequence.effect, consequence.citation, tuple(consequence.binds))
            card = cards.setdefault(key, Rule(f"rule-{len(cards) + 1}", consequence, [], []))
            _add_new(
                card.exceptions, consequence.exceptions, lambda exception: (exception.get("id"), exception.get("text"))
            )
            _add_new(card.duties, consequence.duties, lambda duty: (duty.id, duty.text))
            anchors[id(consequence)] = card.anchor
    return sorted(cards.values(), key=lambda card: (card.consequence.id, card.anchor)), anchors


def _add_new(known: list[_T], items: list[_T], key: Callable[[_T], object]) -> None:
    seen = [key(item) for item in known]
    for item in items:
        if key(item) not in seen:
            known.append(item)
            seen.append(key(item))
