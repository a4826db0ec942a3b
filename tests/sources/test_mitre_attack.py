"""Groups and campaigns: our bundle, wrong objects, and the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.sources.networks import excerpt, of, plain, printed, read, written

from beholden.errors import SourceError
from beholden.schema.rows import ClaimRow, Entity, Event, Name, Ownership, Resolution

REAL = "data/threats/attack-enterprise-groups.stix.json.gz"


def test_groups_their_names_and_what_became_of_them() -> None:
    rows, reading = read("mitre_attack", *excerpt("mitre_attack", "stix"))
    assert of(Entity, rows) == [
        Entity(id="attack:G9991", schema="Organization", caption="Example Panther", caption_kind="alias"),
        Entity(
            id="attack:G9993",
            schema="Organization",
            caption="Example Marten",
            caption_kind="alias",
            note="MITRE ATT&CK has deprecated this group.",
        ),
    ]
    assert of(Name, rows) == [Name(entity_id="attack:G9991", name="UNC99999", kind="alias")]
    assert of(Resolution, rows) == [
        Resolution(
            entity_id="attack:G9991",
            referent="attack:G9992",
            rule="reviewed",
            reason="MITRE ATT&CK has revoked G9992 (Example Lynx) in favour of G9991",
        )
    ]
    assert (reading.read, reading.rejects) == (10, 0)


def test_a_campaign_is_an_event_of_the_group_that_replaced_the_one_it_is_attributed_to() -> None:
    rows, _ = read("mitre_attack", *excerpt("mitre_attack", "stix"))
    assert of(Event, rows) == [
        Event(
            id="attack:C9999",
            date=date(2024, 2, 1),
            type="campaign",
            text=(
                "Campaign Operation Example (also Example Storm), seen from 2024-02-01 to 2025-01-01; "
                "MITRE ATT&CK attributes it to G9991."
            ),
            entity_ids=["attack:G9991"],
        )
    ]
    assert of(ClaimRow, rows) == []
    assert of(Ownership, rows) == []


def test_what_is_left_out_is_counted() -> None:
    _, reading = read("mitre_attack", *excerpt("mitre_attack", "stix"))
    assert reading.notes == [
        "left out: 1 objects 'identity', 1 objects 'malware', 1 objects 'x-mitre-collection', 1 relations 'uses'"
    ]


def test_the_day_is_that_of_the_collection() -> None:
    assert printed("mitre_attack", *excerpt("mitre_attack", "stix")) == date(2026, 5, 12)


def changed(tmp_path: Path, index: int, **changes: Any) -> Path:
    bundle = json.loads(excerpt("mitre_attack", "stix")[0].read_text())
    bundle["objects"][index].update(changes)
    return written(tmp_path, "attack.json", json.dumps(bundle))


@pytest.mark.parametrize(
    ("index", "changes", "reason"),
    [
        pytest.param(7, {"type": "x-mitre-novelty"}, "unknown type", id="a new type"),
        pytest.param(8, {"relationship_type": "funds"}, "unknown relationship_type", id="a new relation"),
        pytest.param(4, {"external_references": []}, "no ATT&CK id", id="no number"),
        pytest.param(4, {"sponsor": "Nowhere"}, "unknown field", id="a new field of a group"),
        pytest.param(2, {"first_seen": "2024"}, "first_seen is no date", id="a wrong day"),
        pytest.param(4, {"aliases": "Example"}, "aliases is no list", id="names that are no list"),
    ],
)
def test_a_wrong_object_is_rejected_and_the_rest_is_read(
    tmp_path: Path, index: int, changes: dict[str, Any], reason: str
) -> None:
    _, reading = read("mitre_attack", changed(tmp_path, index, **changes))
    assert (reading.read, dict(reading.reasons)) == (9, {reason: 1})
    assert str(reading.rejected[0].origin) == f"attack.json#objects/{index}"


def test_groups_that_replace_each_other_stay_entities(tmp_path: Path) -> None:
    bundle = json.loads(excerpt("mitre_attack", "stix")[0].read_text())
    first, second = bundle["objects"][4], bundle["objects"][5]
    first["revoked"] = True
    bundle["objects"].append({**bundle["objects"][1], "source_ref": first["id"], "target_ref": second["id"]})
    rows, reading = read("mitre_attack", written(tmp_path, "attack.json", json.dumps(bundle)))
    assert reading.rejects == 0
    assert {row.note for row in of(Entity, rows)} >= {"MITRE ATT&CK has revoked this group."}


@pytest.mark.parametrize("text", ["[]", '{"type": "report"}', '{"type": "bundle"}'])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="mitre_attack reads stix"):
        read("mitre_attack", written(tmp_path, "attack.json", text))


def test_the_real_bundle_is_read_whole(shared: Callable[[str], Path]) -> None:
    rows, reading = read("mitre_attack", shared(REAL))
    objects = json.loads(plain(shared(REAL)))["objects"]
    assert (reading.read, reading.rejects) == (len(objects), 0) == (19789, 0)
    groups = [item for item in objects if item["type"] == "intrusion-set"]
    assert len(of(Entity, rows)) + len(of(Resolution, rows)) == len(groups) == 187
    assert len(of(Event, rows)) == sum(item["type"] == "campaign" for item in objects) == 52
    attributed = sum(item.get("relationship_type") == "attributed-to" for item in objects)
    assert sum(len(row.entity_ids) for row in of(Event, rows)) == attributed == 25
    known = {row.id for row in of(Entity, rows)}
    assert all(set(row.entity_ids) <= known for row in of(Event, rows))


def test_spot_values_of_the_real_bundle(shared: Callable[[str], Path]) -> None:
    rows, _ = read("mitre_attack", shared(REAL))
    captions = {row.id: row.caption for row in of(Entity, rows)}
    assert (captions["attack:G1045"], captions["attack:G0082"]) == ("Salt Typhoon", "APT38")
    assert "BeagleBoyz" in {row.name for row in of(Name, rows) if row.entity_id == "attack:G0082"}
    (dream_job,) = [row for row in of(Event, rows) if row.id == "attack:C0022"]
    assert (dream_job.date, dream_job.entity_ids) == (date(2019, 9, 1), ["attack:G0032"])
    replaced = {row.referent: row.entity_id for row in of(Resolution, rows)}
    assert replaced["attack:G0057"] == "attack:G0049"
