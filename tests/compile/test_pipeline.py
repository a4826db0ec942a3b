"""Building and opening bases: by content, atomically, by several processes, without a writable home, overlaid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.builders import (
    core_kb,
    make_claim,
    make_effect,
    make_entity,
    make_ownership,
    make_ownership_rule,
    make_regime,
    tiny_kb,
)

from beholden.compile import build, home, open_core, open_overlaid, verify
from beholden.compile.pipeline import locked
from beholden.errors import CompileError, KnowledgeBaseError
from beholden.kb.base import KnowledgeBase

ACME = """
[defaults]
source_id = "in-house"
grade = "B"
[[sources]]
id = "in-house"
title = "Our own register"
[[entities]]
id = "acme"
schema = "Company"
caption = "Acme Ltd."
[[assets]]
entity_id = "acme"
kind = "domain"
relation = "service_endpoint"
values = ["acme.example"]
"""
OTHER = ACME.replace("acme", "other").replace("in-house", "elsewhere").replace("Acme", "Other")


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "a.toml").write_text(ACME)
    (folder / "b.toml").write_text(OTHER)
    return folder


# --- content --------------------------------------------------------------------------------------------------------


def test_a_base_is_named_by_its_content(packs: Path, tmp_path: Path) -> None:
    base = build(packs, tmp_path / "kb")
    assert base.folder == tmp_path / "kb" / base.digest
    assert [path.name for path in (tmp_path / "kb").iterdir() if not path.name.startswith(".")] == [base.digest]


def test_the_same_rows_in_other_files_give_the_same_digest(packs: Path, tmp_path: Path) -> None:
    first = build(packs, tmp_path / "one")
    (packs / "a.toml").rename(packs / "z.toml")
    (packs / "b.toml").write_text("# another layout\n" + OTHER.replace("\n[[", "\n\n[["))
    assert build(packs, tmp_path / "two").digest == first.digest


def test_a_base_written_twice_has_the_same_bytes(packs: Path, tmp_path: Path) -> None:
    one, two = build(packs, tmp_path / "one").folder, build(packs, tmp_path / "two").folder
    assert one is not None
    assert two is not None
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_a_wrong_pack_writes_nothing(packs: Path, tmp_path: Path) -> None:
    (packs / "c.toml").write_text("[[vendors]]\nid = 1\n")
    with pytest.raises(CompileError):
        build(packs, tmp_path / "kb")
    assert not (tmp_path / "kb").exists()


def test_a_written_base_answers_like_the_rows_it_was_made_of(packs: Path, tmp_path: Path) -> None:
    base = KnowledgeBase.open(build(packs, tmp_path / "kb").folder or tmp_path)
    (asset,) = base.assets("domain", ["acme.example"])
    entity = base.entity(asset.entity_id or "")
    assert entity is not None
    assert [name.norm for name in base.names(entity.id)] == ["acme ltd"]


# --- verify ---------------------------------------------------------------------------------------------------------


def test_an_untouched_base_verifies(packs: Path, tmp_path: Path) -> None:
    assert verify(build(packs, tmp_path / "kb").folder or tmp_path) == []


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.99], ids=["start", "third", "two-thirds", "end"])
def test_a_changed_byte_in_any_file_is_found(packs: Path, tmp_path: Path, where: float) -> None:
    folder = build(packs, tmp_path / "kb").folder
    assert folder is not None
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        place = int((len(content) - 1) * where)
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert verify(folder), path.name
        path.write_bytes(content)
    assert verify(folder) == []


@pytest.mark.parametrize("key", ["digest", "rows", "tables", "files", "schema", "tool"])
def test_a_changed_manifest_is_found(packs: Path, tmp_path: Path, key: str) -> None:
    folder = build(packs, tmp_path / "kb").folder
    assert folder is not None
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest[key] = {**manifest[key], "entities": 7} if isinstance(manifest[key], dict) else f"{manifest[key]}0"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert verify(folder)


def test_a_missing_file_is_found_and_named(packs: Path, tmp_path: Path) -> None:
    folder = build(packs, tmp_path / "kb").folder
    assert folder is not None
    (folder / "names.arrow").unlink()
    assert verify(folder) == ["names.arrow: missing"]


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"schema": "0.0.1"}'], ids=["empty", "no JSON", "no object", "other schema"]
)
def test_a_base_with_a_bad_manifest_is_refused_as_such(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(KnowledgeBaseError):
        KnowledgeBase.open(tmp_path)
    assert verify(tmp_path)


# --- the core base --------------------------------------------------------------------------------------------------

OPEN = "from beholden.compile import open_core; kb = open_core(); print(kb.digest, kb.folder is not None)"


def opened_elsewhere(place: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", OPEN],
        env={**os.environ, "BEHOLDEN_HOME": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_processes_that_build_at_once_all_get_the_same_whole_base(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(opened_elsewhere, [tmp_path / "home"] * 3))
    assert answers == [[core_kb().digest, "True"]] * 3
    left = sorted(path.name for path in (tmp_path / "home" / "kb").iterdir())
    assert left == sorted([".lock", "core.json", core_kb().digest])
    assert verify(tmp_path / "home" / "kb" / core_kb().digest) == []


def test_a_home_that_cannot_be_written_works_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the home folder would be")
    assert opened_elsewhere(tmp_path / "file" / "home") == [core_kb().digest, "False"]


def test_a_base_in_memory_has_the_rows_of_a_written_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = core_kb()
    (tmp_path / "file").touch()
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "file" / "home"))
    held = open_core()
    assert held.entities() == written.entities()
    assert held.designations("alibaba") == written.designations("alibaba")
    assert held.prefixes(bytes(10) + b"\xff\xff" + bytes([47, 91, 0, 1])) == written.prefixes(
        bytes(10) + b"\xff\xff" + bytes([47, 91, 0, 1])
    )


@pytest.mark.parametrize("name", ["lookup.sqlite", "addresses.arrow", "manifest.json"])
@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_a_damaged_core_base_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str
) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path))
    folder = open_core().folder
    assert folder is not None
    if damage == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(b"")
    again = open_core()
    assert again.entity("alibaba") is not None
    assert verify(folder) == []


def test_the_home_folder_is_the_one_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "mine"))
    assert home() == tmp_path / "mine"


# --- overlays -------------------------------------------------------------------------------------------------------


def overlay(tmp_path: Path, text: str, base: KnowledgeBase | None = None) -> KnowledgeBase:
    head = '[defaults]\nsource_id = "in-house"\ngrade = "B"\n[[sources]]\nid = "in-house"\ntitle = "Ours"\n'
    (tmp_path / "ours.toml").write_text(head + text)
    return open_overlaid(base or BASE, [tmp_path / "ours.toml"])


BASE = tiny_kb(
    make_entity("acme", "Acme Ltd."),
    make_regime(),
    make_ownership_rule("aggregate_50"),
    make_claim("c1", "acme"),
    make_ownership("acme", "other", "60", id="acme>other@"),
)


def test_an_overlay_adds_rows_that_refer_to_the_base(tmp_path: Path) -> None:
    added = """
[[names]]
entity_id = "acme"
name = "Acme House"
kind = "alias"
[[assets]]
entity_id = "acme"
kind = "domain"
value = "in-house.example"
relation = "service_endpoint"
"""
    kb = overlay(tmp_path, added)
    assert {name.name for name in kb.names("acme")} == {"Acme Ltd.", "Acme House"}
    assert [asset.entity_id for asset in kb.assets("domain", ["in-house.example"])] == ["acme"]


def test_an_overlay_row_replaces_the_row_with_its_id(tmp_path: Path) -> None:
    kb = overlay(tmp_path, '[[entities]]\nid = "acme"\nschema = "Company"\ncaption = "Acme Renamed"\n')
    assert [entity.caption for entity in kb.entities() if entity.id == "acme"] == ["Acme Renamed"]


def test_a_replaced_row_is_gone_wherever_it_was_found_before(tmp_path: Path) -> None:
    kb = overlay(
        tmp_path, '[[ownership]]\nid = "acme>other@"\nowner_id = "other"\nowned_id = "acme"\npercentage = 60\n'
    )
    assert kb.owners("other") == []
    assert [stake.owner_id for stake in kb.owners("acme")] == ["other"]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('[[effects]]\nid = "e"\nkind = "stop"\ntarget_id = "us-list-aggregate_50"\n', id="ownership rule"),
        pytest.param(
            '[[claims]]\nid = "d1"\ntype = "denial"\nspeaker = "Acme"\ntext = "No."\nanswers = ["c1"]\n',
            id="claim",
        ),
    ],
)
def test_an_overlay_may_refer_to_every_kind_of_row_of_the_base(tmp_path: Path, row: str) -> None:
    assert overlay(tmp_path, row).digest.startswith(f"{BASE.digest}+")


def test_an_overlay_that_refers_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="nobody"):
        overlay(tmp_path, '[[names]]\nentity_id = "nobody"\nname = "X"\nkind = "alias"\n')


def test_an_overlay_with_one_id_twice_is_refused(tmp_path: Path) -> None:
    row = '[[entities]]\nid = "new"\nschema = "Company"\ncaption = "New"\n'
    with pytest.raises(CompileError, match="twice"):
        overlay(tmp_path, row + row)


def test_an_overlay_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    overlay(tmp_path, '[[entities]]\nid = "acme"\nschema = "Company"\ncaption = "Acme Renamed"\n')
    entity = BASE.entity("acme")
    assert entity is not None
    assert entity.caption == "Acme Ltd."


def test_the_digest_of_an_overlaid_base_follows_the_rows_laid_over_it(tmp_path: Path) -> None:
    one = overlay(tmp_path, '[[entities]]\nid = "a"\nschema = "Company"\ncaption = "A"\n').digest
    two = overlay(tmp_path, '[[entities]]\nid = "b"\nschema = "Company"\ncaption = "B"\n').digest
    assert one != two
    assert one == overlay(tmp_path, '[[entities]]\nid = "a"\nschema = "Company"\ncaption = "A"\n').digest


def test_an_effect_laid_over_switches_a_rule_off() -> None:
    effect = make_effect("stop", "2026-01-01", None, "us-list-aggregate_50")
    assert BASE.overlay({"effects": [effect]}, "x").effects["us-list-aggregate_50"] == [effect]


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    for name in (".building-dead", ".staging-dead"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.sqlite").write_bytes(b"half")
    (tmp_path / "a-base").mkdir()
    with locked(tmp_path):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "a-base"]
