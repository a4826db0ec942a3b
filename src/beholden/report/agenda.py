"""What a result asks of its reader: questions to answer, and duties with their clocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from beholden.report.wording import count, rank
from beholden.schema.acceptance import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.schema.result import Duty, Finding

_FAR = "9999-99-99"  # what has no date comes after all that have one


@dataclass(slots=True)
class Question:
    """One fact that levels depend on, once, with every party and finding that waits for it.

    Attributes:
        asked: The question as it was first met.
        confirmed: The worst level that waits for it.
        findings: Those that wait.
        ids: Of each artefact that raises it under a rule, the id to answer it by, and its first finding.
    """

    asked: Asked
    confirmed: str | None
    findings: list[Finding] = field(default_factory=list)
    ids: dict[str, Finding] = field(default_factory=dict)

    @property
    def for_all(self) -> list[str]:
        """Ids that answer it for every artefact at once, where several ask."""
        stems = dict.fromkeys(one.partition("@")[0] for one in self.ids)
        return list(stems) if len(self.ids) > len(stems) else []

    @property
    def parties(self) -> list[str]:
        """Ids of the operators, in the order met."""
        return list(dict.fromkeys(finding.operator.id for finding in self.findings))


@dataclass(slots=True)
class DutyUse:
    """One duty of one rule with one date, once, with every party it is owed for."""

    duty: Duty
    rule: str
    level: str
    days_left: int | None
    parties: list[str]
    is_stale: bool


def questions_of(findings: Iterable[Finding]) -> tuple[list[Question], list[Question]]:
    """Return the questions that are open and those that are answered, the worst first."""
    known: dict[tuple[str, str, str | None], Question] = {}
    for finding in findings:
        for asked in _asked(finding):
            # What is open is one question however many rules and artefacts raise it; an answer is one of its own.
            key = ("" if asked.answer is None else asked.id, asked.text, asked.answer)
            question = known.setdefault(key, Question(asked, None))
            if not any(other is finding for other in question.findings[-1:]):
                question.findings.append(finding)
            if asked.id:
                question.ids.setdefault(asked.id, finding)
            level = finding.level_if_confirmed or finding.level
            if question.confirmed is None or rank(level) < rank(question.confirmed):
                question.confirmed = level
    ordered = sorted(known.values(), key=lambda one: (rank(one.confirmed or ""), -len(one.findings), one.asked.text))
    return [one for one in ordered if one.asked.answer is None], [one for one in ordered if one.asked.answer]


def _asked(finding: Finding) -> Iterator[Asked]:
    yield from finding.asked
    with_id = {asked.text for asked in finding.asked}
    yield from (Asked(id="", text=text) for text in finding.questions if text not in with_id)


def duties_of(findings: Iterable[Finding], as_of: str) -> list[DutyUse]:
    """Return the duties, the nearest date first; those without a date come last."""
    known: dict[tuple[str, str, str | None, str], DutyUse] = {}
    for finding in findings:
        for rule in finding.consequences:
            for duty in rule.duties:
                key = (rule.id, duty.id, duty.due, duty.text)
                use = known.setdefault(key, DutyUse(duty, rule.id, rule.level, days_left(duty.due, as_of), [], False))
                use.level = min(use.level, rule.level, key=rank)
                use.is_stale |= finding.stale
                if finding.operator.id not in use.parties:
                    use.parties.append(finding.operator.id)
    return sorted(known.values(), key=lambda use: (use.duty.due or _FAR, rank(use.level), use.rule, use.duty.id))


def days_left(due: str | None, as_of: str) -> int | None:
    """Return the days from the date asked to a date; negative once it has passed."""
    if due is None:
        return None
    try:
        return (date.fromisoformat(due) - date.fromisoformat(as_of)).days
    except ValueError:
        return None


def clock(left: int | None) -> str:
    """Return the days left as people say them."""
    if left is None:
        return "no date"
    if left < 0:
        return f"{count(-left, 'day')} overdue"
    return "due today" if left == 0 else f"{count(left, 'day')} left"
