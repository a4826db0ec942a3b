from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import PurePath
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace
from tests.builders_result import (
    ALIBABA,
    PERSON,
    make_artefact,
    make_claim,
    make_finding,
    make_hop,
    make_listing,
    make_result,
    sample_result,
)
from tests.northport import RUNS, northport
from tests.rendering import parts_of

from beholden.report.stix import StixReport
from beholden.report.stix_objects import EXTENSION, is_observable
from beholden.schema.assessment import Assessment
from beholden.schema.result import Finding, Hop, ScanResult

Object = dict[str, Any]
# Two checks of the validator are recommendations that we have to leave: 103 wants random ids where ours are made from
# content (2.9 allows it), 302 wants the hash of every page that a source names, which nobody fetched.
LEFT = "103,302"
NEUTRAL = {
    "identity", "note", "grouping", "relationship", "observed-data", "sighting", "infrastructure", "software",
    "domain-name", "ipv4-addr", "ipv6-addr", "autonomous-system", "mac-addr", "url", "vulnerability",
    "marking-definition", "extension-definition",
}  # fmt: skip
every_run = pytest.mark.parametrize("run", RUNS, indirect=True)


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Assessment:
    return RUNS[request.param]()


def text_of(run: Assessment, *, show_personal: bool = False) -> str:
    return parts_of(StixReport(), run, show_personal=show_personal)[""].decode("utf-8")


def objects_of(run: Assessment | ScanResult, *, show_personal: bool = False) -> list[Object]:
    given = run if isinstance(run, Assessment) else Assessment(run)
    objects: list[Object] = json.loads(text_of(given, show_personal=show_personal))["objects"]
    return objects


def of_type(objects: list[Object], *kinds: str) -> list[Object]:
    return [made for made in objects if made["type"] in kinds]


def said(made: Object) -> Object:
    found: Object = made["extensions"][EXTENSION]
    return found


def with_artefact(kind: str, value: str) -> Finding:
    return make_finding(artefact=make_artefact(kind=kind, value=value), path=[])


def faults(validator: ModuleType, text: str) -> list[str]:
    options = validator.ValidationOptions(
        version="2.1", strict=True, strict_properties=True, enforce_refs=True, disabled=LEFT
    )
    found = validator.validate_string(text, options)
    assert found.is_valid is not bool(found.errors)
    return [str(fault) for fault in (*found.errors, *found.warnings)]


@every_run
def test_the_validator_of_oasis_finds_nothing_even_where_it_is_strict(
    run: Assessment, peer: Callable[[str], ModuleType]
) -> None:
    assert faults(peer("stix2validator"), text_of(run)) == []


@pytest.mark.parametrize("change", [{"x_level": "info"}, {"name": 7}, {"object_refs": []}, {"modified": "today"}])
def test_the_validator_sees_what_is_wrong(change: Object, peer: Callable[[str], ModuleType]) -> None:
    bundle = json.loads(text_of(Assessment(make_result([make_finding()]))))
    of_type(bundle["objects"], "grouping")[0].update(change)
    assert faults(peer("stix2validator"), json.dumps(bundle))


@every_run
def test_the_library_reads_every_object_without_custom_content(
    run: Assessment, peer: Callable[[str], ModuleType]
) -> None:
    parsed = peer("stix2").parse(text_of(run), allow_custom=False)
    written = objects_of(run)
    assert [made.id for made in parsed.objects] == [made["id"] for made in written]
    assert [set(json.loads(made.serialize())) for made in parsed.objects] == [set(made) for made in written]


def test_observables_have_the_ids_that_every_producer_gives_them(peer: Callable[[str], ModuleType]) -> None:
    values = [
        ("ip", "223.5.5.5"), ("ip", "47.254.0.0/16"), ("ip", "2001:db8::/32"), ("domain", "hik-connect.com"),
        ("asn", "AS45102"), ("mac", "44:19:B6:00:00:01"), ("url", "https://例え.example/a"),
        ("purl", "pkg:npm/ali-oss"), ("model", "qwen/qwen2.5-7b-instruct"),
    ]  # fmt: skip
    objects = objects_of(make_result([with_artefact(kind, value) for kind, value in values]), show_personal=True)
    observables = [made for made in objects if is_observable(made) and made["type"] != "marking-definition"]
    assert len(observables) == len(values)
    for made in observables:
        named = {name: value for name, value in made.items() if name != "id"}
        assert peer("stix2").parse(named, allow_custom=False).id == made["id"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("mac", "44:19:b6", "infrastructure"),
        ("name", "Huawei", "identity"),
        ("category", "routers", "identity"),
        ("cve", "CVE-2021-44228", "vulnerability"),
        ("ip", "47.88.1.1-47.88.1.9", "infrastructure"),
    ],
)
def test_what_is_no_observable_becomes_what_comes_nearest(kind: str, value: str, expected: str) -> None:
    names = {
        made["name"]: made["type"] for made in objects_of(make_result([with_artefact(kind, value)])) if "name" in made
    }
    assert next(names[name] for name in names if name.endswith(value)) == expected


@every_run
def test_no_object_calls_anybody_a_threat(run: Assessment) -> None:
    assert {made["type"] for made in objects_of(run)} <= NEUTRAL


@every_run
def test_each_object_is_there_once_and_points_at_objects_in_the_bundle(run: Assessment) -> None:
    objects = objects_of(run)
    ids = {made["id"] for made in objects}
    assert len(ids) == len(objects)
    for made in objects:
        refs = [value for name, value in made.items() if name.endswith("_ref")]
        refs += [item for name, value in made.items() if name.endswith("_refs") for item in value]
        assert set(refs) <= ids


def test_times_are_those_of_the_date_asked_and_ids_are_not() -> None:
    first, later = (objects_of(replace(northport().result, as_of=day)) for day in ("2026-08-01", "2026-09-01"))
    assert {made["modified"] for made in of_type(first, "grouping", "note")} == {"2026-08-01T00:00:00.000Z"}
    assert {made["modified"] for made in of_type(later, "grouping", "note")} == {"2026-09-01T00:00:00.000Z"}
    stays = ("grouping", "note", "relationship", "infrastructure")
    assert [made["id"] for made in of_type(first, *stays)] == [made["id"] for made in of_type(later, *stays)]
    assert {made["created"] for made in of_type([*first, *later], *stays)} == {"1970-01-01T00:00:00.000Z"}


def test_two_exports_of_one_date_never_say_different_things_of_the_same_version_of_an_object() -> None:
    artefact = make_artefact(kind="domain", value="hik-connect.com")
    more = replace(artefact, count=artefact.count + 1, last_seen="2026-07-30T08:00:00+00:00")
    first = make_result([make_finding(artefact=artefact, why="Once.")], claims=[make_claim(text="It is so.")])
    other = make_result(
        [make_finding(artefact=more, why="Twice.", level="info", operator=replace(ALIBABA, caption="Another name"))],
        claims=[make_claim(text="It is not.")],
    )
    texts = [text_of(Assessment(result)) for result in (first, other)]
    bundles = [json.loads(text) for text in texts]
    assert bundles[0]["id"] != bundles[1]["id"]
    versions = [{(made["id"], made.get("modified")): made for made in bundle["objects"]} for bundle in bundles]
    shared = versions[0].keys() & versions[1].keys()
    assert [key for key in shared if versions[0][key] != versions[1][key]] == []
    assert {"identity", "marking-definition"} <= {versions[0][key]["type"] for key in shared}
    assert not {"grouping", "sighting", "observed-data"} & {versions[0][key]["type"] for key in shared}


def test_claims_that_answer_each_other_are_both_written(peer: Callable[[str], ModuleType]) -> None:
    claims = [make_claim(id=one, answers=[other], answered_by=[other]) for one, other in (("c1", "c2"), ("c2", "c1"))]
    text = text_of(Assessment(make_result([make_finding(claims=["c1"])], claims=claims)))
    notes = [made for made in of_type(json.loads(text)["objects"], "note") if said(made)["about"] == "claim"]
    assert sorted(said(made)["id"] for made in notes) == ["c1", "c2"]
    assert faults(peer("stix2validator"), text) == []


def test_a_finding_is_a_grouping_of_what_it_rests_on() -> None:
    objects = objects_of(northport())
    by_id = {made["id"]: made for made in objects}
    for finding in northport().result.findings:
        (group,) = (made for made in of_type(objects, "grouping") if said(made)["id"] == finding.id)
        assert said(group)["level"] == finding.level
        assert group["description"] == finding.why
        held = [by_id[ref] for ref in group["object_refs"]]
        names = {made.get("name") for made in held}
        assert {finding.operator.caption, finding.listed_entity.caption} <= names
        listings = [made for made in of_type(held, "note") if said(made)["about"] == "listing"]
        assert [said(made)["regime"] for made in listings] == ([finding.listing.regime] if finding.listing else [])
        about = {said(made)["about"] for made in of_type(held, "relationship")}
        assert "exposure" in about


def test_each_step_of_a_path_is_a_relationship_and_the_last_leads_to_the_listed_party() -> None:
    path = [
        make_hop(from_="api.hik-connect.com", to="hik-connect.com", hop="below"),
        make_hop(from_="hik-connect.com", to="Alicloud", hop="domain_of"),
        make_hop(from_="Alicloud", to=ALIBABA.caption, hop="owned_by (control, share unknown)", valid_to="2026-09-01"),
        make_hop(from_=ALIBABA.caption, to="Some list", hop="listed_on"),
    ]
    operator = replace(ALIBABA, id="alicloud", caption="Alicloud")
    artefact = make_artefact(kind="domain", value="hik-connect.com")
    finding = make_finding(artefact=artefact, path=path, operator=operator, listed_entity=ALIBABA)
    objects = objects_of(make_result([finding]))
    by_id = {made["id"]: made for made in objects}
    steps = [made for made in of_type(objects, "relationship") if said(made)["about"] == "hop"]
    ends = [(by_id[step["source_ref"]], by_id[step["target_ref"]]) for step in steps]
    assert [(one.get("value", one.get("name")), other.get("value", other.get("name"))) for one, other in ends] == [
        ("api.hik-connect.com", "hik-connect.com"),
        ("hik-connect.com", "Alicloud"),
        ("Alicloud", ALIBABA.caption),
    ]
    assert steps[2]["stop_time"] == "2026-09-01T00:00:00.000Z"


def test_a_name_in_our_books_is_not_the_party_that_has_the_same_name() -> None:
    name = make_finding().operator.caption
    hop = Hop(from_=name, to=name, hop="legal_name_of", source=None, grade=None, valid_from=None, valid_to=None)
    finding = make_finding(artefact=make_artefact(kind="name", value=name), path=[hop])
    objects = objects_of(make_result([finding]))
    (step,) = (made for made in of_type(objects, "relationship") if said(made)["about"] == "hop")
    assert step["source_ref"] != step["target_ref"]


def test_an_allegation_carries_its_caveat_and_every_answer_in_its_own_text() -> None:
    objects = objects_of(northport())
    notes = {said(made)["id"]: made for made in of_type(objects, "note") if said(made)["about"] == "claim"}
    claims = {claim.id: claim for claim in northport().result.claims}
    assert set(notes) == set(claims)
    answered = [claim for claim in claims.values() if claim.answered_by]
    assert answered
    for claim in answered:
        text = notes[claim.id]["content"]
        assert not claim.caveat or f"Caveat: {claim.caveat}" in text
        assert all(claims[answer].text in text for answer in claim.answered_by)
    for claim in claims.values():
        for other in claim.answers:
            assert notes[other]["id"] in notes[claim.id]["object_refs"]


def test_an_allegation_without_an_answer_says_so() -> None:
    result = make_result(claims=[make_claim(answered_by=[])])
    (note,) = (made for made in of_type(objects_of(result), "note") if said(made)["about"] == "claim")
    assert "No answer is on file." in note["content"]


def test_what_was_not_read_stands_beside_the_findings() -> None:
    (note,) = (made for made in of_type(objects_of(northport()), "note") if said(made)["about"] == "coverage")
    unread = [PurePath(row.file).name for row in northport().result.coverage if row.status != "read"]
    assert unread
    assert [file for file in unread if file not in note["content"]] == []
    assert "us-ofac-sdn" in note["content"]


def test_the_bundle_is_marked_for_those_who_need_it() -> None:
    objects = objects_of(northport())
    amber = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
    marked = [made for made in objects if made["type"] not in ("marking-definition", "extension-definition")]
    assert all(amber in made.get("object_marking_refs", []) for made in marked if made.get("name") != "beholden")


def person_named(text: str) -> Finding:
    return make_finding(
        operator=PERSON,
        listed_entity=PERSON,
        listing=make_listing(designation="us-ofac-sdn/ivo-sample", listed_as="SAMPLE, Ivo"),
        artefact=make_artefact(kind="name", value=text),
        path=[],
    )


def test_persons_are_pseudonyms_in_every_property_unless_they_may_be_shown() -> None:
    result = make_result([person_named("Ivo Sample")], claims=[make_claim(target=[PERSON.id])])
    hidden, shown = (text_of(Assessment(result), show_personal=flag).lower() for flag in (False, True))
    assert "ivo" not in hidden
    assert "ivo sample" in shown
    assert "us-ofac-sdn/ivo-sample" in shown


def test_pseudonyms_that_are_numbered_within_a_file_do_not_merge_people_of_two_files() -> None:
    results = [make_result([replace(person_named("A"), id=number)]) for number in ("f1", "f2")]
    ids = [
        [made["id"] for made in of_type(objects_of(result), "identity") if made["name"] == "person-1"]
        for result in results
    ]
    assert ids[0]
    assert set(ids[0]).isdisjoint(ids[1])


def test_full_hardware_addresses_and_own_hosts_stay_out() -> None:
    text = text_of(Assessment(sample_result()))
    assert "44:19:b6:12:34:56" not in text
    assert "cam-anna" not in text
