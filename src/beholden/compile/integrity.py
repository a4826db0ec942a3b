"""Checks that rows fit together: unique keys, existing references, words of the vocabulary, forward intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.errors import CompileError
from beholden.schema.rows import HYPOTHESIS, Consequence, Designation, EffectRow, SourceRow
from beholden.schema.vocabulary import Agreement, Conduct, DataClass, Effect, Relation, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from beholden.compile.packs import PackRow

_TESTS = frozenset(
    {"aggregate_50", "aggregate_50_places", "over_50_or_control", "control", "subsidiary_or_affiliate", "affiliate_10"}
)

_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("consequences", "binds"): frozenset(Role),
    ("consequences", "reaches"): frozenset(Role),
    ("consequences", "conduct"): frozenset(Conduct),
    ("consequences", "effect"): frozenset(Effect),
    ("consequences", "ownership"): _TESTS | {"none", "unknown"},
    ("ownership_rules", "rule"): _TESTS,
    ("ownership_rules", "sums"): frozenset({"unknown"}),
    ("assets", "kind"): frozenset(
        {"domain", "purl", "model", "asn", "ip", "oui_organisation", "category", "oem_brand"}
    ),
    ("assets", "part"): frozenset({"module"}),
    ("assets", "relation"): frozenset(Relation),
    ("entities", "caption_kind"): frozenset({"legal", "alias", "brand", "former", "unit"}),
    ("names", "kind"): frozenset({"legal", "alias", "weak", "brand", "former", "unit"}),
    ("resolutions", "rule"): frozenset({"reviewed", "declined", "open"}),
    ("ownership", "ownership_type"): frozenset({"capital", "voting", "control", "affiliate"}),
    ("ownership", "holder"): frozenset({"nominee", "unknown"}),
    ("regimes", "kind"): frozenset({"list", "rule"}),
    ("regimes", "list_kind"): frozenset({"edition", "event", "statute", "category"}),
    ("effects", "kind"): frozenset({"suspension", "stay", "stop"}),
    ("designations", "certainty"): frozenset({"confirmed", "probable"}),
    ("claims", "type"): frozenset({"allegation", "denial", "assessment", "measure", "event", "statement"}),
}  # fmt: skip

_UNIQUE = (
    "entities",
    "sources",
    "regimes",
    "consequences",
    "ownership_rules",
    "effects",
    "events",
    "claims",
    "designations",
)

_REFERENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("names", "entity_id", ("entities",)),
    ("identifiers", "entity_id", ("entities",)),
    ("resolutions", "entity_id", ("entities",)),
    ("assets", "entity_id", ("entities",)),
    ("ownership", "owner_id", ("entities",)),
    ("ownership", "owned_id", ("entities",)),
    ("ownership", "beneficiary_id", ("entities",)),
    ("entries", "regime_id", ("regimes",)),
    ("entries", "entity_id", ("entities",)),
    ("editions", "regime_id", ("regimes",)),
    ("designations", "regime_id", ("regimes",)),
    ("designations", "entity_id", ("entities",)),
    ("consequences", "regime_id", ("regimes",)),
    ("ownership_rules", "regime_id", ("regimes",)),
    ("effects", "target_id", ("consequences", "ownership_rules", "regimes")),
    ("effects", "entity_id", ("entities",)),
    ("events", "entity_ids", ("entities",)),
    ("events", "regime_id", ("regimes",)),
    ("claims", "speaker_id", ("entities",)),
    ("claims", "target_ids", ("entities",)),
    ("claims", "answers", ("claims", "events")),
)


# Tables that rows refer to by id: what an overlay must know of the base below it.
REFERRED_TO = frozenset({"sources", *(target for _, _, targets in _REFERENCES for target in targets)})


def check(rows: Iterable[PackRow], known: Mapping[str, frozenset[str]] | None = None) -> None:
    """Check rows against each other.

    Args:
        rows: All rows of a base, or of an overlay.
        known: Ids per table that a base below already has (for overlays).

    Raises:
        CompileError: All problems, up to twenty, with their places.
    """
    listed = list(rows)
    # An id of the base below may be said again: the row of the overlay replaces it.
    ids: dict[str, set[str]] = {table: set(values) for table, values in (known or {}).items()}
    written: set[tuple[str, str]] = set()
    problems: list[str] = []
    for item in listed:
        own = getattr(item.row, "id", None)
        if own is None:
            continue
        if (item.table, own) in written and item.table in _UNIQUE:
            problems.append(f"{item.origin}: {item.table} has '{own}' twice")
        written.add((item.table, own))
        ids.setdefault(item.table, set()).add(own)
    notices = {row.notice for row in (item.row for item in listed) if isinstance(row, Designation)}
    for item in listed:
        problems.extend(_problems(item, ids))
        if isinstance(item.row, EffectRow) and item.row.notice is not None and item.row.notice not in notices:
            problems.append(f"{item.origin}: no designation of these packs was made by notice '{item.row.notice}'")
        if isinstance(item.row, EffectRow) and item.row.kind == "stop" and item.row.valid_to is not None:
            problems.append(f"{item.origin}: effect '{item.row.id}' is a stop, which is for good, and has a valid_to")
        if isinstance(item.row, Consequence):
            problems.extend(f"{item.origin}: {item.row.id}: {problem}" for problem in _wrong_exceptions(item.row))
    if problems:
        more = f"\n… and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise CompileError("\n".join(problems[:20]) + more, code="compile.integrity")


def _problems(item: PackRow, ids: Mapping[str, set[str]]) -> Iterable[str]:
    row = item.row
    if row.source_id is not None and row.source_id not in ids.get("sources", set()):
        yield f"{item.origin}: source '{row.source_id}' is not in any [[sources]]"
    is_supposed = isinstance(row, Designation) and row.is_supposed
    if is_supposed or (isinstance(row, SourceRow) and row.id == HYPOTHESIS):
        yield f"{item.origin}: '{HYPOTHESIS}' is kept for what is only supposed; a row states what a source says"
    if row.valid_from and row.valid_to and row.valid_from > row.valid_to:
        yield f"{item.origin}: valid_from {row.valid_from} is after valid_to {row.valid_to}"
    for (table, column), words in _WORDS.items():
        if table == item.table:
            wrong = [value for value in _values(getattr(row, column)) if value not in words]
            if wrong:
                yield f"{item.origin}: {table}.{column} has {wrong[0]!r}; expected one of {', '.join(sorted(words))}"
    for table, column, targets in _REFERENCES:
        if table == item.table:
            for value in _values(getattr(row, column)):
                if not any(value in ids.get(target, set()) for target in targets):
                    yield f"{item.origin}: {table}.{column} '{value}' is not in {' or '.join(targets)}"


def _wrong_exceptions(rule: Consequence) -> Iterable[str]:
    """Words of exceptions that are not in the vocabulary, and questions that are missing."""
    for item in rule.exceptions:
        for what, values, words in (
            ("effect", [item.effect], frozenset({"ask", "presume", "note"})),
            ("applies_to", item.applies_to, frozenset(Relation)),
            ("agreements", item.agreements, frozenset(Agreement)),
            ("data_classes", list(item.data_classes), frozenset(DataClass)),
        ):
            wrong = [value for value in values if value not in words]
            if wrong:
                yield f"exception '{item.id}': {what} has {wrong[0]!r}; expected one of {', '.join(sorted(words))}"
        if item.effect != "note" and not item.question:
            yield f"exception '{item.id}' is to be asked about and has no question"


def _values(value: Any) -> list[str]:  # noqa: ANN401 (a column)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [str(value)]
