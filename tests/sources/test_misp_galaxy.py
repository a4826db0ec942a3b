"""Clusters of actors and institutions: our clusters, wrong values, and the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources.networks import excerpt, of, plain, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Name

REAL = {
    "360net.json": 42,
    "china-defence-universities.json.gz": 159,
    "microsoft-activity-group.json.gz": 179,
    "mitre-intrusion-set.json.gz": 191,
    "surveillance-vendor.json.gz": 615,
    "threat-actor.json.gz": 1041,
}


def parties() -> dict[str, Entity]:
    rows, _ = read("misp_galaxy", *excerpt("misp_galaxy", "cluster"))
    return {row.caption: row for row in of(Entity, rows)}


def test_a_value_is_a_party_with_its_other_names() -> None:
    rows, reading = read("misp_galaxy", *excerpt("misp_galaxy", "cluster"))
    actor = parties()["APT999"]
    assert (actor.id, actor.schema, actor.caption_kind, actor.jurisdictions) == (
        "misp_galaxy:00000000-0000-4000-8000-000000000011",
        "Organization",
        "alias",
        [],
    )
    assert [row.name for row in of(Name, rows) if row.entity_id == actor.id] == ["EXAMPLE PANDA", "Example Storm"]
    assert (reading.read, reading.rejects) == (5, 0)


def test_who_is_suspected_behind_an_actor_is_not_taken_over() -> None:
    assert all("Nowhere" not in repr(entity) and "Elsewhere" not in repr(entity) for entity in parties().values())


def test_a_value_of_attack_keeps_its_number() -> None:
    assert parties()["Example Panther"].id == "attack:G9991"
    assert "Revoked there." in str(parties()["Example Panther"].note)


def test_vendors_and_institutions_have_products_sites_and_addresses() -> None:
    rows, _ = read("misp_galaxy", *excerpt("misp_galaxy", "cluster"))
    vendor, institution = parties()["Spy Example Ltd"], parties()["Example University"]
    assert vendor.note == (
        "A vendor in the cluster 'Surveillance Vendor' by Various. Web sites printed for it: https://spy.example/."
    )
    kinds = {row.name: row.kind for row in of(Name, rows) if row.entity_id == vendor.id}
    assert kinds == {"WATCHER": "brand", "Spy": "weak"}
    assert (institution.addresses, institution.caption_kind) == (["1 Campus Road, Springfield"], "legal")
    assert [row.name for row in of(Name, rows) if row.entity_id == institution.id] == ["示例大学", "EU"]


def changed(tmp_path: Path, head: dict[str, Any], value: dict[str, Any]) -> Path:
    cluster = json.loads((excerpt("misp_galaxy", "cluster")[3]).read_text())
    assert cluster["type"] == "threat-actor"
    cluster.update(head)
    cluster["values"][0].update(value)
    return written(tmp_path, "cluster.json", json.dumps(cluster))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({"uuid": "1"}, "no UUID", id="no UUID"),
        pytest.param({"value": None}, "value is missing", id="no name"),
        pytest.param({"sponsor": "X"}, "unknown field", id="a new field"),
        pytest.param({"meta": {"paid-by": "X"}}, "unknown field", id="a new field of meta"),
        pytest.param({"meta": {"synonyms": [5]}}, "synonyms is no text", id="a name that is no text"),
        pytest.param({"meta": {"synonyms": ["\ud800"]}}, "synonyms is no Unicode text", id="half a character"),
        pytest.param({"meta": {"external_id": "T1"}}, "unknown external_id", id="another number"),
    ],
)
def test_a_wrong_value_is_rejected_and_the_rest_is_read(tmp_path: Path, value: dict[str, Any], reason: str) -> None:
    rows, reading = read("misp_galaxy", changed(tmp_path, {}, value))
    assert (len(of(Entity, rows)), dict(reading.reasons)) == (1, {reason: 1})
    assert str(reading.rejected[0].origin) == "cluster.json#values/0"


@pytest.mark.parametrize("head", [{"category": "tool"}, {"values": {}}, {"authors": "X"}, {"licence": "X"}])
def test_a_cluster_of_something_else_is_refused(tmp_path: Path, head: dict[str, Any]) -> None:
    cluster = {"category": "actor", "type": "x", "name": "X", "values": [], "authors": []}
    with pytest.raises(SourceError):
        read("misp_galaxy", written(tmp_path, "cluster.json", json.dumps({**cluster, **head})))


@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_a_real_cluster_is_read_whole(shared: Callable[[str], Path], name: str, count: int) -> None:
    path = shared(f"data/threats/misp-galaxy-{name}")
    rows, reading = read("misp_galaxy", path)
    values = json.loads(plain(path))["values"]
    assert (reading.read, reading.rejects) == (len(values), 0) == (count, 0)
    assert len(of(Entity, rows)) == count
    number = {value["uuid"]: value.get("meta", {}).get("external_id") for value in values}
    expected = {f"attack:{attack}" if attack else f"misp_galaxy:{uuid}" for uuid, attack in number.items()}
    assert {row.id for row in of(Entity, rows)} == expected


def test_spot_values_of_the_real_clusters(shared: Callable[[str], Path]) -> None:
    rows, _ = read("misp_galaxy", *(shared(f"data/threats/misp-galaxy-{name}") for name in REAL))
    captions = {row.id: row.caption for row in of(Entity, rows)}
    assert captions["misp_galaxy:1cb7e1cc-d695-42b1-92f4-fd0112a3c9be"] == "APT1"
    assert captions["attack:G0130"] == "Ajax Security Team"
    assert captions["misp_galaxy:e42be649-b098-44c7-9275-5874daf3b81a"] == "Kape Technologies"
    names = {(row.entity_id, row.name) for row in of(Name, rows)}
    assert ("misp_galaxy:1cb7e1cc-d695-42b1-92f4-fd0112a3c9be", "Comment Crew") in names
    assert not any(name == "G0006" for _, name in names)
