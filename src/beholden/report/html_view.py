"""What the HTML report shows, grouped for reading: a panel per operator, a line per artefact, each listing once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.report.agenda import DutyUse, Question, duties_of, questions_of
from beholden.report.html_lines import Card, Cards, Line, lines_of
from beholden.report.html_rules import Rule, rules_of
from beholden.report.html_threads import Thread, claims_about, threads_of
from beholden.report.tally import Tally, once, sentence, tally_of
from beholden.report.wording import is_behind, rank, regime_of, worst_first
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.result import Claim, Coverage, EntityRef, Finding, ScanResult, SourceInfo
    from beholden.schema.timeline import TimelineRow

_OPEN_LINES = 3  # above this the reader opens what they want; printing opens all
_LARGE = 300  # above this, lines off the screen are not laid out until they are near
_PRINTED_INFO = 60  # above this, lines at level info stay on the screen: nobody reads them on paper


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything about one operator."""

    anchor: str
    entity: EntityRef
    level: str
    levels: list[tuple[str, int]]
    tally: Tally
    sentence: str
    cards: list[Card]
    lines: list[Line]
    info: list[Line]
    timeline: list[TimelineRow]
    claims: list[Claim]
    questions: int
    stale: list[str]


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level of the summary; an artefact counts at the worst level it has."""

    level: Level
    findings: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    result: ScanResult
    levels: list[LevelRow]
    total: Tally
    panels: list[Panel]
    panel_anchor: dict[str, str]
    captions: dict[str, str]
    questions: list[Question]
    answered: list[Question]
    duties: list[DutyUse]
    threads: list[Thread]
    rules: list[Rule]
    rule_anchor: dict[int, str]
    card_anchor: dict[int, str]
    source_anchor: dict[str, str]
    coverage: list[Coverage]
    behind: list[SourceInfo]
    open_lines: bool
    is_large: bool
    print_info: bool


def view_of(result: ScanResult) -> View:
    """Return the page of a result."""
    ordered = worst_first(result.findings)
    cards = Cards(result)
    panels = list(_panels(result, ordered, cards))
    rules, rule_anchor = rules_of(result.findings)
    questions, answered = questions_of(ordered)
    captions = {ref.id: ref.caption for finding in ordered for ref in (finding.operator, finding.listed_entity)}
    return View(
        result=result,
        levels=_levels(ordered),
        total=tally_of(finding.artefact for finding in ordered),
        panels=panels,
        panel_anchor={panel.entity.id: panel.anchor for panel in panels},
        captions=captions,
        questions=questions,
        answered=answered,
        duties=duties_of(ordered, result.as_of),
        threads=threads_of(result.claims, result.claims),
        rules=rules,
        rule_anchor=rule_anchor,
        card_anchor=cards.anchor_of,
        # Numbers, not ids: a source id may hold a slash or anything else that a fragment must not.
        source_anchor={source: f"source-{number}" for number, source in enumerate(sorted(result.sources), start=1)},
        coverage=sorted(result.coverage, key=lambda row: (row.status == "read", row.file)),
        behind=[source for source in result.kb.sources if is_behind(source, result.as_of)],
        is_large=sum(len(panel.lines) + len(panel.info) for panel in panels) > _LARGE,
        open_lines=sum(len(panel.lines) for panel in panels) <= _OPEN_LINES,
        print_info=sum(len(panel.info) for panel in panels) <= _PRINTED_INFO,
    )


def _levels(ordered: list[Finding]) -> list[LevelRow]:
    counts = Counter(finding.level for finding in ordered)
    worst: dict[tuple[str, str, str], Finding] = {}
    for finding in ordered:  # worst first, so the first stays
        artefact = finding.artefact
        worst.setdefault((artefact.kind, artefact.value, artefact.relation), finding)
    return [
        LevelRow(level, counts[level.value], tally_of(one.artefact for one in worst.values() if one.level == level))
        for level in Level
    ]


def _panels(result: ScanResult, ordered: list[Finding], cards: Cards) -> Iterator[Panel]:
    by_operator: dict[str, list[Finding]] = {}
    for finding in ordered:
        by_operator.setdefault(finding.operator.id, []).append(finding)
    groups = sorted(by_operator.values(), key=lambda group: (rank(group[0].level), group[0].operator.caption))
    number = 0
    for place, group in enumerate(groups, start=1):
        counts = Counter(finding.level for finding in group)
        tally = tally_of(once(finding.artefact for finding in group))
        lines = lines_of(group, number)
        number += len(lines)
        own_cards = cards.of(group)
        level = group[0].level
        yield Panel(
            anchor=f"party-{place}",
            entity=group[0].operator,
            level=level,
            levels=sorted(counts.items(), key=lambda pair: rank(pair[0])),
            tally=tally,
            sentence=sentence(tally),
            cards=own_cards,
            lines=[line for line in lines if line.level != Level.INFO],
            info=[line for line in lines if line.level == Level.INFO],
            timeline=_timeline(group, result.timeline) if level != Level.INFO else [],
            claims=claims_about(group, result.claims),
            questions=len({text for finding in group for text in finding.questions}),
            stale=list(dict.fromkeys(card.stale_phrase for card in own_cards if card.stale_phrase)),
        )


def _timeline(group: list[Finding], rows: list[TimelineRow]) -> list[TimelineRow]:
    """What names the party or those behind it, and what concerns everybody on their lists."""
    parties = {ref.id for finding in group for ref in (finding.operator, finding.listed_entity)}
    regimes = {regime_of(finding) for finding in group}
    return [
        row
        for row in rows
        if (parties.intersection(row.entities) if row.entities else row.regime is not None and row.regime in regimes)
    ]
