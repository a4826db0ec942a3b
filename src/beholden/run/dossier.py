"""Everything the base says about one entity or one artefact, at two dates: the work behind `show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from beholden.kb.law import consequence_state
from beholden.kb.listing import ListingState, listing_state
from beholden.policy.claims import ClaimsOnFile
from beholden.policy.timeline import history_of
from beholden.run.describe import describe
from beholden.run.lookup import entity_called, others_called
from beholden.schema.dossier import (
    AssetInfo,
    Candidate,
    ConsequenceInfo,
    Dossier,
    EntityInfo,
    EntryInfo,
    IdentifierInfo,
    ListingInfo,
    NameInfo,
    StakeInfo,
)
from beholden.schema.result import EntityRef, Hop, LastKnown, MatchResult
from beholden.schema.vocabulary import ConsequenceStatus, Kind
from beholden.values.artefact import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Asset, Consequence, Designation, Entity, Ownership, Regime


def show(kb: KnowledgeBase, asked: str, *, as_of: date, known_at: date | None) -> Dossier:
    """The dossier of an entity (by id, identifier or name) or of an artefact.

    Raises:
        LookupFailedError: Nothing has it, or several entities do; the message lists the candidates.
    """
    entity = kb.entity(kb.canonical(asked))
    if entity is None:
        artefact = recognise(asked)
        if artefact is not None:
            return _artefact(kb, *artefact, as_of=as_of, known_at=known_at)
        entity = entity_called(kb, asked)
    others = others_called(kb, asked, entity)
    return _entity_dossier(kb, entity, others, as_of=as_of, known_at=known_at)


def _entity_dossier(
    kb: KnowledgeBase, entity: Entity, others: list[str], *, as_of: date, known_at: date | None
) -> Dossier:
    on_file = ClaimsOnFile(kb, as_of, known_at)
    claims = on_file.about(entity.id)
    lists = [regime for regime in kb.regimes.values() if regime.kind == "list"]
    return Dossier(
        as_of=as_of.isoformat(),
        known_at=known_at.isoformat() if known_at else None,
        kb=describe(kb, as_of, known_at),
        entity=_entity_info(kb, entity, others, known_at),
        listings=[_listing(kb, regime, entity.id, as_of, known_at) for regime in lists],
        owners=[
            _stake(kb, row, row.owner_id, as_of, known_at) for row in kb.owners(entity.id) if row.is_known(known_at)
        ],
        owned=[
            _stake(kb, row, row.owned_id, as_of, known_at) for row in kb.holdings(entity.id) if row.is_known(known_at)
        ],
        assets=[
            AssetInfo(
                kind=row.kind,
                value=row.value,
                relation=row.relation,
                valid_from=_iso(row.valid_from),
                valid_to=_iso(row.valid_to),
                source=row.source_id,
                grade=row.grade,
                note=_note(row, known_at),
            )
            for row in kb.assets_of(entity.id)
            if row.is_known(known_at)
        ],
        claims=on_file.document(claim.id for claim in claims),
        timeline=history_of(kb, entity.id, on_file, as_of=as_of, known_at=known_at),
    )


def _entity_info(kb: KnowledgeBase, entity: Entity, others: list[str], known_at: date | None) -> EntityInfo:
    return EntityInfo(
        id=entity.id,
        schema=entity.schema,
        caption=entity.caption,
        jurisdictions=list(entity.jurisdictions),
        names=[
            NameInfo(name=row.name, kind=row.kind, lang=row.lang, source=row.source_id, grade=row.grade)
            for row in kb.names(entity.id)
            if row.is_known(known_at)
        ],
        identifiers=[
            IdentifierInfo(kind=row.kind, value=row.value, source=row.source_id, grade=row.grade)
            for row in kb.identifiers(entity.id)
            if row.is_known(known_at)
        ],
        referents=list(kb.referents(entity.id)),
        namesakes=[_ref_of(kb, other) for other in kb.identities.namesakes(entity.id)],
        others_called=[_ref_of(kb, other) for other in others],
        note=_note(entity, known_at),
    )


def _listing(kb: KnowledgeBase, regime: Regime, entity_id: str, as_of: date, known_at: date | None) -> ListingInfo:
    state = listing_state(kb, regime, entity_id, as_of=as_of, known_at=known_at)
    row = state.designation
    rules = [
        rule
        for rule in kb.consequences.get(regime.id, ())
        if not rule.scope_entities or entity_id in rule.scope_entities
    ]
    entries = list(_entries(kb, regime, entity_id, as_of, known_at))
    return ListingInfo(
        regime=regime.id,
        title=regime.title,
        listing_status=state.status,
        listed_as=row.listed_as if row else None,
        since=_iso(state.since),
        since_is_latest=state.is_since_latest,
        until=_iso(row.ended(known_at)) if row else None,
        until_is_latest=row is not None and row.ended(known_at) is not None and row.is_end_latest,
        citation=row.cited(known_at) if row else None,
        edition=_iso(state.edition),
        last_known=LastKnown(status=state.last_known[0], at=state.last_known[1].isoformat())
        if state.last_known
        else None,
        reason=state.reason,
        entries=entries,
        consequences=[_consequence(kb, rule, state, entity_id, as_of, known_at) for rule in rules],
        question=row.question if row and row.certainty != "confirmed" else None,
        namesakes=[_ref_of(kb, other) for other in state.namesakes],
        sources=sorted({entry.source for entry in entries if entry.source} | _source_of(kb, regime, known_at)),
    )


def _source_of(kb: KnowledgeBase, regime: Regime, known_at: date | None) -> set[str]:
    """The source of the list itself, unless it is a document of a later day."""
    source = kb.source(regime.source_id) if regime.source_id else None
    is_later = source is not None and source.date is not None and known_at is not None and source.date > known_at
    return {source.id} if source is not None and not is_later else set()


def _consequence(
    kb: KnowledgeBase, rule: Consequence, listing: ListingState, entity_id: str, as_of: date, known_at: date | None
) -> ConsequenceInfo:
    state = consequence_state(
        kb, rule, designation=listing.designation, entity_id=entity_id, as_of=as_of, known_at=known_at
    )
    return ConsequenceInfo(
        id=rule.id,
        title=rule.title,
        consequence_status=state.status,
        binds=list(rule.binds),
        conduct=list(rule.conduct),
        effect=rule.effect,
        applies_from=_iso(state.applies_from),
        until=_iso(state.until if state.status is not ConsequenceStatus.UPCOMING else None),
        citation=rule.citation,
        grade=rule.grade,
    )


def _entries(
    kb: KnowledgeBase, regime: Regime, entity_id: str, as_of: date, known_at: date | None
) -> Iterator[EntryInfo]:
    printed = [row for row in kb.entries(entity_id) if row.regime_id == regime.id]
    editions = {row.date: row for row in kb.editions(regime.id)} if printed else {}
    for entry in sorted(printed, key=lambda row: row.edition):
        if entry.edition <= as_of and entry.is_known(known_at) and (known_at is None or entry.edition <= known_at):
            yield EntryInfo(
                edition=entry.edition.isoformat(),
                listed_as=entry.listed_as,
                basis=entry.basis,
                since=None,
                until=None,
                source=entry.source_id,
                grade=entry.grade,
                note="carried over from an earlier edition" if entry.is_carried else None,
                citation=edition.cited(known_at) if (edition := editions.get(entry.edition)) else None,
            )
    for row in kb.designations(entity_id):
        if row.valid_from in editions:
            continue  # told by what the edition prints
        if (
            row.regime_id == regime.id
            and row.is_known(known_at)
            and (row.valid_from is None or row.valid_from <= as_of)
        ):
            yield EntryInfo(
                edition=None,
                listed_as=row.listed_as,
                basis=row.basis,
                since=_iso(row.valid_from),
                since_is_latest=row.is_start_latest,
                until=_iso(row.ended(known_at)),
                until_is_latest=row.is_end_latest and row.ended(known_at) is not None,
                source=row.source_id,
                grade=row.grade,
                note=_note(row, known_at),
                citation=row.cited(known_at),
            )


def _note(row: Entity | Designation | Ownership | Asset, known_at: date | None) -> str | None:
    """A reviewer's note has no date: it is left out where only what was public by a day is asked for."""
    return row.note if known_at is None else None


def _stake(kb: KnowledgeBase, row: Ownership, other: str, as_of: date, known_at: date | None) -> StakeInfo:
    return StakeInfo(
        entity=_ref_of(kb, other),
        percentage_low=None if row.percentage_low is None else str(row.percentage_low),
        percentage_high=None if row.percentage_high is None else str(row.percentage_high),
        ownership_type=row.ownership_type,
        valid_from=_iso(row.valid_from),
        valid_to=_iso(row.ended(known_at)),
        holds=row.stands(as_of, known_at),
        source=row.source_id,
        grade=row.grade,
        note=_note(row, known_at),
    )


def _artefact(kb: KnowledgeBase, kind: Kind, value: str, *, as_of: date, known_at: date | None) -> Dossier:
    # They take 50 ms to load, 100 where numpy is installed, and only an artefact needs them here.
    import pyarrow as pa

    from beholden.match import MATCHERS
    from beholden.schema.match import QUERY

    asked = pa.RecordBatch.from_pylist(
        [{"kind": kind, "value": value, "relation": None, "raw": value, "first_day": as_of, "last_day": as_of}],
        schema=QUERY,
    )
    rows = [row for matcher in MATCHERS if kind in matcher.kinds for row in matcher.match(kb, asked).to_pylist()]
    candidates = []
    for row in sorted(rows, key=lambda row: (-row["score"], row["entity_id"])):
        entity = kb.entity(row["entity_id"])
        assert entity is not None
        candidates.append(
            Candidate(
                entity=EntityRef.of(entity),
                relation=row["relation"],
                match=MatchResult(
                    method=row["method"],
                    score=row["score"],
                    decision=row["decision"],
                    features=msgspec.json.decode(row["features"]),
                ),
                path=[_hop(step) for step in row["hops"]],
            )
        )
    lists = [regime for regime in kb.regimes.values() if regime.kind == "list"]
    first = candidates[0].entity.id if candidates else None
    return Dossier(
        as_of=as_of.isoformat(),
        known_at=known_at.isoformat() if known_at else None,
        kb=describe(kb, as_of, known_at),
        artefact={"kind": kind.value, "value": value},
        candidates=candidates,
        listings=[_listing(kb, regime, first, as_of, known_at) for regime in lists] if first else [],
    )


def _hop(step: dict[str, object]) -> Hop:
    return Hop(
        from_=str(step["from"]),
        to=str(step["to"]),
        hop=str(step["hop"]),
        source=_text(step["source"]),
        grade=_text(step["grade"]),
        valid_from=_text(step["valid_from"]),
        valid_to=_text(step["valid_to"]),
        note=_text(step["note"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _ref_of(kb: KnowledgeBase, entity_id: str) -> EntityRef:
    entity = kb.entity(entity_id)
    return EntityRef.of(entity) if entity else EntityRef(id=entity_id, schema="Thing", caption=entity_id)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
