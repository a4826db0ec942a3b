"""`beholden kb diff`, `kb export` and `--max-age` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import Answer, run_here, run_process
from tests.northport import EXAMPLE

from beholden.compile import build, core_packs, home, open_core
from beholden.schema.version import REPORT_SCHEMA

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
PACK = """
[defaults]
source_id = "ours"
grade = "B"
published_at = 2026-01-01
[[sources]]
id = "ours"
title = "Our own register"
[[entities]]
id = "acme"
schema = "Company"
caption = "Acme Ltd."
[[regimes]]
id = "us-list"
kind = "list"
list_kind = "event"
title = "A list"
loaded = true
[[designations]]
id = "us-list:acme"
regime_id = "us-list"
entity_id = "acme"
listed_as = "ACME"
valid_from = 2026-01-01
"""


def kb_diff(*arguments: str | Path) -> Answer:
    return run_here("kb", "diff", *arguments, "--format", "json")


def built(folder: Path, name: str, pack: str) -> Path:
    """A base of one pack."""
    packs = folder / f"packs-{name}"
    packs.mkdir()
    (packs / "pack.toml").write_text(pack, encoding="utf-8")
    made = build(packs, home() / "kb").folder
    assert made is not None
    return made


@pytest.fixture
def bases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two bases in a home of their own: in the second the party has left the list."""
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    return built(tmp_path, "a", PACK), built(tmp_path, "b", PACK + "valid_to = 2026-06-01\n")


def valid(document: object, name: str) -> bool:
    schema = json.loads((SCHEMAS / f"{name}-{REPORT_SCHEMA}.json").read_text(encoding="utf-8"))
    return bool(jsonschema.Draft202012Validator(schema).is_valid(document))


def test_bases_are_named_by_folder_digest_or_its_start(bases: tuple[Path, Path]) -> None:
    by_folder = kb_diff(*bases, "--as-of", "2026-08-01").document
    assert [by_folder[side]["digest"] for side in ("from", "to")] == [folder.name for folder in bases]
    [change] = by_folder["lists"]
    assert [(row["entity"], row["how"], row["day"]) for row in change["gone"]] == [("acme", "ended", "2026-06-01")]
    names = [folder.name[:12] for folder in bases]
    by_start = kb_diff(*names, "--as-of", "2026-08-01").document
    assert [by_start[side]["name"] for side in ("from", "to")] == names
    assert by_start["lists"] == by_folder["lists"]


def test_the_day_decides_who_has_left(bases: tuple[Path, Path]) -> None:
    [change] = kb_diff(*bases, "--as-of", "2026-05-01").document["lists"]
    assert (change["gone"], [row["how"] for row in change["changed"]]) == ([], ["changed"])


def test_what_is_printed_follows_the_published_schema(bases: tuple[Path, Path], tmp_path: Path) -> None:
    answer = kb_diff(bases[0], "core", "--as-of", "2026-08-01")
    assert answer.code == 0
    assert valid(answer.document, "kb-diff")
    assert {row["change"] for row in answer.document["law"]} == {"added", "removed"}
    exported = run_here("kb", "export", tmp_path / "out", "--base", bases[0], "--format", "json")
    assert valid(exported.document, "kb-export")
    assert exported.document == json.loads((tmp_path / "out" / "sources.json").read_bytes())


def test_the_core_base_is_the_current_one_where_nothing_was_imported() -> None:
    document = kb_diff("core", "current").document
    assert document["from"]["digest"] == document["to"]["digest"] == open_core().digest
    assert (document["lists"], document["law"]) == ([], [])


def test_the_findings_of_a_result_are_told_that_would_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    result = tmp_path / "result.json"
    run_here("scan", EXAMPLE, "--as-of", "2026-08-01", "--allow-incomplete", "-o", result)
    everything = {path: path.read_text(encoding="utf-8") for path in core_packs().rglob("*.toml")}
    lifted = tmp_path / "lifted"
    for path, text in everything.items():
        target = lifted / path.relative_to(core_packs())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path in core_packs().rglob("*.csv"):
        (lifted / path.relative_to(core_packs())).write_bytes(path.read_bytes())
    text = (lifted / "editions" / "us-889.toml").read_text(encoding="utf-8")
    head, entry, tail = text.partition('entity_id = "hikvision"')
    assert entry
    (lifted / "editions" / "us-889.toml").write_text(head + entry + "\nvalid_to = 2026-07-01" + tail, encoding="utf-8")
    other = build(lifted, home() / "kb")
    answer = kb_diff("core", other.digest[:16], "--result", result)
    found = answer.document["result"]
    assert valid(answer.document, "kb-diff")
    assert (answer.document["as_of"], found["made_by"]) == ("2026-08-01", "from")
    known = {row["id"]: row for row in json.loads(result.read_bytes())["findings"]}
    ended = [row for row in found["findings"] if row["change"] == "ends"]
    assert ended
    assert {(row["listed_entity"]["id"], row["regime"]) for row in ended} == {("hikvision", "us-889")}
    of_889 = [
        row
        for row in known.values()
        if row["listing"] and row["listing"]["regime"] == "us-889" and row["listed_entity"]["id"] == "hikvision"
    ]
    assert {row["id"] for row in ended} == {row["id"] for row in of_889}
    assert len(found["findings"]) + found["same"] + len(found["not_held"]) == len(known)
    # A new scan by that base agrees.
    fresh = run_here(
        "diff", str(open_core().folder), str(other.folder), "--input", EXAMPLE, "--as-of", "2026-08-01",
        "--allow-incomplete", "--format", "json",
    ).document  # fmt: skip
    differing = {row["id"] for row in (*fresh["gone"], *fresh["changed"])}
    assert {row["id"] for row in ended} <= differing


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("2026-08-01", "kb.unknown-base", id="a-day"),
        pytest.param("nowhere", "kb.unknown-base", id="no-folder-no-digest"),
        pytest.param("abcd1234", "kb.unknown-base", id="no-such-digest"),
        pytest.param("abc", "kb.unknown-base", id="too-short"),
        pytest.param("..", "kb.unreadable", id="no-base"),
        pytest.param("../../etc", "kb.unknown-base", id="not-below-home"),
    ],
)
def test_a_name_that_means_no_base_ends_in_4(
    name: str, code: str, bases: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = kb_diff(bases[0], name)
    assert (answer.code, answer.out) == (4, b"")
    assert f"[{code}]" in answer.err


def test_a_day_instead_of_a_base_is_told_how_to_get_its_base(bases: tuple[Path, Path]) -> None:
    assert "`beholden kb build --as-held 2026-08-01`" in kb_diff(bases[0], "2026-08-01").err


def test_a_start_of_several_digests_ends_in_4_and_lists_them(bases: tuple[Path, Path]) -> None:
    for end in ("1", "2"):
        (home() / "kb" / f"abcd{end}").mkdir()
        (home() / "kb" / f"abcd{end}" / "manifest.json").write_bytes((bases[0] / "manifest.json").read_bytes())
    answer = kb_diff(bases[0], "abcd")
    assert answer.code == 4
    assert "abcd1, abcd2" in answer.err


@pytest.mark.parametrize("content", [None, "{}", '{"command": "show"}'])
def test_what_is_no_result_ends_in_2(content: str | None, bases: tuple[Path, Path], tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    answer = kb_diff(*bases, "--result", file)
    assert (answer.code, answer.out) == (2, b"")


def test_the_same_question_has_the_same_bytes_for_an_answer(bases: tuple[Path, Path]) -> None:
    asked = ("kb", "diff", *bases, "--as-of", "2026-08-01")
    for form in ("table", "json"):
        assert run_here(*asked, "--format", form).out == run_process(*map(str, asked), "--format", form).out


def test_an_export_says_what_it_wrote_and_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    answer = run_here("kb", "export", folder)
    assert answer.code == 0
    assert "Nothing was left out." in answer.out.decode()
    assert (folder / "entities.parquet").is_file()
    again = run_here("kb", "export", folder)
    assert (again.code, again.out) == (2, b"")
    assert "export.not-empty" in again.err


def test_kb_info_says_how_old_each_copy_is() -> None:
    document = run_here("kb", "info", "--as-of", "2026-11-26", "--format", "json").document
    ages = {row["id"]: (row["checked_until"], row["age_days"]) for row in document["sources"]}
    assert ages["us-889"] == ("2026-08-22", 96)
    assert ages["eu-fsf"][1] is None
    shown = run_here("kb", "info", "--as-of", "2026-11-26").out.decode()
    assert "checked until 2026-08-22  96 days old" in shown
    assert "days old" not in run_here("kb", "info", "--as-of", "2026-08-22").out.decode()


def test_a_dossier_says_how_old_the_oldest_copy_is() -> None:
    old = run_here("show", "huawei", "--as-of", "2026-11-26").out.decode()
    assert "lists were last checked before 2026-11-26; the oldest, of cn-afsl, is 96 days old." in old
    assert "days old" not in run_here("show", "huawei", "--as-of", "2026-08-22").out.decode()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("show", "huawei", "--as-of", "2026-11-26"), id="show"),
        pytest.param(
            ("whatif", EXAMPLE, "--designate", "huawei", "--regime", "us-tx", "--as-of", "2026-11-26",
             "--allow-incomplete"), id="whatif"
        ),
        pytest.param(("diff", "2026-06-01", "2026-11-26", "--input", EXAMPLE, "--allow-incomplete"), id="diff"),
        pytest.param(("scan", EXAMPLE, "--as-of", "2026-11-26", "--allow-incomplete"), id="scan"),
    ],
)  # fmt: skip
def test_every_command_refuses_a_copy_that_is_older_than_allowed(command: tuple[str | Path, ...]) -> None:
    refused = run_here(*command, "--max-age", "95")
    assert (refused.code, refused.out) == (4, b"")
    assert "96 days before 2026-11-26" in refused.err
    assert run_here(*command, "--max-age", "96").code == 0


def test_two_bases_or_results_have_no_age_of_their_own(bases: tuple[Path, Path]) -> None:
    answer = run_here("diff", *bases, "--input", EXAMPLE, "--max-age", "5")
    assert (answer.code, answer.out) == (2, b"")
    assert "--max-age is for two dates" in answer.err
