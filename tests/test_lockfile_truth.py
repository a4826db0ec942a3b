"""Truths read by a person from real projects, against the whole product: exactly these, and none of the near misses."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from tests.command import run_process

from beholden.compile import open_core, open_overlaid
from beholden.kb.base import KnowledgeBase
from beholden.match import MATCHERS
from beholden.policy.profile import Profile
from beholden.run.assess import assess
from beholden.run.reduce import queries
from beholden.run.scan import scan
from beholden.scan import SCANNERS
from beholden.scan.interface import Watch
from beholden.schema.result import Finding

Shared = Callable[[str], Path]
Component = tuple[str, str, str]  # purl, operator, relation
TRUTHS = sorted((Path(__file__).parent / "truth").glob("*.toml"))
every_truth = pytest.mark.parametrize("truth_file", TRUTHS, ids=[path.stem for path in TRUTHS])
AS_OF = date(2026, 8, 1)
PYPI_MIRROR = "aliyun-pypi-mirror.example"
NPM_MIRROR = "npmmirror-registry.example"
# What an organisation that knows the two mirrors types beside its profile.
OVERLAY = f"""
[defaults]
source_id = "our-network-team"
grade = "M"
published_at = 2026-01-10

[[sources]]
id = "our-network-team"
title = "Note of our network team on package mirrors"
publisher = "Northport"
date = 2026-01-10
class = "own knowledge"

[[assets]]
entity_id = "alibaba"
kind = "domain"
relation = "service_endpoint"
values = ["{PYPI_MIRROR}", "{NPM_MIRROR}"]
"""


@dataclass(frozen=True)
class Truth:
    """What a person read.

    Attributes:
        folder: Of the project, below the shared folder.
        components: Exactly what must be found.
        near: Purls that look like a vendor's, with the foundation they belong to, if one holds them.
    """

    folder: str
    components: frozenset[Component]
    near: frozenset[tuple[str, str | None]]


def read_truth(path: Path) -> Truth:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return Truth(
        folder=f"data/inputs/lockfiles/{document['origin']['project']}",
        components=frozenset(
            (purl, row["entity_id"], row["relation"]) for row in document.get("components", []) for purl in row["purls"]
        ),
        near=frozenset((purl, row.get("entity_id")) for row in document.get("near_miss", []) for purl in row["purls"]),
    )


@cache
def core() -> KnowledgeBase:
    return open_core()


def matched(folder: Path, kb: KnowledgeBase) -> set[Component]:
    """Every package and its operator, whether or not a list or a claim touches that operator."""
    scanned = scan([folder], SCANNERS, Watch(addresses=kb.watched_addresses), lambda _: {}, lambda _: None)
    asked = queries(scanned.observations)
    found = pa.Table.from_batches([matcher.match(kb, asked) for matcher in MATCHERS]).to_pylist()
    return {(row["value"], row["entity_id"], row["relation"]) for row in found if row["kind"] == "purl"}


def findings_of(folder: Path, kb: KnowledgeBase) -> list[Finding]:
    return assess([folder], kb, Profile(), as_of=AS_OF).result.findings


def purls_in(findings: list[Finding]) -> set[Component]:
    return {
        (finding.artefact.value, finding.operator.id, finding.artefact.relation)
        for finding in findings
        if finding.artefact.kind == "purl"
    }


def observed(folder: Path) -> set[str]:
    scanned = scan([folder], SCANNERS, Watch(), lambda _: {}, lambda _: None)
    return set(scanned.observations["value"].to_pylist())


@every_truth
def test_the_files_hold_every_package_of_the_truth(truth_file: Path, shared: Shared) -> None:
    truth = read_truth(truth_file)
    named = {purl for purl, _, _ in truth.components} | {purl for purl, _ in truth.near}
    assert named - observed(shared(truth.folder)) == set()


@every_truth
def test_matches_are_exactly_the_components_of_the_truth(truth_file: Path, shared: Shared) -> None:
    truth = read_truth(truth_file)
    foundations = {(purl, holder) for purl, holder in truth.near if holder is not None}
    found = matched(shared(truth.folder), core())
    assert {row for row in found if row[:2] not in foundations} == truth.components


@every_truth
def test_findings_are_about_components_of_the_truth_and_never_about_a_near_miss(
    truth_file: Path, shared: Shared
) -> None:
    truth = read_truth(truth_file)
    found = purls_in(findings_of(shared(truth.folder), core()))
    assert found <= truth.components
    operators = {operator for _, operator, _ in found}
    # An operator without a listing or claim has no finding; one with a listing has all of its packages.
    assert found == {row for row in truth.components if row[1] in operators}


@pytest.mark.parametrize("project", ["dexter", "panther"])
def test_a_project_without_vendors_has_no_finding_at_all(project: str, shared: Shared) -> None:
    assert findings_of(shared(f"data/inputs/lockfiles/{project}"), core()) == []


@pytest.mark.parametrize("project", ["casdoor", "lego", "objstore", "ragflow", "seatunnel"])
def test_a_project_with_vendors_has_findings(project: str, shared: Shared) -> None:
    assert findings_of(shared(f"data/inputs/lockfiles/{project}"), core())


def test_mirrors_of_masked_names_are_nobodys_without_an_overlay(shared: Shared) -> None:
    findings = findings_of(shared("data/inputs/lockfiles/ragflow"), core())
    assert [finding for finding in findings if finding.artefact.relation == "mirror"] == []


def test_an_overlay_says_whose_the_mirrors_are(shared: Shared, tmp_path: Path) -> None:
    pack = tmp_path / "mirrors.toml"
    pack.write_text(OVERLAY, encoding="utf-8")
    findings = findings_of(shared("data/inputs/lockfiles/ragflow"), open_overlaid(core(), [pack]))
    mirrors = [finding for finding in findings if finding.artefact.relation == "mirror"]
    assert {(finding.artefact.value, finding.operator.id) for finding in mirrors} == {
        (PYPI_MIRROR, "alibaba"),
        (NPM_MIRROR, "alibaba"),
    }
    assert {step.source for finding in mirrors for step in finding.path[:1]} == {"our-network-team"}


def test_the_profile_brings_the_overlay_and_nothing_else_changes(shared: Shared, tmp_path: Path) -> None:
    (tmp_path / "mirrors.toml").write_text(OVERLAY, encoding="utf-8")
    profile = tmp_path / "beholden.toml"
    profile.write_text('[[overlay]]\npath = "mirrors.toml"\n', encoding="utf-8")
    folder = shared("data/inputs/lockfiles/ragflow")
    common = ("scan", folder, "--as-of", AS_OF.isoformat(), "--format", "json")
    answer = run_process(*common, "--profile", profile)
    assert answer.code == 0
    findings = answer.document["findings"]
    mirrors = {row["id"] for row in findings if row["artefact"]["relation"] == "mirror"}
    assert {row["artefact"]["value"] for row in findings if row["id"] in mirrors} == {PYPI_MIRROR, NPM_MIRROR}
    plain = run_process(*common).document
    assert {row["id"] for row in findings} - mirrors == {row["id"] for row in plain["findings"]}
    assert answer.document["kb"]["digest"] != plain["kb"]["digest"]
