"""A finished run as the four tables of `beholden.schema.tables`."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from beholden.report.text import visible
from beholden.report.wording import deciding, regime_of
from beholden.schema.observation import GROUP_BY
from beholden.schema.tables import COVERAGE, FINDINGS, HOPS, OBSERVATIONS, TABLES
from beholden.schema.vocabulary import Grain, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.assessment import Assessment
    from beholden.schema.result import ConsequenceResult, Coverage, Finding, ScanResult

Row = dict[str, Any]


def tables_of(assessment: Assessment) -> dict[str, pa.Table]:
    """Return part → table; names, columns and order of rows are those of `TABLES`."""
    result = assessment.result
    said = {"as_of": result.as_of, "kb_digest": result.kb.digest}
    tables = {
        "": _table([_finding(finding, result) for finding in result.findings], FINDINGS),
        "hops": _table([row for finding in result.findings for row in _hops(finding)], HOPS),
        "observations": _observations(assessment),
        "coverage": _table([_coverage(row) for row in result.coverage], COVERAGE),
    }
    return {part: tables[part].replace_schema_metadata({**TABLES[part].metadata, **said}) for part in TABLES}


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError:
        # A file name that is not UTF-8 arrives with lone surrogates, which Arrow cannot carry.
        return pa.Table.from_pylist(_encodable(rows), schema=schema)


def _encodable(value: Any) -> Any:  # noqa: ANN401 (rows nest)
    if isinstance(value, str):
        return visible(value) if any("\ud800" <= letter <= "\udfff" for letter in value) else value
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return {key: _encodable(item) for key, item in value.items()} if isinstance(value, dict) else value


def _finding(finding: Finding, result: ScanResult) -> Row:
    artefact, match, sum_ = finding.artefact, finding.match, finding.arithmetic
    place = next(iter(artefact.locations), None)
    return {
        "finding_id": finding.id,
        "as_of": _day(result.as_of),
        "known_at": _day(result.known_at),
        "level": str(finding.level),
        "level_if_confirmed": finding.level_if_confirmed,
        "is_stale": finding.stale,
        "why": finding.why,
        "artefact_id": artefact.id,
        "artefact_kind": str(artefact.kind),
        "artefact_value": artefact.value,
        "relation": str(artefact.relation),
        "direction": str(artefact.direction),
        "segment": artefact.segment,
        "placed_in_unit": artefact.unit,
        **_entities(finding),
        **_listing(finding),
        **_deciding(finding),
        "consequences": [_consequence(item) for item in finding.consequences],
        "ownership_rule": sum_.rule if sum_ else None,
        "share_low": _decimal(sum_.low) if sum_ else None,
        "share_high": _decimal(sum_.high) if sum_ else None,
        "share_outcome": sum_.outcome if sum_ else None,
        "match_method": match.method,
        "match_score": match.score,
        "match_decision": str(match.decision),
        "questions": finding.questions,
        "claim_ids": finding.claims,
        **_waiver(finding),
        "baseline": finding.baseline,
        "count": artefact.count,
        "first_seen": _time(artefact.first_seen),
        "last_seen": _time(artefact.last_seen),
        "distinct_values": artefact.values.distinct,
        "distinct_own_hosts": artefact.own_hosts.distinct,
        "sample_file": place.file if place else None,
        "sample_line": place.line if place else None,
    }


def _entities(finding: Finding) -> Row:
    row: Row = {}
    for name, entity in (("operator", finding.operator), ("listed_entity", finding.listed_entity)):
        row[f"{name}_id"] = entity.id
        row[f"{name}_schema"] = entity.schema
        row[f"{name}_caption"] = entity.caption
        row[f"{name}_jurisdictions"] = entity.jurisdictions
    return row


def _listing(finding: Finding) -> Row:
    listing = finding.listing
    row: Row = {"regime": regime_of(finding)}
    if listing is None:
        return row
    return row | {
        "designation_id": listing.designation,
        "listing_status": str(listing.listing_status),
        "listed_as": listing.listed_as,
        "edition": listing.edition,
        "listed_since": _day(listing.since),
        "listed_since_is_latest": listing.since_is_latest if listing.since else None,
        "last_known_status": listing.last_known.status if listing.last_known else None,
        "last_known_at": _day(listing.last_known.at) if listing.last_known else None,
        "listing_source_id": listing.source,
    }


def _deciding(finding: Finding) -> Row:
    """The first rule that gives the finding its level, and what all of them oblige to do."""
    duties = [duty for rule in finding.consequences for duty in rule.duties]
    row: Row = {
        "next_due": min((_day(duty.due) for duty in duties if duty.due), default=None),  # type: ignore[type-var]  # not None
        "duties": list(dict.fromkeys(duty.text for duty in duties)),
    }
    rule = deciding(finding)
    if rule is None:
        return row
    return row | {
        "consequence_id": rule.id,
        "consequence_status": str(rule.consequence_status),
        "effect": str(rule.effect),
        "binds": rule.binds,
        "binds_you": rule.binds_you,
        "applies_from": _day(rule.applies_from),
        "applies_until": _day(rule.until),
        "citation": rule.citation,
    }


def _consequence(rule: ConsequenceResult) -> Row:
    return {
        "id": rule.id,
        "level": str(rule.level),
        "level_if_confirmed": rule.level_if_confirmed,
        "consequence_status": str(rule.consequence_status),
        "effect": str(rule.effect),
        "binds": rule.binds,
        "binds_you": rule.binds_you,
        "applies_from": _day(rule.applies_from),
        "until": _day(rule.until),
        "citation": rule.citation,
    }


def _waiver(finding: Finding) -> Row:
    waiver = finding.waiver
    if waiver is None:
        return {}
    return {
        "waiver_id": waiver.id,
        "waiver_status": waiver.status,
        "waiver_owner": waiver.owner,
        "waiver_approver": waiver.approver,
        "waiver_expires": _day(waiver.expires),
    }


def _hops(finding: Finding) -> Iterator[Row]:
    for position, hop in enumerate(finding.path, start=1):
        yield {
            "finding_id": finding.id,
            "position": position,
            "from_value": hop.from_,
            "hop": hop.hop,
            "to_value": hop.to,
            "source_id": hop.source,
            "grade": hop.grade,
            "valid_from": _day(hop.valid_from),
            "valid_to": _day(hop.valid_to),
            "note": hop.note,
        }


def _coverage(row: Coverage) -> Row:
    return {
        "file": row.file,
        "reader": row.reader,
        "status": row.status,
        "records_read": row.records_read,
        "records_rejected": row.records_rejected,
        "reasons": [{"reason": reason, "count": count} for reason, count in sorted(row.reasons.items())],
        "not_resolved": [{"kind": kind, "count": count} for kind, count in sorted(row.not_resolved.items())],
        "notes": row.notes,
    }


def _observations(assessment: Assessment) -> pa.Table:
    evidence = assessment.evidence
    captions = {finding.operator.id: finding.operator.caption for finding in assessment.result.findings}
    with_finding = pa.array({finding.artefact.id for finding in assessment.result.findings}, type=pa.string())
    more = {
        "observation_id": pa.array(_observation_ids(evidence), type=pa.string()),
        "is_counted": _is_counted(evidence),
        "has_finding": pc.is_in(evidence.column("artefact_id"), value_set=with_finding),
        "operator_caption": pa.array(map(captions.get, evidence.column("operator_id").to_pylist()), type=pa.string()),
    }
    columns = [more[name] if name in more else evidence.column(name) for name in OBSERVATIONS.names]
    return pa.Table.from_arrays(columns, schema=OBSERVATIONS)


def _observation_ids(evidence: pa.Table) -> Iterator[str]:
    """What makes an observation one, hashed: the columns that readings are grouped by."""
    names = [name for name in GROUP_BY if name != "grain"]
    columns = [evidence.column(name).to_pylist() for name in (*names, "grain", "raw")]
    for *key, grain, raw in zip(*columns, strict=True):
        if grain is not None:
            key += [grain, raw if grain == Grain.VALUE else None]
        text = json.dumps(key, ensure_ascii=False, default=str)
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _is_counted(evidence: pa.Table) -> pa.ChunkedArray:
    """Rows of other people's networks count only for an artefact that nothing of ours was seen of.

    Sums by host and by value never do: those by day count the same records.
    """
    segment = evidence.column("segment")
    is_ours = pc.or_(pc.is_null(segment), pc.fill_null(pc.equal(segment, Segment.OWN.value), fill_value=False))
    ours = pc.unique(evidence.column("artefact_id").filter(is_ours))
    counted = pc.or_(is_ours, pc.invert(pc.is_in(evidence.column("artefact_id"), value_set=ours)))
    grain = evidence.column("grain")
    return pc.and_(counted, pc.or_(pc.is_null(grain), pc.fill_null(pc.equal(grain, Grain.DAY.value), fill_value=False)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
