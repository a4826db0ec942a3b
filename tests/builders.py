"""Rows, knowledge bases, observations and findings for tests: small, with honest defaults that a test overrides.

A default says nothing that a test relies on silently: a list is loaded, whole and read without end, a rule is in force
and prohibits every conduct, a listing is open, a stake is a capital share. Parties named exist by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from beholden.compile import compile_rows, open_core
from beholden.compile.packs import PackRow
from beholden.compile.write import base_digest, table_digests
from beholden.errors import Origin
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.match import MATCHERS
from beholden.policy.evaluate import Clocks, evaluate
from beholden.policy.exposure import Exposure, Joined, expose
from beholden.policy.profile import Profile
from beholden.run.reduce import Reducer, queries
from beholden.schema.match import QUERY
from beholden.schema.observation import OBSERVATION
from beholden.schema.result import Finding
from beholden.schema.rows import (
    TYPES,
    Asset,
    ClaimRow,
    Consequence,
    Designation,
    Edition,
    EffectRow,
    Entity,
    Entry,
    Event,
    Identifier,
    Name,
    Oui,
    Ownership,
    OwnershipRule,
    Prefix,
    Regime,
    Row,
    SourceRow,
)
from beholden.schema.vocabulary import Conduct, Direction, Effect, Kind, Relation, Role
from beholden.sources.descriptor import Descriptor

SOURCE = "test-source"
LIST = "us-list"
_TABLE_OF = {kind: table for table, kind in TYPES.items()}
_SHARED: dict[str, Any] = {"source_id": SOURCE, "grade": "B"}


def day(text: str) -> date:
    return date.fromisoformat(text)


# --- who ------------------------------------------------------------------------------------------------------------


def make_entity(entity_id: str, caption: str | None = None, **changes: Any) -> Entity:
    return Entity(
        **{**_SHARED, "id": entity_id, "schema": "Company", "caption": caption or entity_id.title(), **changes}
    )


def make_name(entity_id: str, name: str, kind: str = "alias", **changes: Any) -> Name:
    return Name(**{**_SHARED, "entity_id": entity_id, "name": name, "kind": kind, "norm": "", **changes})


def make_identifier(entity_id: str, kind: str, value: str) -> Identifier:
    return Identifier(entity_id=entity_id, kind=kind, value=value, source_id=SOURCE, grade="B")


def make_asset(entity_id: str | None, kind: str, value: str, relation: str | None = None, **changes: Any) -> Asset:
    values = {"id": f"{kind}:{value}", "entity_id": entity_id, "kind": kind, "value": value, "relation": relation}
    return Asset(**{**_SHARED, **values, **changes})


def make_prefix(asn: str, first: str, last: str, **changes: Any) -> Prefix:
    return Prefix(**{**_SHARED, "asn": asn, "first": first, "last": last, **changes})


def make_oui(prefix: str, organisation: str) -> Oui:
    return Oui(prefix=prefix, organisation=organisation, source_id=SOURCE, grade="H")


def make_ownership(
    owner: str,
    owned: str,
    share: str | tuple[str | None, str | None] | None = None,
    kind: str = "capital",
    **changes: Any,
) -> Ownership:
    """A direct stake: `share` is exact, a (low, high) pair, or None for unknown."""
    low, high = share if isinstance(share, tuple) else (share, share)
    values = {
        "id": f"{owner}>{owned}:{kind}",
        "owner_id": owner,
        "owned_id": owned,
        "percentage_low": None if low is None else Decimal(low),
        "percentage_high": None if high is None else Decimal(high),
        "ownership_type": kind,
    }
    return Ownership(**{**_SHARED, **values, **changes})


# --- law ------------------------------------------------------------------------------------------------------------


def make_regime(regime_id: str = LIST, **changes: Any) -> Regime:
    values = {"id": regime_id, "kind": "list", "list_kind": "event", "title": regime_id.upper(), "loaded": True}
    return Regime(**{**_SHARED, **values, **changes})


def make_edition(on: str, regime_id: str = LIST, **changes: Any) -> Edition:
    return Edition(**{**_SHARED, "regime_id": regime_id, "date": day(on), "published_at": day(on), **changes})


def make_entry(entity_id: str, edition: str, regime_id: str = LIST, **changes: Any) -> Entry:
    values = {"regime_id": regime_id, "edition": day(edition), "entity_id": entity_id, "listed_as": entity_id.upper()}
    return Entry(**{**_SHARED, **values, **changes})


def make_designation(
    entity_id: str, since: str, until: str | None = None, regime_id: str = LIST, **changes: Any
) -> Designation:
    values = {
        "id": f"{regime_id}/{entity_id}/{since}",
        "regime_id": regime_id,
        "entity_id": entity_id,
        "listed_as": entity_id.upper(),
        "valid_from": day(since),
        "valid_to": None if until is None else day(until),
        "published_at": day(since),
    }
    return Designation(**{**_SHARED, **values, **changes})


def make_consequence(consequence_id: str = "us-rule", regime_id: str = LIST, **changes: Any) -> Consequence:
    values = {
        "id": consequence_id,
        "regime_id": regime_id,
        "title": f"Rule {consequence_id}",
        "binds": [Role.US_PERSON],
        "conduct": list(Conduct),
        "effect": Effect.PROHIBIT,
        "applies_from": day("2000-01-01"),
        "published_at": day("2000-01-01"),
        "ownership": "none",
        "citation": "1 Example Code 1",
    }
    return Consequence(**{**_SHARED, **values, **changes})


def make_ownership_rule(rule: str, regime_id: str = LIST, **changes: Any) -> OwnershipRule:
    values = {"id": f"{regime_id}-{rule}", "regime_id": regime_id, "rule": rule, "published_at": day("2000-01-01")}
    return OwnershipRule(**{**_SHARED, **values, "valid_from": day("2000-01-01"), **changes})


def make_effect(kind: str, since: str, until: str | None, target_id: str = "us-rule", **changes: Any) -> EffectRow:
    values = {
        "id": f"{kind}/{target_id}/{since}",
        "kind": kind,
        "target_id": target_id,
        "valid_from": day(since),
        "valid_to": None if until is None else day(until),
        "reverts_automatically": True,
        "published_at": day(since),
    }
    return EffectRow(**{**_SHARED, **values, **changes})


# --- evidence -------------------------------------------------------------------------------------------------------


def make_claim(
    claim_id: str, target: str, kind: str = "allegation", on: str = "2025-11-14", **changes: Any
) -> ClaimRow:
    values = {
        "id": claim_id,
        "type": kind,
        "speaker": "A speaker",
        "target_ids": [target],
        "text": f"A speaker says {claim_id}.",
        "reported_date": day(on),
        "published_at": day(on),
        "caveat": "unverified" if kind == "allegation" else None,
    }
    return ClaimRow(**{**_SHARED, **values, **changes})


def make_event(event_id: str, on: str, *entities: str, **changes: Any) -> Event:
    values = {
        "id": event_id,
        "date": day(on),
        "type": "event",
        "text": f"Event {event_id}.",
        "entity_ids": list(entities),
    }
    return Event(**{**_SHARED, **values, "published_at": day(on), **changes})


# --- knowledge bases ------------------------------------------------------------------------------------------------


def make_descriptor(slug: str = "xx_list", **changes: Any) -> Descriptor:
    """An importer of an invented list that nobody fetches."""
    told: dict[str, Any] = {
        "title": f"List of {slug}",
        "publisher": "An office",
        "class_": "official text",
        "grade": "A",
        "licence": "public domain",
        "may_pass_on": True,
        "cadence": "weekly",
        "kind": "list",
        "covers": "everything",
    }
    return Descriptor(slug=slug, **{**told, **changes})


def pack_rows(rows: Iterable[Row]) -> list[PackRow]:
    return [PackRow(_TABLE_OF[type(row)], row, Origin("test", number)) for number, row in enumerate(rows, 1)]


@cache
def core_kb() -> KnowledgeBase:
    """The core base, opened once per process; call it inside tests, when the home folder is the tests' own."""
    return open_core()


def tiny_kb(*rows: Row) -> KnowledgeBase:
    """Compile rows into a base in memory, through the same checks and derivations as packs."""
    everything = [SourceRow(id=SOURCE, title="Written for a test", date=day("2000-01-01")), *rows]
    everything += _missing_entities(rows)
    tables = compile_rows(pack_rows(everything))
    return KnowledgeBase([Layer.in_memory(tables)], base_digest(table_digests(tables)))


def _missing_entities(rows: Sequence[Row]) -> list[Row]:
    named: dict[str, None] = {}
    for row in rows:
        for column in ("entity_id", "owner_id", "owned_id", "beneficiary_id"):
            named.update({value: None for value in [getattr(row, column, None)] if value})
        for column in ("target_ids", "entity_ids"):
            named.update(dict.fromkeys(getattr(row, column, [])))
    written = {row.id for row in rows if isinstance(row, Entity)}
    return [make_entity(entity_id) for entity_id in named if entity_id not in written]


# --- what was seen, and what follows --------------------------------------------------------------------------------


def make_observation(
    kind: Kind | str, value: str, relation: Relation | str | None = None, **changes: Any
) -> dict[str, Any]:
    """One OBSERVATION row: confirmed, seen once, no direction, no day."""
    row = dict.fromkeys(OBSERVATION.names)
    row |= {
        "kind": str(kind),
        "value": value,
        "raw": value,
        "relation": None if relation is None else str(relation),
        "direction": Direction.NONE.value,
        "certainty": "confirmed",
        "file": "input.csv",
        "lines": [1],
        "count": 1,
    }
    return row | changes


def make_payment(name: str, on: str, amount: str = "100", **changes: Any) -> dict[str, Any]:
    """A payment of ours to a party on a day."""
    act = {
        "direction": Direction.OUT.value,
        "acted_on": day(on),
        "first_seen": datetime.combine(day(on), datetime.min.time(), UTC),
        "last_seen": datetime.combine(day(on), datetime.min.time(), UTC),
        "amount": Decimal(amount),
        "unit_of_amount": "USD",
        "what": "paid",
    }
    return make_observation(Kind.NAME, name, Relation.PAYMENT_COUNTERPARTY, **(act | changes))


def reduced(rows: Iterable[dict[str, Any]]) -> pa.Table:
    reducer = Reducer()
    reducer.add(pa.RecordBatch.from_pylist(list(rows), schema=OBSERVATION))
    return reducer.table()


def joined(kb: KnowledgeBase, rows: Iterable[dict[str, Any]], profile: Profile | None = None, *, as_of: str) -> Joined:
    observed = reduced(rows)
    asked = queries(observed)
    return expose(observed, [matcher.match(kb, asked) for matcher in MATCHERS], profile or Profile(), day(as_of))


def exposures(
    kb: KnowledgeBase, rows: Iterable[dict[str, Any]], profile: Profile | None = None, *, as_of: str
) -> list[Exposure]:
    return joined(kb, rows, profile, as_of=as_of).exposures


def findings(
    kb: KnowledgeBase,
    *rows: dict[str, Any],
    as_of: str = "2026-08-01",
    known_at: str | None = None,
    profile: Profile | None = None,
) -> list[Finding]:
    """Observations → findings by the product's own stages."""
    clocks = Clocks(day(as_of), None if known_at is None else day(known_at))
    return evaluate(kb, exposures(kb, rows, profile, as_of=as_of), profile or Profile(), clocks)


def make_query(kind: Kind | str, value: str, relation: str | None = None, *, seen: str | None = None) -> pa.RecordBatch:
    """A QUERY batch of one value, seen on one day or without a day."""
    on = None if seen is None else day(seen)
    row = {"kind": str(kind), "value": value, "relation": relation, "raw": value, "first_day": on, "last_day": on}
    return pa.RecordBatch.from_pylist([row], schema=QUERY)


def matched(
    kb: KnowledgeBase, kind: Kind | str, value: str, relation: str | None = None, *, seen: str | None = None
) -> list[dict[str, Any]]:
    """What every matcher together answers to one value."""
    asked = make_query(kind, value, relation, seen=seen)
    return [row for matcher in MATCHERS for row in matcher.match(kb, asked).to_pylist()]
