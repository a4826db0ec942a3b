"""What the command line names → a list, a rule, a party; and what is near where there is none."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from beholden.errors import LookupFailedError, UsageError
from beholden.run.lookup import entity_called

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Entity, Regime


def party_called(kb: KnowledgeBase, asked: str) -> Entity:
    """The party meant; one that no pack has can be described by the user."""
    try:
        return entity_called(kb, asked)
    except LookupFailedError as error:
        if error.code != "show.not-found":
            raise
        ours = "describe a party that is missing in a pack of your own: docs/how-to/add-a-regime.md"
        hint = f"{error.hint}; or {ours}" if error.hint else ours
        raise LookupFailedError(error.message, code=error.code, hint=hint) from error


def list_called(kb: KnowledgeBase, regime_id: str) -> Regime:
    """The list with this id, where it names parties."""
    lists = {row.id: row for row in kb.regimes.values() if row.kind == "list"}
    regime = kb.regimes.get(regime_id)
    if regime is None:
        raise UsageError(
            f"no list is called “{regime_id}”", code="whatif.unknown-list", hint=_near(regime_id, lists, "lists")
        )
    if regime.id not in lists or not regime.names_party:
        raise UsageError(
            f"{regime_id} names no party: nobody can be listed on it, or taken off it", code="whatif.names-no-party"
        )
    return regime


def check_target(kb: KnowledgeBase, target: str) -> None:
    """Refuse what is no list with rules and no rule."""
    rules = {row.id for rows in kb.consequences.values() for row in rows} | {row.id for row in kb.ownership_rules}
    if target in rules:
        return
    known = rules | kb.regimes.keys()
    if target not in known:
        raise UsageError(
            f"no list and no rule is called “{target}”",
            code="whatif.unknown-rule",
            hint=_near(target, known, "lists and rules"),
        )
    if not kb.consequences.get(target) and all(row.regime_id != target for row in kb.ownership_rules):
        raise UsageError(f"{target} has no rule that could be suspended", code="whatif.nothing-to-suspend")


def _near(asked: str, known: Iterable[str], what: str) -> str:
    near = get_close_matches(asked.lower(), sorted(known), n=5, cutoff=0.4)
    return f"near: {', '.join(near)}" if near else f"`beholden kb info` lists the {what}"
