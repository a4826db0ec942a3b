"""The four tables of the Parquet and CSV outputs; every column with what it holds.

Amounts stand in OBSERVATIONS alone, where each is one row: a finding is made per list, so amounts beside the findings
would be summed once for every list that names the party.
"""

from __future__ import annotations

import pyarrow as pa

from beholden.schema.assessment import EVIDENCE
from beholden.schema.version import TABLES_SCHEMA

_TEXT, _DAY, _COUNT, _FLAG = pa.string(), pa.date32(), pa.int64(), pa.bool_()
_TIME = pa.timestamp("us", tz="UTC")
_PERCENT = pa.decimal128(12, 6)
_TEXTS = pa.list_(pa.field("item", pa.string(), nullable=False))


def _column(name: str, kind: pa.DataType, description: str, *, required: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=not required, metadata={"description": description})


def _table(name: str, grain: str, columns: list[pa.Field]) -> pa.Schema:
    return pa.schema(columns, metadata={"table": name, "version": TABLES_SCHEMA, "rows": grain})


def _counted(what: str) -> pa.DataType:
    return pa.list_(pa.struct([pa.field(what, _TEXT, nullable=False), pa.field("count", _COUNT, nullable=False)]))


CONSEQUENCE: pa.StructType = pa.struct(
    [
        pa.field("id", _TEXT, nullable=False),
        pa.field("level", _TEXT, nullable=False),
        pa.field("level_if_confirmed", _TEXT),
        pa.field("consequence_status", _TEXT, nullable=False),
        pa.field("effect", _TEXT, nullable=False),
        pa.field("binds", _TEXTS),
        pa.field("binds_you", _FLAG),
        pa.field("applies_from", _DAY),
        pa.field("until", _DAY),
        pa.field("citation", _TEXT),
    ]
)

FINDINGS: pa.Schema = _table(
    "findings",
    "one row a finding (artefact, operator, listed entity, list), in the order of the result: worst level first",
    [
        _column("finding_id", _TEXT, "stable over dates, places and knowledge bases", required=True),
        _column("as_of", _DAY, "the date that the levels are for", required=True),
        _column("known_at", _DAY, "only what was public by this day was used; null: everything we hold"),
        _column("level", _TEXT, "prohibited, restricted, review, upcoming, contested or info", required=True),
        _column("level_if_confirmed", _TEXT, "of a review: what it is if the open facts turn out so"),
        _column("is_stale", _FLAG, "our copy of the list ends before the date asked", required=True),
        _column("why", _TEXT, "one plain sentence", required=True),
        _column("artefact_id", _TEXT, "joins with observations; findings on several lists share it", required=True),
        _column("artefact_kind", _TEXT, "name, ip, domain, mac, purl, model, asn …", required=True),
        _column("artefact_value", _TEXT, "of logs, the operator's asset that matched", required=True),
        _column("relation", _TEXT, "how the artefact ties us to the operator", required=True),
        _column("direction", _TEXT, "out, in or none, seen from us", required=True),
        _column("segment", _TEXT, "own, guest, tenant or carried network; null: our inventory or books"),
        _column("placed_in_unit", _TEXT, "id of our unit, where it is one"),
        _column("operator_id", _TEXT, "who stands behind the artefact", required=True),
        _column("operator_schema", _TEXT, "FollowTheMoney schema of the operator", required=True),
        _column("operator_caption", _TEXT, "name of the operator", required=True),
        _column("operator_jurisdictions", _TEXTS, "ISO 3166 codes, lower case"),
        _column("listed_entity_id", _TEXT, "the operator or an owner of it", required=True),
        _column("listed_entity_schema", _TEXT, "FollowTheMoney schema of the listed entity", required=True),
        _column("listed_entity_caption", _TEXT, "name of the listed entity", required=True),
        _column("listed_entity_jurisdictions", _TEXTS, "ISO 3166 codes, lower case"),
        _column("regime", _TEXT, "id of the list; `claims`: attributed claims, no list", required=True),
        _column("designation_id", _TEXT, "the entry on the list"),
        _column("listing_status", _TEXT, "listed, delisted, not_listed or unknown, on the date asked"),
        _column("listed_as", _TEXT, "the name that the list prints"),
        _column("edition", _TEXT, "edition of the list, where it has editions"),
        _column("listed_since", _DAY, "day of the listing"),
        _column(
            "listed_since_is_latest", _FLAG, "whether that is the day of our first copy, so that it was listed by then"
        ),
        _column("last_known_status", _TEXT, "of an unknown: what our last copy said"),
        _column("last_known_at", _DAY, "of an unknown: how far our last copy reaches"),
        _column("listing_source_id", _TEXT, "source of the entry"),
        _column("consequence_id", _TEXT, "the rule that decides the level"),
        _column("consequence_status", _TEXT, "in_force, upcoming, suspended, stayed, ended, not_in_force or unknown"),
        _column("effect", _TEXT, "prohibit, licence, conditions or report"),
        _column("binds", _TEXTS, "roles that the rule binds"),
        _column("binds_you", _FLAG, "whether one of them is ours; null: no profile was given"),
        _column("applies_from", _DAY, "first day of the rule"),
        _column("applies_until", _DAY, "first day after the rule; null: open"),
        _column("citation", _TEXT, "where the rule stands"),
        _column("next_due", _DAY, "first date on which a duty of the finding falls due"),
        _column("duties", _TEXTS, "what the rules oblige to do"),
        _column("consequences", pa.list_(CONSEQUENCE), "every rule keyed to the listing, the deciding one among them"),
        _column("ownership_rule", _TEXT, "rule by which shares were summed; null: none was needed"),
        _column("share_low", _PERCENT, "percent held by listed parties, at least"),
        _column("share_high", _PERCENT, "percent held by listed parties, at most"),
        _column("share_outcome", _TEXT, "covered, not covered or unknown"),
        _column("match_method", _TEXT, "how the artefact led to the operator", required=True),
        _column("match_score", pa.float64(), "0 to 1", required=True),
        _column("match_decision", _TEXT, "confirmed or probable", required=True),
        _column("questions", _TEXTS, "facts asked that nobody has answered"),
        _column("claim_ids", _TEXTS, "claims on file about the parties; their text and answers are in the JSON result"),
        _column("waiver_id", _TEXT, "our acceptance of the risk"),
        _column("waiver_status", _TEXT, "requested, not_yet, active or expired"),
        _column("waiver_owner", _TEXT, "who asked for it"),
        _column("waiver_approver", _TEXT, "who approved it"),
        _column("waiver_expires", _DAY, "first day without it"),
        _column("baseline", _TEXT, "new, unchanged, worse or better; null: no baseline was given"),
        _column("count", _COUNT, "records seen", required=True),
        _column("first_seen", _TIME, "in our records"),
        _column("last_seen", _TIME, "in our records"),
        _column("distinct_values", _COUNT, "different values of the artefact", required=True),
        _column("distinct_own_hosts", _COUNT, "different hosts of ours", required=True),
        _column("sample_file", _TEXT, "the first place where it was read"),
        _column("sample_line", _COUNT, "1-based line there"),
    ],
)

HOPS: pa.Schema = _table(
    "hops",
    "one row a step of a finding's path, by finding in the order of findings, then by position",
    [
        _column("finding_id", _TEXT, "joins with findings", required=True),
        _column("position", pa.int32(), "1 is the step that begins at the artefact", required=True),
        _column("from_value", _TEXT, "where the step begins", required=True),
        _column("hop", _TEXT, "what the step says: oui_assigned_to, domain_of, owned_by …, listed_on", required=True),
        _column("to_value", _TEXT, "where the step ends", required=True),
        _column("source_id", _TEXT, "source of the step"),
        _column("grade", _TEXT, "grade of the source"),
        _column("valid_from", _DAY, "true from"),
        _column("valid_to", _DAY, "first day on which it is no longer true; null: open"),
        _column("note", _TEXT, "what the source adds"),
    ],
)

_OF_EVIDENCE = {
    "artefact_id": "joins with findings: one artefact, as many findings as lists",
    "operator_id": "who stands behind the artefact",
    "segment": "own, guest, tenant or carried network; null: our inventory or books",
    "placed_in_unit": "id of our unit, by network or by what the record says",
    "kind": "name, ip, domain, mac, purl, model, asn …",
    "value": "what was seen, normalised",
    "raw": "what was seen, as printed (one sample)",
    "relation": "what the place says about the relation; null: the matched asset decided",
    "direction": "out, in or none, seen from us",
    "certainty": "confirmed or probable",
    "field": "field of the record it stood in",
    "own_host": "our side of it; in sums of traffic by day and by value one of our networks",
    "unit": "unit as the record writes it",
    "file": "path below the folder scanned",
    "lines": "up to five lines, 1-based",
    "count": "records; 0: a second measure of records counted in another row",
    "first_seen": "in our records",
    "last_seen": "in our records",
    "acted_on": "day of a dated act; null: a standing relation",
    "amount": "one measure; exact",
    "unit_of_amount": "ISO 4217, By (bytes) or 1 (counts); never add amounts of different units",
    "what": "paid, invoiced, sent, received, replied, queries …",
    "contract_on": "day of the contract or acquisition that the record names",
    "authorisation": "licence that the record names",
    "agreement": "of a declared data flow: data_brokerage, vendor, employment, investment or other",
    "data_class": "of a declared data flow: what it carries",
    "produced_in": "of a product: where it is produced, ISO 3166-1 alpha-2 in lower case",
    "authorised_on": "of a product: day of its authorisation",
    "grain": "of traffic: day (what passed), host (which of ours took part), value (what was reached, in raw)",
    "detail": "JSON object of small facts, one sample",
}

OBSERVATIONS: pa.Schema = _table(
    "observations",
    "one row an observation and artefact it belongs to, by artefact_id, then as read: no row is left out",
    [
        _column("observation_id", _TEXT, "the same observation may lead to two operators", required=True),
        _column("is_counted", _FLAG, "whether the findings of the artefact count it", required=True),
        _column("has_finding", _FLAG, "whether the artefact has a finding", required=True),
        *(_column(item.name, item.type, _OF_EVIDENCE[item.name], required=not item.nullable) for item in EVIDENCE),
        _column("operator_caption", _TEXT, "name of the operator; null: it has no finding"),
    ],
)

COVERAGE: pa.Schema = _table(
    "coverage",
    "one row a file, in the order read: what was read, what was not, and why",
    [
        _column("file", _TEXT, "path below the folder scanned", required=True),
        _column("reader", _TEXT, "which reader took it; null: none"),
        _column("status", _TEXT, "read, partial, rejected or no_reader", required=True),
        _column("records_read", _COUNT, "records read", required=True),
        _column("records_rejected", _COUNT, "records that could not be read", required=True),
        _column("reasons", _counted("reason"), "why records, or the file, were not read"),
        _column("not_resolved", _counted("kind"), "values that lead to nobody in our knowledge base, and why"),
        _column("notes", _TEXTS, "first rejected lines and what the reader took for granted"),
    ],
)

# Part of the report → its table: `findings.parquet` is the part named "", `findings.hops.parquet` the part `hops`.
TABLES: dict[str, pa.Schema] = {"": FINDINGS, "hops": HOPS, "observations": OBSERVATIONS, "coverage": COVERAGE}
