"""Rule cards: a consequence's text once, however many findings rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from beholden.schema.result import ConsequenceResult, Duty, Finding

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Rule:
    """A consequence's text with the exceptions and duties of all findings that rest on it."""

    anchor: str
    consequence: ConsequenceResult
    exceptions: list[dict[str, Any]]
    duties: list[Duty]


def rules_of(findings: Iterable[Finding]) -> tuple[list[Rule], dict[int, str]]:
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
