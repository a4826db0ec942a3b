from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePath
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace
from tests.builders_result import (
    AVIONICS,
    HIKVISION,
    PERSON,
    make_artefact,
    make_claim,
    make_finding,
    make_hop,
    make_listing,
    make_quantity,
    make_result,
    sample_result,
)
from tests.northport import RUNS, northport
from tests.rendering import parts_of

from beholden.report.ftm import FtmReport
from beholden.schema.assessment import Assessment
from beholden.schema.result import EntityRef, Finding, ScanResult

Entity = dict[str, Any]
every_run = pytest.mark.parametrize("run", RUNS, indirect=True)


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Assessment:
    return RUNS[request.param]()


def entities_of(run: Assessment | ScanResult, *schemas: str, show_personal: bool = False) -> list[Entity]:
    given = run if isinstance(run, Assessment) else Assessment(run)
    lines = parts_of(FtmReport(), given, show_personal=show_personal)[""].decode("utf-8").splitlines()
    entities: list[Entity] = [json.loads(line) for line in lines]
    return [entity for entity in entities if not schemas or entity["schema"] in schemas]


def faults(entity: Entity, ftm: ModuleType, all_schemas: dict[str, str]) -> list[str]:
    """What the library objects to, or would silently drop or change."""
    schema = ftm.model.get(entity["schema"])
    if schema is None:
        return [f"no schema {entity['schema']}"]
    found = [f"unknown {name}" for name in entity["properties"] if name not in schema.properties]
    found += [f"lacks {name}" for name in schema.required if not entity["properties"].get(name)]
    schema.validate(entity)
    proxy = ftm.model.get_proxy(entity, cleaned=False)
    for name, values in entity["properties"].items():
        kept = schema.properties.get(name)
        if kept is None:
            continue
        if sorted(proxy.get(name)) != sorted(values):
            found.append(f"{name}: {values} became {proxy.get(name)}")
        if kept.type.name == "number":  # the library checks numbers only when it reckons with them
            found += [f"{name} is no number" for value in values if kept.type.to_number(value) is None]
        if kept.range is not None:
            wrong = [
                one for one in values if one not in all_schemas or not ftm.model.get(all_schemas[one]).is_a(kept.range)
            ]
            found += [f"{name} points at {all_schemas.get(one)}" for one in wrong]
    return found


def paid(**changes: Any) -> Finding:
    artefact = make_artefact(
        kind="name",
        value="Hikvision",
        relation="supplier",
        direction="out",
        quantities=[make_quantity("1204.50", "USD", "paid"), make_quantity("7", "EUR", "invoiced"), make_quantity()],
    )
    return make_finding(**({"artefact": artefact} | changes))


@every_run
def test_the_library_takes_every_entity_as_it_was_written(run: Assessment, peer: Callable[[str], ModuleType]) -> None:
    ftm = peer("followthemoney")
    entities = entities_of(run)
    schemas = {entity["id"]: entity["schema"] for entity in entities}
    assert len(schemas) == len(entities)
    assert [(entity["schema"], found) for entity in entities if (found := faults(entity, ftm, schemas))] == []


@pytest.mark.parametrize(
    "change",
    [{"colour": ["red"]}, {"amount": ["much"]}, {"startDate": ["soon"]}, {"payer": []}, {"payer": ["nobody"]}],
    ids=["unknown", "number", "date", "required", "reference"],
)
def test_the_check_itself_sees_what_is_wrong(change: dict[str, list[str]], peer: Callable[[str], ModuleType]) -> None:
    ftm = peer("followthemoney")
    entities = entities_of(make_result([paid()]))
    schemas = {entity["id"]: entity["schema"] for entity in entities}
    (payment,) = (entity for entity in entities if entity["schema"] == "Payment")
    payment["properties"] |= change
    try:
        found = faults(payment, ftm, schemas)
    except peer("followthemoney.exc").InvalidData:
        return
    assert found


def test_a_listing_is_a_sanction_of_its_issuer_with_its_dates() -> None:
    listing = make_listing(source="pl-115-232", basis="named")
    result = make_result(
        [make_finding(listing=listing, path=[make_hop(hop="listed_on", to="Section 889")])],
        sources=sample_result().sources,
    )
    (sanction,) = entities_of(result, "Sanction")
    said = sanction["properties"]
    assert (said["authority"], said["program"], said["programId"]) == (["US Congress"], ["Section 889"], ["us-889"])
    assert (said["listingDate"], said["startDate"], said["status"]) == (["2018-08-13"], ["2018-08-13"], ["listed"])
    assert said["sourceUrl"] == ["https://law.example/pl-115-232"]
    assert said["reason"] == ["named"]
    assert any("us-889-b: in force since 2020-08-13" in rule for rule in said["provisions"])


def test_an_artefact_on_three_lists_is_one_link_with_three_findings() -> None:
    findings = [
        make_finding(id=f"f{number}", level=level, listing=make_listing(regime=f"list-{number}"))
        for number, level in enumerate(["info", "prohibited", "review"])
    ]
    (link,) = entities_of(make_result(findings), "UnknownLink")
    assert link["properties"]["recordId"] == ["f0", "f1", "f2"]
    assert link["properties"]["status"] == ["prohibited on 2026-08-01"]
    assert (link["first_seen"], link["last_seen"]) == ("2026-06-30T08:00:00Z", "2026-07-31T23:59:59Z")


def test_only_money_that_changed_hands_is_a_payment_from_us() -> None:
    entities = {entity["id"]: entity for entity in entities_of(make_result([paid()]))}
    (payment,) = (entity for entity in entities.values() if entity["schema"] == "Payment")
    said = payment["properties"]
    assert (said["amount"], said["currency"]) == (["1204.50"], ["USD"])
    assert entities[said["payer"][0]]["schema"] == "Organization"
    assert entities[said["beneficiary"][0]]["caption"] == HIKVISION.caption


def test_payments_sum_to_what_the_observations_say() -> None:
    sums: dict[str, Decimal] = {}
    for payment in entities_of(northport(), "Payment"):
        (currency,), (amount,) = payment["properties"]["currency"], payment["properties"]["amount"]
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    expected: dict[str, Decimal] = {}
    for row in northport().evidence.to_pylist():
        if row["what"] == "paid" and row["artefact_id"] in {one.artefact.id for one in northport().result.findings}:
            expected[row["unit_of_amount"]] = expected.get(row["unit_of_amount"], Decimal(0)) + row["amount"]
    assert sums == expected
    assert sums


def test_a_stake_in_a_company_is_an_ownership_with_its_share() -> None:
    hop = make_hop(
        from_=HIKVISION.caption, to=AVIONICS.caption, hop="owned_by (capital, 33.0 %)", valid_from="2020-01-01"
    )
    entities = {
        entity["id"]: entity
        for entity in entities_of(make_result([make_finding(listed_entity=AVIONICS, path=[make_hop(), hop])]))
    }
    (stake,) = (entity for entity in entities.values() if entity["schema"] == "Ownership")
    said = stake["properties"]
    assert (said["percentage"], said["ownershipType"], said["startDate"]) == (["33.0"], ["capital"], ["2020-01-01"])
    assert entities[said["owner"][0]]["caption"] == AVIONICS.caption
    assert entities[said["asset"][0]]["caption"] == HIKVISION.caption


def test_a_stake_in_what_cannot_be_owned_there_is_a_link() -> None:
    body = EntityRef(id="body", schema="PublicBody", caption="A Body")
    hop = make_hop(from_="A Body", to=AVIONICS.caption, hop="owned_by (control, share unknown)")
    entities = entities_of(make_result([make_finding(operator=body, listed_entity=AVIONICS, path=[hop])]))
    assert [entity["schema"] for entity in entities if "owned_by" in str(entity["properties"].get("role"))] == [
        "UnknownLink"
    ]
    assert "Ownership" not in {entity["schema"] for entity in entities}


def test_an_allegation_carries_its_caveat_and_every_answer_in_its_own_text() -> None:
    notes = {text: note for note in entities_of(northport(), "Note") for text in note["properties"]["description"]}
    claims = {claim.id: claim for claim in northport().result.claims}
    answered = [claim for claim in claims.values() if claim.answered_by]
    assert answered
    for claim in answered:
        (text,) = (
            one for one in notes if one.splitlines()[0].endswith(claim.text) and one.startswith(claim.type.capitalize())
        )
        assert not claim.caveat or notes[text]["properties"]["summary"] == [claim.caveat]
        assert all(claims[answer].text in text for answer in claim.answered_by)


def test_what_was_not_read_stands_beside_the_findings() -> None:
    (note,) = (note for note in entities_of(northport(), "Note") if note["caption"] == "What was not read")
    (text,) = note["properties"]["description"]
    unread = [PurePath(row.file).name for row in northport().result.coverage if row.status != "read"]
    assert unread
    assert [file for file in unread if file not in text] == []


@every_run
def test_nobody_is_given_a_topic(run: Assessment) -> None:
    assert [entity for entity in entities_of(run) if "topics" in entity["properties"]] == []


def test_ids_do_not_depend_on_the_date() -> None:
    first, later = (entities_of(replace(make_result([paid()]), as_of=day)) for day in ("2026-08-01", "2026-09-01"))
    assert [entity["id"] for entity in first] == [entity["id"] for entity in later]


def test_persons_are_pseudonyms_unless_they_may_be_shown() -> None:
    finding = make_finding(
        operator=PERSON,
        listed_entity=PERSON,
        listing=make_listing(designation="us-ofac-sdn/ivo-sample", listed_as="SAMPLE, Ivo"),
        artefact=make_artefact(kind="name", value="Ivo Sample"),
    )
    result = make_result([finding], claims=[make_claim(target=[PERSON.id])])
    assert "ivo" not in json.dumps(entities_of(result)).lower()
    assert "Ivo Sample" in json.dumps(entities_of(result, show_personal=True))
    other = make_result([replace(finding, id="other")])
    (one,), (two,) = entities_of(result, "Person"), entities_of(other, "Person")
    assert one["caption"] == two["caption"] == "person-1"
    assert one["id"] != two["id"]
