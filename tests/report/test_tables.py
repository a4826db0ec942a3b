from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace
from tests.builders_evidence import make_evidence
from tests.builders_result import (
    make_artefact,
    make_consequence,
    make_finding,
    make_hop,
    make_listing,
    make_result,
    sample_result,
)
from tests.northport import RUNS, northport
from tests.rendering import parts_of

from beholden.report.parquet import ParquetReport
from beholden.report.tables import tables_of
from beholden.schema.assessment import EVIDENCE, Assessment
from beholden.schema.result import Coverage
from beholden.schema.tables import OBSERVATIONS, TABLES

Row = dict[str, Any]


def observations(*rows: Row) -> list[Row]:
    finding = make_finding(artefact=make_artefact(id="a1"))
    return rows_of(Assessment(make_result([finding]), make_evidence(*rows)), "observations")


def rows_of(assessment: Assessment, part: str = "") -> list[Row]:
    rows: list[Row] = tables_of(assessment)[part].to_pylist()
    return rows


@pytest.mark.parametrize("run", RUNS)
def test_tables_have_the_published_columns_and_no_null_where_none_may_be(run: str) -> None:
    tables = tables_of(RUNS[run]())
    assert list(tables) == list(TABLES)
    for part, table in tables.items():
        assert table.schema.equals(TABLES[part], check_metadata=False)
        table.validate(full=True)
        assert [item.name for item in table.schema if not item.nullable and table.column(item.name).null_count] == []


@pytest.mark.parametrize("schema", TABLES.values())
def test_every_column_says_what_it_holds(schema: pa.Schema) -> None:
    assert all(item.metadata[b"description"] for item in schema)


def test_counted_observations_sum_to_what_every_finding_says() -> None:
    rows = [row for row in rows_of(northport(), "observations") if row["is_counted"]]
    for finding in northport().result.findings:
        sums: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if row["artefact_id"] == finding.artefact.id and row["amount"] is not None:
                sums[row["unit_of_amount"], row["what"]] += row["amount"]
        assert sums == {(item.unit, item.what): Decimal(item.amount) for item in finding.artefact.quantities}
        assert sum(row["count"] for row in rows if row["artefact_id"] == finding.artefact.id) == finding.artefact.count


def test_each_observation_of_an_artefact_is_there_once_however_many_lists_name_its_party() -> None:
    rows = rows_of(northport(), "observations")
    keys = [(row["artefact_id"], row["observation_id"]) for row in rows]
    assert len(keys) == len(set(keys)) == northport().evidence.num_rows
    assert len(northport().result.findings) > len({finding.artefact.id for finding in northport().result.findings})


def test_what_was_seen_on_a_guest_network_is_kept_and_not_counted_beside_our_own() -> None:
    rows = observations(
        {"segment": "own"}, {"segment": "guest", "own_host": "10.99.0.1"}, {"segment": None, "file": "x"}
    )
    assert [row["is_counted"] for row in rows] == [True, False, True]


def test_what_was_seen_on_a_guest_network_only_counts_for_its_own_finding() -> None:
    assert [row["is_counted"] for row in observations({"segment": "guest"}, {"segment": "tenant", "file": "x"})] == [
        True,
        True,
    ]


def test_one_observation_that_leads_to_two_operators_has_one_id() -> None:
    first, second, other = observations({}, {"artefact_id": "a2", "operator_id": "other"}, {"file": "another"})
    assert first["observation_id"] == second["observation_id"] != other["observation_id"]


def test_rows_of_a_party_without_findings_say_so() -> None:
    known, other = observations({}, {"artefact_id": "a2", "operator_id": "other"})
    assert (known["has_finding"], known["operator_caption"]) == (True, make_finding().operator.caption)
    assert (other["has_finding"], other["operator_caption"]) == (False, None)


def test_amounts_are_exact_decimals() -> None:
    amount = Decimal("12345678901234567890.123456789")
    (row,) = observations({"amount": amount, "unit_of_amount": "USD", "what": "paid"})
    assert row["amount"] == amount


def test_dates_and_times_are_typed() -> None:
    finding = make_finding(listing=make_listing(since="2018-08-13"))
    (row,) = rows_of(Assessment(make_result([finding])))
    assert row["listed_since"] == date(2018, 8, 13)
    assert row["first_seen"] == datetime(2026, 6, 30, 8, tzinfo=UTC)
    assert row["as_of"] == date(2026, 8, 1)


def test_the_deciding_rule_is_the_one_at_the_level_of_the_finding() -> None:
    rules = [make_consequence(id="other", level="info"), make_consequence(id="decides", level="prohibited")]
    (row,) = rows_of(Assessment(make_result([make_finding(consequences=rules)])))
    assert row["consequence_id"] == "decides"
    assert [rule["id"] for rule in row["consequences"]] == ["other", "decides"]


def test_a_finding_of_claims_alone_names_no_list_and_no_rule() -> None:
    finding = make_finding(level="contested", listing=None, consequences=[], claims=["c1"])
    (row,) = rows_of(Assessment(make_result([finding])))
    assert (row["regime"], row["claim_ids"]) == ("claims", ["c1"])
    assert (row["listing_status"], row["consequence_id"], row["binds"]) == (None, None, None)


def test_steps_of_a_path_are_numbered_within_their_finding() -> None:
    findings = [make_finding(id="f1", path=[make_hop(), make_hop(hop="listed_on")]), make_finding(id="f2")]
    rows = rows_of(Assessment(make_result(findings)), "hops")
    assert [(row["finding_id"], row["position"], row["hop"]) for row in rows] == [
        ("f1", 1, "oui_assigned_to"),
        ("f1", 2, "listed_on"),
        ("f2", 1, "oui_assigned_to"),
    ]


def test_reasons_of_coverage_are_counted_by_name() -> None:
    row = Coverage(file="a", reader=None, status="rejected", reasons={"wrong column count": 2, "truncated line": 1})
    (found,) = rows_of(Assessment(make_result(coverage=[row])), "coverage")
    assert found["reasons"] == [{"reason": "truncated line", "count": 1}, {"reason": "wrong column count", "count": 2}]


def test_a_file_name_that_is_not_utf8_is_written_visibly() -> None:
    result = make_result(coverage=[Coverage(file="a\udcff", reader=None, status="rejected")])
    assert rows_of(Assessment(result), "coverage")[0]["file"] == "a\\udcff"


def test_parquet_reads_back_as_the_same_tables_with_their_date_and_base() -> None:
    tables, parts = tables_of(northport()), parts_of(ParquetReport(), northport())
    assert set(parts) == set(tables)
    for part, content in parts.items():
        read = pq.read_table(io.BytesIO(content))
        assert read.equals(tables[part])
        assert read.schema.field(0).metadata[b"description"]
        assert read.schema.metadata[b"as_of"] == b"2026-08-01"
        assert read.schema.metadata[b"kb_digest"].decode() == northport().result.kb.digest


def test_order_of_evidence_chunks_does_not_change_the_bytes() -> None:
    evidence = northport().evidence
    split = pa.concat_tables([evidence.slice(0, 7), evidence.slice(7)])
    again = Assessment(northport().result, split)
    assert parts_of(ParquetReport(), again) == parts_of(ParquetReport(), northport())


def test_tables_are_the_user_s_own_record_and_hide_nothing() -> None:
    finding = next(one for one in sample_result().findings if one.operator.schema == "Person")
    (row,) = rows_of(Assessment(make_result([finding])))
    assert row["operator_caption"] == "Ivo Sample"


def test_evidence_is_part_of_the_observations() -> None:
    assert set(EVIDENCE.names) < set(OBSERVATIONS.names)
    assert all(OBSERVATIONS.field(item.name).type == item.type for item in EVIDENCE)


def test_a_waiver_that_has_run_out_says_so() -> None:
    waived = next(one for one in sample_result().findings if one.waiver is not None)
    assert waived.waiver is not None
    finding = replace(waived, waiver=replace(waived.waiver, active=False, status="expired"))
    (row,) = rows_of(Assessment(make_result([finding])))
    assert (row["waiver_id"], row["waiver_status"], row["waiver_expires"]) == ("w-7", "expired", date(2026, 9, 30))
