"""Answers to the questions that findings ask: facts about our own affairs, each with its source, in `beholden.toml`.

A question's id says what it is about: `match@…` (is it this party?), `in-use@…`, `still-in-use@…`, `share/RULE@…`,
`entry/DESIGNATION@…`, `listed/DESIGNATION@…`, `produced-in/DESIGNATION@…`, `standing/RULE`, `RULE/EXCEPTION@…`,
`authorisation/REFERENCE/RULE@…`. The part after `@` is the artefact; an answer that leaves it out holds for every
artefact that asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import UsageError
from beholden.schema.acceptance import Asked
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from beholden.policy.places import Places

YES, NO = "yes", "no"
APPLIES, DOES_NOT_APPLY = "applies", "does_not_apply"
STANDING = "standing"
_PLAIN = ("match", "in-use", "still-in-use", "share", "entry", "authorisation", "produced-in", "listed")
_ARTEFACT_CHARACTERS = 8


class AnswerRow(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[answers]]`."""

    question: str
    answer: str
    source: str
    by: str | None = None
    on: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered, by question id."""

    rows: tuple[AnswerRow, ...] = ()

    def to(self, question_id: str, as_of: date) -> AnswerRow | None:
        """The answer that holds on a day: the one for this artefact before the one for all; the last one given wins.

        Answers that contradict each other on the same day are refused when they are read.
        """
        for wanted in (question_id, question_id.partition("@")[0]):
            for row in reversed(self.rows):
                if row.question == wanted and (row.expires is None or as_of < row.expires):
                    return row
        return None

    def unused(self, asked: Iterable[Asked]) -> list[AnswerRow]:
        """Answers that no finding asked for."""
        ids = {item.id for item in asked if item.answer is not None}
        ids |= {one.partition("@")[0] for one in ids}
        return [row for row in self.rows if row.question not in ids]


def question_id(subject: str, artefact_id: str | None = None) -> str:
    """The id of a question about a subject, for one artefact or for all."""
    return subject if artefact_id is None else f"{subject}@{artefact_id[:_ARTEFACT_CHARACTERS]}"


def asked(question: str, text: str, answer: AnswerRow | None) -> Asked:
    """The question as a result shows it, with its answer if there is one."""
    if answer is None:
        return Asked(id=question, text=text)
    return Asked(
        id=question,
        text=text,
        answer=answer.answer,
        source=answer.source,
        by=answer.by,
        on=answer.on.isoformat() if answer.on else None,
    )


def _contradict(one: AnswerRow, other: AnswerRow) -> bool:
    """Whether two answers to one question differ, and neither had ended when the other was given."""
    is_over = any(
        old.expires is not None and new.on is not None and old.expires <= new.on
        for old, new in ((one, other), (other, one))
    )
    return one.answer != other.answer and not is_over


def read_answers(rows: Sequence[AnswerRow], places: Places) -> Answers:
    """Check the answers of a profile.

    Raises:
        UsageError: An answer that its question cannot have, one without a source, or two that contradict each other.
    """
    before: dict[str, list[AnswerRow]] = {}
    for index, row in enumerate(rows):
        subject = row.question.partition("@")[0].partition("/")[0]
        allowed: tuple[str, ...] = (YES, NO, APPLIES, DOES_NOT_APPLY)
        if subject in _PLAIN:
            allowed = (YES, NO)
        elif subject == STANDING:
            allowed = tuple(status for status in ConsequenceStatus if status is not ConsequenceStatus.UNKNOWN)
        problem = None
        if row.answer not in allowed:
            problem = f"the answer to '{row.question}' is {row.answer!r}; expected one of {', '.join(allowed)}"
        elif not row.source.strip():
            problem = f"the answer to '{row.question}' has no source"
        if problem:
            raise UsageError(problem, code="profile.wrong-answer", origin=places.entry("answers", index))
        other = next((one for one in before.get(row.question, ()) if _contradict(one, row)), None)
        if other is not None:
            raise UsageError(
                f"'{row.question}' is answered {other.answer!r} ({other.source}) and {row.answer!r} ({row.source})",
                code="profile.contradicting-answers",
                origin=places.entry("answers", index),
                hint="remove one, or let the earlier one expire on the day (`on`) of the later",
            )
        before.setdefault(row.question, []).append(row)
    return Answers(tuple(rows))
