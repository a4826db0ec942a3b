"""The closed sets of words, and how relations, conduct, roles and rules meet."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from beholden.policy.conduct import conduct
from beholden.policy.profile import IMPLIES
from beholden.schema.vocabulary import (
    Agreement,
    Conduct,
    ConsequenceStatus,
    DataClass,
    Direction,
    Effect,
    Kind,
    Level,
    ListingStatus,
    Relation,
    Role,
    Segment,
)
from tables import NONE, code, table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Consequence

_INTRODUCTION = """# Words

Generated from the code and the core packs: the words that profiles, packs, results and reports share.

"""


def pages(kb: KnowledgeBase) -> dict[str, str]:
    """One page with every set of words."""
    rules = [rule for rows in kb.consequences.values() for rule in rows]
    return {"reference/vocabulary.md": _INTRODUCTION + _roles(rules) + _relations() + _conduct(rules) + _other()}


def _roles(rules: Iterable[Consequence]) -> str:
    rows = [
        (
            code(role),
            code(IMPLIES.get(role, ())),
            ", ".join(link(rule) for rule in rules if role in rule.binds) or NONE,
        )
        for role in Role
    ]
    return (
        "## Roles {#roles}\n\nWhat an organisation is, for the law; set in `beholden.toml`. A rule binds those who "
        "hold one of its roles.\n\n" + table(("role", "implies", "bound by"), rows)
    )


def _relations() -> str:
    def did(relation: Relation, *directions: Direction, has_traffic: bool = False) -> str:
        return code(sorted(conduct(relation, frozenset(directions), Segment.OWN, has_traffic=has_traffic)))

    rows = []
    for relation in Relation:
        out, inward = did(relation, Direction.OUT), did(relation, Direction.IN)
        shown = out if out == inward else f"out: {out}; in: {inward}"
        service = did(relation, Direction.OUT, has_traffic=True)
        if service != out:
            shown += f"; {service} once its service is seen in use"
        if relation is Relation.EQUITY:
            dealt = conduct(relation, frozenset(), None, dealings=frozenset({"bought", "sold", "invested"}))
            shown += f" while held; {code(sorted(dealt))} by what was done"
        rows.append((code(relation), shown))
    return (
        f"## Relations {{#relations}}\n\n{inspect.getdoc(Relation)} On a network segment that is not our own, every "
        "relation is without conduct.\n\n" + table(("relation", "conduct"), rows)
    )


def _conduct(rules: Iterable[Consequence]) -> str:
    rows = [(code(word), ", ".join(link(rule) for rule in rules if word in rule.conduct) or NONE) for word in Conduct]
    return f"## Conduct {{#conduct}}\n\n{inspect.getdoc(Conduct)}\n\n" + table(("conduct", "touched by"), rows)


def _other() -> str:
    titles: dict[str, type[StrEnum]] = {
        "Levels": Level,
        "Listing status": ListingStatus,
        "Consequence status": ConsequenceStatus,
        "Effects": Effect,
        "Network segments": Segment,
        "Classes of data": DataClass,
        "Agreements": Agreement,
        "Kinds of observed values": Kind,
    }
    return "".join(
        f"## {title} {{#{title.lower().replace(' ', '-')}}}\n\n{inspect.getdoc(words)}\n\n{code(words)}\n\n"
        for title, words in titles.items()
    )


def link(rule: Consequence) -> str:
    """The rule's id, leading to its place on the page of its list."""
    return f"[`{rule.id}`](regimes/{rule.regime_id}.md#{rule.id})"
