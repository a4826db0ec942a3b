"""Every list and rule with its law, and how each rule stands on the day the site is built."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import tables
from beholden.kb.law import consequence_state, ownership_rule_state
from beholden.run.base_info import base_info
from tables import NONE, code, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.dossier import ListInfo
    from beholden.schema.rows import Consequence, EffectRow, OwnershipRule, Regime, Row

FOLDER = "reference/regimes"
_INTRODUCTION = """# Lists and rules

Generated from the core packs. **Status** is that of {day} (UTC), the day this site was built; `beholden kb info --as-of
DATE` says it for any other. Where our copy of a list ends before a day, the listing of a party is `unknown` on it, with
what was last known; see [time](../../explanation/time.md). Letters are [grades](../../explanation/grades.md): **K** is
general knowledge that was not read again and has to be checked against its citation.

"""
_LIST = "A listing is an act of its issuer on a date. It is no verdict of ours on a party.\n\n"


def pages(kb: KnowledgeBase, day: date) -> dict[str, str]:
    """A page for each list and rule, and one for all.

    Args:
        kb: The core base.
        day: Statuses are given for it.
    """
    info = base_info(kb, as_of=day, known_at=None)
    status = {rule.id: str(rule.status) for rule in info.rules}
    lists = {row.id: row for row in info.sources if row.kind == "list"}
    found = {f"{FOLDER}/index.md": _overview(kb, day, status, lists)}
    for regime in kb.regimes.values():
        found[f"{FOLDER}/{regime.id}.md"] = "".join(_page(kb, regime, day, status, lists.get(regime.id)))
    return found


def _overview(kb: KnowledgeBase, day: date, status: dict[str, str], lists: dict[str, ListInfo]) -> str:
    def name(regime: Regime) -> str:
        return f"[`{regime.id}`]({regime.id}.md)"

    held = [
        (
            name(regime),
            plain(regime.title),
            plain(regime.issuer),
            _copy(lists[regime.id]),
            plain(lists[regime.id].checked_until),
            plain(regime.grade),
        )
        for regime in kb.regimes.values()
        if regime.id in lists
    ]
    alone = [
        (name(regime), plain(regime.title), plain(regime.issuer), code(status[regime.id]), plain(regime.grade))
        for regime in kb.regimes.values()
        if regime.id not in lists
    ]
    keyed = [
        (f"[`{rule.id}`]({rule.regime_id}.md#{rule.id})", plain(rule.title), code(status[rule.id]), plain(rule.grade))
        for rows in kb.consequences.values()
        for rule in rows
    ]
    keyed += [
        (
            f"[`{rule.id}`]({rule.regime_id}.md#{rule.id})",
            f"ownership: `{rule.rule}`",
            code(status[rule.id]),
            plain(rule.grade),
        )
        for rule in kb.ownership_rules
    ]
    return (
        _INTRODUCTION.format(day=day)
        + "## Lists {#lists}\n\n"
        + table(("list", "title", "issuer", "our copy", "checked until", "grade"), held)
        + "## Rules keyed to a list {#consequences}\n\n"
        + table(("rule", "what it says", f"status on {day}", "grade"), sorted(keyed))
        + "## Rules without a list {#rules}\n\n"
        + table(("rule", "title", "issuer", f"status on {day}", "grade"), alone)
    )


def _copy(held: ListInfo) -> str:
    if not held.loaded:
        return "not loaded: every listing is `unknown`"
    return f"{held.rows} entries" + (f", edition of {held.edition}" if held.edition else "")


def _page(kb: KnowledgeBase, regime: Regime, day: date, status: dict[str, str], held: ListInfo | None) -> Iterator[str]:
    yield f"# {regime.id}: {plain(regime.title)}\n\n"
    if held is not None:
        yield _LIST
    facts = [("kind", f"{regime.list_kind} list" if regime.list_kind else regime.kind)]
    facts += [("issuer", plain(regime.issuer)), ("jurisdiction", plain(regime.jurisdiction))]
    facts += [("citation", plain(regime.citation))]
    if held is not None:
        facts += [
            ("loaded", "yes" if held.loaded else "no"),
            ("our copy", _copy(held) + (", some parties only" if regime.is_partial else "")),
            ("edition", plain(held.edition)),
            ("covered from", held.covered_from or ("the beginning" if held.loaded else NONE)),
            ("checked until", plain(held.checked_until)),
            ("names a party", "yes" if regime.names_party else "no, categories only"),
        ]
    else:
        facts += [(f"status on {day}", code(status[regime.id])), ("in force from", tables.day(regime.valid_from))]
    facts += [("official files", plain("; ".join(regime.files))), *_evidence(kb, regime)]
    yield table(("field", "value"), facts)
    if regime.note:
        yield f"{plain(regime.note)}\n\n"
    editions = kb.editions(regime.id)
    if editions:
        yield "## Editions\n\n" + table(
            ("date", "title", "complete"),
            [(tables.day(row.date), plain(row.cited(None)), "yes" if row.is_complete else "no") for row in editions],
        )
    for rule in kb.consequences.get(regime.id, []):
        yield from _consequence(kb, rule, day, status[rule.id])
    for own in kb.ownership_rules:
        if own.regime_id == regime.id:
            yield from _ownership(kb, own, day, status[own.id])
    yield from _effects(kb.effects.get(regime.id, []))
    events = sorted(
        (row for row in kb.events(kb.ids("events")) if row.regime_id == regime.id), key=lambda row: row.date
    )
    if events:
        yield "## Events\n\nAn event is something that happened. It changes no status by itself.\n\n"
        yield table(
            ("date", "what", "grade"), [(tables.day(row.date), plain(row.text), plain(row.grade)) for row in events]
        )


def _consequence(kb: KnowledgeBase, rule: Consequence, day: date, status: str) -> Iterator[str]:
    state = consequence_state(kb, rule, designation=None, entity_id=None, as_of=day, known_at=None)
    by_text = f"; by its own text {code(state.by_text)}, no later publication was read" if state.by_text else ""
    yield f"## {plain(rule.title)} {{#{rule.id}}}\n\n"
    yield table(
        ("field", "value"),
        [
            ("id", code(rule.id)),
            (f"status on {day}", code(status) + by_text),
            ("binds", code(rule.binds)),
            ("conduct", code(rule.conduct)),
            ("effect", code(rule.effect or "unknown")),
            ("applies from", tables.day(rule.applies_from)),
            ("until", tables.day(rule.until)),
            ("next change by its text", tables.day(state.until)),
            ("ownership test", code(rule.ownership)),
            ("only for", code(rule.scope_entities) if rule.scope_entities else "every listed party"),
            ("citation", plain(rule.citation)),
            ("first public", tables.day(rule.published_at)),
            *_evidence(kb, rule),
        ],
    )
    if rule.exceptions:
        yield "**Exceptions**\n\n"
        for item in rule.exceptions:
            cited = f" ({plain(item.citation)})" if item.citation else ""
            asked = f" Asked: *{plain(item.question)}*" if item.question else ""
            yield f"* `{item.id}`: {plain(item.text)}{cited}{asked}\n"
        yield "\n"
    if rule.duties:
        yield "**Duties**\n\n"
        for duty in rule.duties:
            clock = f" {duty.days} {duty.calendar or 'calendar'} days." if duty.days is not None else ""
            due = f" By {duty.date}." if duty.date is not None else ""
            yield f"* `{duty.id}`: {plain(duty.text)}{clock}{due} {plain(duty.citation)}\n"
        yield "\n"
    yield from _effects(kb.effects.get(rule.id, []))
    if rule.note:
        yield f"{plain(rule.note)}\n\n"


def _ownership(kb: KnowledgeBase, rule: OwnershipRule, day: date, status: str) -> Iterator[str]:
    state = ownership_rule_state(kb, rule, as_of=day, known_at=None)
    yield f"## Ownership rule {rule.id} {{#{rule.id}}}\n\n"
    yield table(
        ("field", "value"),
        [
            ("test", f"`{rule.rule}`, see [ownership](../../explanation/ownership.md)"),
            (f"status on {day}", code(status)),
            ("in force from", tables.day(rule.valid_from)),
            ("next change by its text", tables.day(state.until)),
            ("reaches", "foreign entities only" if rule.foreign_only else "entities anywhere"),
            ("citation", plain(rule.citation)),
            *_evidence(kb, rule),
        ],
    )
    yield from _effects(kb.effects.get(rule.id, []))
    if rule.note:
        yield f"{plain(rule.note)}\n\n"


def _effects(rows: list[EffectRow]) -> Iterator[str]:
    """Intervals in which something is switched off; what hangs on the entries of one notice is told once."""
    entries = Counter(_notice(row) for row in rows)
    for row in {_notice(row) or row.id: row for row in reversed(rows)}.values():
        whom = "".join(f" for `{key}`" for key in (row.entity_id, row.designation_id) if key)
        if row.notice:
            whom = f" for the {entries[_notice(row)]} entries of `{row.notice}`"
        end = (
            f" until {row.valid_to}" if row.valid_to else f" until {plain(row.end_event or 'an end that is not known')}"
        )
        if row.kind == "stop":
            end = ", for good"
        back = ", comes back by itself" if row.reverts_automatically else ""
        yield (
            f"**{row.kind.capitalize()}**{whom}: from {tables.day(row.valid_from)}{end}{back}; {plain(row.citation)} "
            f"(grade {plain(row.grade)}). {plain(row.note) if row.note else ''}\n\n"
        )


def _notice(row: EffectRow) -> tuple[str, str, date | None] | None:
    """What the rows share that one effect on a notice became."""
    return (row.notice, row.kind, row.valid_from) if row.notice else None


def _evidence(kb: KnowledgeBase, row: Row) -> list[tuple[str, str]]:
    source = kb.source(row.source_id) if row.source_id else None
    told = NONE
    if source is not None:
        told = f"[{plain(source.title)}]({source.url})" if source.url else plain(source.title)
        told += "".join(f", {plain(part)}" for part in (source.publisher, source.date) if part)
    return [("source", told), ("grade", plain(row.grade))]
