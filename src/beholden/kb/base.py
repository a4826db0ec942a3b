"""The knowledge base as an object: immutable layers, looked up by key, opened without being read."""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from beholden.errors import KnowledgeBaseError
from beholden.kb.identity import Identities
from beholden.kb.layer import Layer, visible, width
from beholden.kb.manifest import Manifest
from beholden.schema.rows import (
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
    Resolution,
    Row,
    SourceRow,
)
from beholden.schema.version import KB_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from beholden.values.ranges import AddressRanges
    from beholden.values.suffixes import WatchedNames

R = TypeVar("R", bound=Row)


class KnowledgeBase:
    """Who is who, who owns whom, what is listed, which rules apply, who said what.

    A row of a higher layer replaces the row with the same id below it; otherwise layers add up.
    """

    def __init__(self, layers: Sequence[Layer], digest: str, folder: Path | None = None) -> None:
        self._layers = tuple(layers)
        self.digest = digest
        self.folder = folder
        # Only publications held by this day went into it, as whoever opens it knows; no row says so.
        self.as_held: date | None = None
        self._entities: dict[str, Entity | None] = {}
        self._entries: dict[str, list[Entry]] = {}
        self._designations: dict[str, list[Designation]] = {}
        self._sources: dict[str, SourceRow | None] = {}
        self._referents: dict[str, tuple[str, ...]] = {}

    @classmethod
    def open(cls, folder: Path) -> KnowledgeBase:
        """Open a compiled base.

        Raises:
            KnowledgeBaseError: Missing, damaged or of another schema.
        """
        try:
            manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise KnowledgeBaseError(
                f"no readable knowledge base in {folder}: {error}", code="kb.unreadable", hint="run `beholden kb build`"
            ) from error
        if manifest.schema != KB_SCHEMA:
            raise KnowledgeBaseError(
                f"{folder} has schema {manifest.schema}; this version reads {KB_SCHEMA}",
                code="kb.other-schema",
                hint="run `beholden kb build`",
            )
        try:
            manifest.check_sizes(folder)
            return cls([Layer.open(folder)], manifest.digest, folder)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise KnowledgeBaseError(
                f"the knowledge base in {folder} is damaged: {error}", code="kb.damaged", hint="run `beholden kb build`"
            ) from error

    def overlay(self, tables: Mapping[str, Iterable[Row]], digest: str) -> KnowledgeBase:
        """The same base with rows laid over it; nothing is written.

        Args:
            tables: Rows per table, already checked and derived.
            digest: Content hash of those rows.
        """
        laid_over = KnowledgeBase([Layer.in_memory(tables), *self._layers], f"{self.digest}+{digest}")
        laid_over.as_held = self.as_held
        return laid_over

    def _find(self, kind: type[R], table: str, column: str, values: Iterable[str]) -> list[R]:
        wanted = list(values)
        return self._merge(table, (cast("Iterable[R]", layer.find(table, column, wanted)) for layer in self._layers))

    def _all(self, kind: type[R], table: str) -> list[R]:
        return self._merge(table, (cast("Iterable[R]", layer.all(table)) for layer in self._layers))

    def _merge(self, table: str, layers: Iterable[Iterable[R]]) -> list[R]:
        merged: list[R] = []
        hidden: frozenset[str] = frozenset()
        for layer, rows in zip(self._layers, layers, strict=True):
            merged.extend(visible(rows, hidden))
            hidden |= layer.ids.get(table, frozenset())
        return merged

    def rows(self, table: str) -> Iterator[Row]:
        """Every row of a table in its order, one at a time: for tables that do not fit into memory."""
        streams: list[Iterator[Row]] = []
        hidden: frozenset[str] = frozenset()
        for layer in self._layers:
            streams.append(visible(layer.all(table), hidden))
            hidden |= layer.ids.get(table, frozenset())
        from beholden.kb.order import in_order  # see `beholden.kb.layer` on what loads Arrow

        return in_order(table, streams)

    def ids(self, table: str) -> frozenset[str]:
        """Every id of a table."""
        return frozenset(str(getattr(row, "id", "")) for row in self._all(Row, table))

    # who

    def entity(self, entity_id: str) -> Entity | None:
        """The entity with this id."""
        # The base never changes, and a run asks for the same few thousand times.
        if entity_id not in self._entities:
            self._entities[entity_id] = next(iter(self._find(Entity, "entities", "id", [entity_id])), None)
        return self._entities[entity_id]

    def entities_with(self, ids: Iterable[str]) -> dict[str, Entity]:
        """Entities by id, of many at once."""
        return {row.id: row for row in self._find(Entity, "entities", "id", ids)}

    def entities(self) -> list[Entity]:
        """Every entity; for integrity checks and small bases."""
        return self._all(Entity, "entities")

    def names(self, entity_id: str) -> list[Name]:
        """Names of an entity."""
        return self._find(Name, "names", "entity_id", [entity_id])

    def named(self, norms: Iterable[str]) -> list[Name]:
        """Names whose normal form is one of these."""
        return self._find(Name, "names", "norm", norms)

    def norms_with(self, tokens: Iterable[str]) -> list[str]:
        """Normal forms that share a token, once per shared token."""
        wanted = list(tokens)
        return [norm for layer in self._layers for norm in layer.linked("name_token", wanted)]

    def identifiers(self, entity_id: str) -> list[Identifier]:
        """Identifiers of an entity."""
        return self._find(Identifier, "identifiers", "entity_id", [entity_id])

    def identified(self, value: str) -> list[Identifier]:
        """Identifiers with this value."""
        return self._find(Identifier, "identifiers", "value", [value])

    def canonical(self, entity_id: str) -> str:
        """The id that a party has here, given any id under which it is or was published."""
        rows = self._find(Resolution, "resolutions", "referent", [entity_id])
        return next((row.entity_id for row in rows if row.joins), entity_id)

    def resolutions(self, entity_id: str) -> list[Resolution]:
        """Ids that stand for an entity, each with the reason."""
        return self.resolutions_of([entity_id])

    def resolutions_of(self, entity_ids: Iterable[str]) -> list[Resolution]:
        """Ids that stand for any of these entities, each with the reason."""
        rows = self._find(Resolution, "resolutions", "entity_id", entity_ids)
        return [row for row in rows if row.joins]

    def referents(self, entity_id: str) -> tuple[str, ...]:
        """Ids that stand for an entity, in order."""
        if entity_id not in self._referents:
            self._referents[entity_id] = tuple(sorted({row.referent for row in self.resolutions(entity_id)}))
        return self._referents[entity_id]

    def declined(self) -> list[Resolution]:
        """Pairs of ids that share something and are kept apart, each with the reason."""
        rows = cast("Iterator[Resolution]", self.rows("resolutions"))
        return [row for row in rows if row.rule == "declined"]

    def pairs_with(self, entity_id: str) -> list[Resolution]:
        """What was decided about an id, on either side of a pair."""
        found = (self._find(Resolution, "resolutions", column, [entity_id]) for column in ("entity_id", "referent"))
        return [row for rows in found for row in rows]

    @cached_property
    def identities(self) -> Identities:
        """Who may be whom."""
        return Identities(self)

    def is_laid_over(self, entity_id: str) -> bool:
        """Whether a party is described by an overlay."""
        return any(entity_id in layer.ids.get("entities", ()) for layer in self._layers[:-1])

    def shared_norms(self) -> Iterator[tuple[str, int]]:
        """Normal forms of names of entities that are numbered otherwise, and how many names have each.

        Of the base alone: an overlay is of one run, and nothing in it waits for a review.
        """
        return self._layers[-1].shared_norms()

    def assets(self, kind: str, values: Iterable[str]) -> list[Asset]:
        """Assets of a kind with one of these values."""
        return [asset for asset in self._find(Asset, "assets", "value", values) if asset.kind == kind]

    def asset(self, asset_id: str) -> Asset | None:
        """The asset with this id."""
        return next(iter(self._find(Asset, "assets", "id", [asset_id])), None)

    def assets_of(self, entity_id: str) -> list[Asset]:
        """Assets of an entity."""
        return self._find(Asset, "assets", "entity_id", [entity_id])

    def prefixes(self, packed: bytes) -> list[Prefix]:
        """Address ranges that cover a packed address, most specific first, of equal ones the latest first.

        Some lead to an operator; others only say who announces a range or where it is registered.
        """
        found = [row for layer in self._layers for row in layer.prefixes(packed)]
        return sorted(found, key=width) if len(found) > 1 else found

    @cached_property
    def watched_addresses(self) -> AddressRanges:
        """The addresses that the address matcher may have an operator for, with a label for each of its answers.

        `beholden.kb.answers` says when two addresses have one. Labels mean nothing in another base.

        Raises:
            KnowledgeBaseError: The file of a compiled base is damaged.
        """
        from beholden.kb.watch import addresses_of  # see `beholden.kb.layer` on what loads Arrow

        return addresses_of(self._layers, self._all(Asset, "assets") if len(self._layers) > 1 else ())

    @cached_property
    def watched_names(self) -> WatchedNames:
        """The host names that the domain matcher may have an operator for.

        Raises:
            KnowledgeBaseError: The file of a compiled base is damaged.
        """
        from beholden.kb.watch import names_of

        return names_of(self._layers)

    def ouis(self, prefixes: Iterable[str]) -> list[Oui]:
        """Hardware-address blocks with one of these prefixes."""
        return self._find(Oui, "ouis", "prefix", prefixes)

    def owners(self, owned_id: str) -> list[Ownership]:
        """Direct holdings in an entity."""
        return self._find(Ownership, "ownership", "owned_id", [owned_id])

    def owners_of(self, owned_ids: Iterable[str]) -> list[Ownership]:
        """Direct holdings in any of these entities."""
        return self._find(Ownership, "ownership", "owned_id", owned_ids)

    def ownership(self) -> list[Ownership]:
        """Every direct holding."""
        return self._all(Ownership, "ownership")

    @cached_property
    def ownership_table(self) -> pa.Table:
        """Every direct holding in columns; read and coded once, whatever it is asked for.

        Shape: one row per holding; `schema.knowledge.TABLES["ownership"]`, parties coded as `columns.coded` does.

        Raises:
            KnowledgeBaseError: The file of a compiled base is damaged.
        """
        from beholden.kb.columns import whole_holdings  # see `beholden.kb.layer` on what loads Arrow

        return whole_holdings(self._layers)

    def ownership_count(self) -> int:
        """How many direct holdings the layers have; those that a higher one hides are counted as well."""
        return sum(layer.count("ownership") for layer in self._layers)

    def holdings(self, owner_id: str) -> list[Ownership]:
        """Direct holdings of an entity."""
        return self._find(Ownership, "ownership", "owner_id", [owner_id])

    # law

    @cached_property
    def regimes(self) -> dict[str, Regime]:
        """Lists and rules by id."""
        return {row.id: row for row in sorted(self._all(Regime, "regimes"), key=lambda row: row.id)}

    @cached_property
    def consequences(self) -> dict[str, list[Consequence]]:
        """Consequences by regime."""
        grouped: dict[str, list[Consequence]] = {}
        for row in sorted(self._all(Consequence, "consequences"), key=lambda row: row.id):
            grouped.setdefault(row.regime_id, []).append(row)
        return grouped

    @cached_property
    def ownership_rules(self) -> list[OwnershipRule]:
        """Ownership rules that extend lists."""
        return sorted(self._all(OwnershipRule, "ownership_rules"), key=lambda row: row.id)

    @cached_property
    def effects(self) -> dict[str, list[EffectRow]]:
        """Suspensions, stays and stops by what they switch off."""
        grouped: dict[str, list[EffectRow]] = {}
        for row in sorted(self._all(EffectRow, "effects"), key=lambda row: row.id):
            grouped.setdefault(row.target_id, []).append(row)
        return grouped

    def editions(self, regime_id: str) -> list[Edition]:
        """Published states of a list, oldest first."""
        return sorted(self._find(Edition, "editions", "regime_id", [regime_id]), key=lambda row: row.date)

    def entries(self, entity_id: str) -> list[Entry]:
        """Names printed for an entity, per edition."""
        if entity_id not in self._entries:
            self._entries[entity_id] = self._find(Entry, "entries", "entity_id", [entity_id])
        return self._entries[entity_id]

    def designations(self, entity_id: str) -> list[Designation]:
        """Entries of an entity on lists."""
        if entity_id not in self._designations:
            self._designations[entity_id] = self._find(Designation, "designations", "entity_id", [entity_id])
        return self._designations[entity_id]

    def designations_under(self, regime_id: str) -> list[Designation]:
        """Entries on a list, categories included."""
        return self._find(Designation, "designations", "regime_id", [regime_id])

    # evidence

    def claims_about(self, entity_id: str) -> list[ClaimRow]:
        """Claims whose target is this entity."""
        ids = [ref for layer in self._layers for ref in layer.linked("claim_target", [entity_id])]
        return self._find(ClaimRow, "claims", "id", ids)

    def claims(self, ids: Iterable[str]) -> list[ClaimRow]:
        """Claims by id."""
        return self._find(ClaimRow, "claims", "id", ids)

    def answers_to(self, ids: Iterable[str]) -> list[ClaimRow]:
        """Claims that answer one of these claims or events."""
        wanted = list(ids)  # each layer is asked for all of them
        refs = [ref for layer in self._layers for ref in layer.linked("claim_answer", wanted)]
        return self._find(ClaimRow, "claims", "id", refs)

    def events_of(self, entity_id: str) -> list[Event]:
        """Events that name this entity."""
        ids = [ref for layer in self._layers for ref in layer.linked("event_entity", [entity_id])]
        return self._find(Event, "events", "id", ids)

    def events_under(self, regime_id: str) -> list[Event]:
        """Events about a list or rule."""
        return self._find(Event, "events", "regime_id", [regime_id])

    def events(self, ids: Iterable[str]) -> list[Event]:
        """Events by id."""
        return self._find(Event, "events", "id", ids)

    def source(self, source_id: str) -> SourceRow | None:
        """The source with this id."""
        if source_id not in self._sources:
            self._sources[source_id] = next(iter(self._find(SourceRow, "sources", "id", [source_id])), None)
        return self._sources[source_id]

    def dated_sources(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of some sources that have a date."""
        return frozenset(row.id for row in self._find(SourceRow, "sources", "id", ids) if row.date is not None)

    def sources(self) -> list[SourceRow]:
        """Every source."""
        return self._all(SourceRow, "sources")

    def rows_per_table(self) -> dict[str, int]:
        """Row counts, overlays included."""
        counts: Counter[str] = Counter()
        for layer in self._layers:
            counts.update(layer.counts())
        return dict(counts)
