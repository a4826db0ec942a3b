"""A receipt's life: made, verified elsewhere, refused after a byte changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here

import beholden.cli.receipt
import beholden.compile.opening
from beholden.run.job import Job, perform

ROOT = Path(__file__).resolve().parents[2]
DAY = ("--as-of", "2026-08-01")
PROFILE = '[organisation]\nname = "Ours"\nroles = ["us-person"]\n\n[[overlay]]\npath = "inhouse.toml"\n'
OVERLAY = """[defaults]
source_id = "ours"
grade = "H"

[[sources]]
id = "ours"
title = "Our own file"
class = "own"

[[entities]]
id = "ours:harmless"
schema = "Company"
caption = "Harmless Example Limited"
"""


WAIVER = """[[waiver]]
id = "{id}"
reason = "spare parts until the replacement"
owner = "Anna Example"
approver = "Bob Example"
created = "2026-07-01"
expires = "2027-01-01"
"""


@pytest.fixture
def work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder; what is searched is `input` in it."""
    monkeypatch.chdir(folder.parent)
    return folder.parent


def make(*more: str, paths: tuple[str, ...] = ("input",)) -> dict[str, Any]:
    answer = run_here("scan", *paths, *DAY, "--receipt", "receipt.json", *more)
    assert answer.code == 0, answer.err
    receipt: dict[str, Any] = json.loads(Path("receipt.json").read_bytes())
    return receipt


def verify(*more: str | Path) -> Answer:
    return run_here("kb", "verify", "receipt.json", "--format", "json", *more)


def against(answer: Answer) -> set[tuple[str, str, str]]:
    """What does not agree: about, item, status."""
    return {
        (check["about"], check["item"], check["status"])
        for check in answer.document["checks"]
        if check["status"] != "agrees"
    }


def reseal(receipt: dict[str, Any]) -> None:
    """What someone who edits a receipt and knows the page about it does."""
    rest = {key: value for key, value in receipt.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    receipt["digest"] = hashlib.sha256(text.encode()).hexdigest()
    Path("receipt.json").write_text(json.dumps(receipt), encoding="utf-8")


def flip(path: Path) -> None:
    """Change one byte, and neither the size nor the time."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_the_example_is_verified_and_refused_after_one_byte_of_an_input_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "northport", tmp_path / "northport")
    monkeypatch.chdir(tmp_path)
    receipt = make("--allow-incomplete", paths=("northport",))
    assert receipt["result"]["findings"] > 0
    answer = verify()
    assert (answer.code, answer.document["agrees"], against(answer)) == (0, True, set())
    flip(tmp_path / "northport" / "notes.txt")
    answer = verify()
    assert (answer.code, answer.document["agrees"]) == (3, False)
    assert against(answer) == {("input", "notes.txt", "changed")}


def test_a_search_that_returned_nothing_says_so_within_its_bounds_and_is_verified(work: Path) -> None:
    shutil.rmtree("input")
    Path("input").mkdir()
    Path("input/go.mod").write_text(
        "module example.com/shop\n\nrequire example.org/harmless v1.0.0\n", encoding="utf-8"
    )
    receipt = make()
    assert (receipt["result"]["findings"], set(receipt["result"]["by_level"].values())) == (0, {0})
    says = receipt["statement"]
    assert "It returned nothing: no finding came out. That is bounded by" in says
    assert "us-dod-1260h, edition 2026-06-08, checked until 2026-08-22" in says
    assert "not loaded, so unknown:" in says
    assert "us-ofac-sdn" in says
    assert verify().code == 0


def test_an_empty_folder_gives_a_receipt_that_claims_no_search(work: Path) -> None:
    shutil.rmtree("input")
    Path("input").mkdir()
    says = make()["statement"]
    assert "There was no file below the paths." in says
    assert "Nothing was read, so nothing could be found." in says
    assert "returned nothing" not in says
    assert verify().code == 0


def test_the_result_digest_is_that_of_the_written_json(work: Path) -> None:
    receipt = make("-o", "result.json")
    assert receipt["result"]["sha256"] == hashlib.sha256(Path("result.json").read_bytes()).hexdigest()


def test_every_file_is_there_with_its_digest_under_the_name_that_coverage_gives_it(work: Path) -> None:
    Path("input/notes.bin").write_bytes(b"\x00\x01")
    receipt = make("-o", "result.json")
    covered = [row["file"] for row in json.loads(Path("result.json").read_bytes())["coverage"]]
    assert [entry["path"] for entry in receipt["inputs"]] == covered == ["go.mod", "notes.bin", "payments.csv"]
    for entry in receipt["inputs"]:
        content = (Path("input") / entry["path"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_two_runs_differ_in_nothing_but_when_they_were_made(work: Path) -> None:
    first = make()
    second = make()
    for receipt in (first, second):
        moment = receipt.pop("made_at")
        receipt.pop("digest")
        shown = f"{moment[:10]} at {moment[11:19]} UTC"
        assert shown in receipt["statement"]
        receipt["statement"] = receipt["statement"].replace(shown, "")
    assert first == second


def change(name: str) -> Callable[[], object]:
    return lambda: flip(Path(name))


def add_a_file() -> None:
    Path("input/sub").mkdir()
    Path("input/sub/new.txt").write_text("x", encoding="utf-8")


def put_a_link() -> None:
    Path("input/go.mod").unlink()
    Path("input/go.mod").symlink_to("payments.csv")


def put_a_pipe() -> None:
    Path("input/go.mod").unlink()
    os.mkfifo("input/go.mod")


@pytest.mark.parametrize(
    ("tamper", "disagreements"),
    [
        pytest.param(change("input/payments.csv"), {("input", "payments.csv", "changed")}, id="input"),
        pytest.param(
            lambda: Path("input/beholden.toml").write_text(PROFILE.replace("Ours", "Oars"), encoding="utf-8"),
            {("input", "beholden.toml", "changed"), ("file", "input/beholden.toml", "changed")},
            id="profile",
        ),
        pytest.param(
            change("input/beholden.toml"),
            {
                ("input", "beholden.toml", "changed"),
                ("file", "input/beholden.toml", "changed"),
                ("file", "beholden.toml", "differs"),
            },
            id="profile-that-is-no-profile-any-more",
        ),
        pytest.param(
            change("input/inhouse.toml"),
            {("input", "inhouse.toml", "changed"), ("file", "input/inhouse.toml", "changed")},
            id="overlay",
        ),
        pytest.param(lambda: Path("input/go.mod").unlink(), {("input", "go.mod", "missing")}, id="missing"),
        pytest.param(
            add_a_file,
            {("input", "sub/new.txt", "new")},
            id="new",
        ),
        pytest.param(
            put_a_link,
            {("input", "go.mod", "changed")},
            id="a-link-instead",
        ),
        pytest.param(
            put_a_pipe,
            {("input", "go.mod", "changed")},
            id="a-pipe-instead",
        ),
    ],
)
def test_what_is_not_as_it_was_is_named_and_refused(
    tamper: Callable[[], object], disagreements: set[tuple[str, str, str]], work: Path
) -> None:
    Path("input/beholden.toml").write_text(PROFILE, encoding="utf-8")
    Path("input/inhouse.toml").write_text(OVERLAY, encoding="utf-8")
    receipt = make()
    assert "+" in receipt["base"]["digest"]
    assert [(row["role"], row["path"]) for row in receipt["files"]] == [
        ("profile", "input/beholden.toml"),
        ("overlay", "input/inhouse.toml"),
    ]
    assert verify().code == 0
    tamper()
    answer = verify()
    assert answer.code == 3
    found = {check for check in against(answer) if check[0] in ("input", "file")}
    assert found == disagreements


def test_waivers_and_baseline_are_named_files_that_decide_the_answer(work: Path) -> None:
    gate = ("--fail-on", "prohibited", "--role", "us-federal-agency")
    run_here("scan", "input", *DAY, *gate, "-o", "old.json")
    ids = [row["id"] for row in json.loads(Path("old.json").read_bytes())["findings"] if row["level"] == "prohibited"]
    Path("waivers.toml").write_text("".join(WAIVER.format(id=one) for one in ids[:1]), encoding="utf-8")
    receipt = make(*gate, "--waivers", "waivers.toml", "--baseline", "old.json")
    assert [(row["role"], row["path"]) for row in receipt["files"]] == [
        ("waivers", "waivers.toml"),
        ("baseline", "old.json"),
    ]
    assert (receipt["options"]["waivers"], receipt["options"]["baseline"]) == ("waivers.toml", "old.json")
    assert verify().code == 0
    text = Path("waivers.toml").read_text(encoding="utf-8")
    Path("waivers.toml").write_text(text.replace("2027-01-01", "2026-07-15"), encoding="utf-8")
    answer = verify()
    assert answer.code == 3
    assert {("file", "waivers.toml", "changed"), ("result", "sha256", "differs")} <= against(answer)
    Path("waivers.toml").write_text(text, encoding="utf-8")
    Path("old.json").unlink()
    assert {check for check in against(verify()) if check[0] == "file"} == {("file", "old.json", "missing")}


def test_the_key_of_the_pseudonyms_is_listed_without_a_digest(work: Path) -> None:
    key = Path("input/reports.key")
    key.write_text("5f" * 32 + "\n", encoding="utf-8")
    key.chmod(0o600)
    Path("input/beholden.toml").write_text('[privacy]\nkey_file = "reports.key"\n', encoding="utf-8")
    receipt = make()
    (entry,) = [entry for entry in receipt["inputs"] if entry["path"] == "reports.key"]
    assert (entry["sha256"], entry["bytes"]) == (None, None)
    assert hashlib.sha256(key.read_bytes()).hexdigest() not in Path("receipt.json").read_text(encoding="utf-8")
    key.write_text("60" * 32 + "\n", encoding="utf-8")
    assert verify().code == 0


def test_a_profile_that_is_gone_is_missing(work: Path) -> None:
    Path("ours.toml").write_text('[organisation]\nname = "Ours"\n', encoding="utf-8")
    make("--profile", "ours.toml")
    Path("ours.toml").unlink()
    flip(Path("input/go.mod"))
    assert {("file", "ours.toml", "missing"), ("input", "go.mod", "changed")} <= against(verify())


def test_all_disagreements_are_listed_and_the_result_is_still_compared(work: Path) -> None:
    make()
    flip(Path("input/go.mod"))
    with Path("input/payments.csv").open("a", encoding="utf-8") as ledger:
        ledger.write("2026-05-22,Huawei Technologies Co. Ltd.,5.00,USD\n")
    answer = verify()
    assert {("input", "go.mod", "changed"), ("input", "payments.csv", "changed")} <= against(answer)
    assert {("result", "sha256", "differs"), ("result", "findings", "differs")} <= against(answer)
    text = run_here("kb", "verify", "receipt.json")
    assert text.code == 3
    assert "changed  payments.csv: had " in text.out.decode()
    assert text.out.decode().rstrip().splitlines()[-1].startswith("refused: ")


def test_one_byte_of_the_receipt_is_enough(work: Path) -> None:
    make()
    content = Path("receipt.json").read_bytes()
    Path("receipt.json").write_bytes(
        content.replace(b"It returned 1 ", b"It returned 2 ", 1).replace(b'"made_at": "20', b'"made_at": "21', 1)
    )
    answer = verify()
    assert answer.code == 3
    assert ("receipt", "digest", "differs") in against(answer)


@pytest.mark.parametrize(
    ("edit", "disagreement"),
    [
        pytest.param(lambda r: r["result"].update(findings=0), ("result", "findings"), id="findings"),
        pytest.param(lambda r: r["result"].update(by_level={}), ("result", "by_level"), id="levels"),
        pytest.param(lambda r: r["result"].update(exit_code=1), ("result", "exit_code"), id="exit-code"),
        pytest.param(lambda r: r["result"].update(sha256="0" * 64), ("result", "sha256"), id="sha256"),
        pytest.param(lambda r: r["result"]["coverage"].update(records_read=9), ("result", "coverage"), id="coverage"),
        pytest.param(lambda r: r["base"]["lists"].pop(), ("base", "lists searched"), id="lists"),
        pytest.param(lambda r: r.update(statement="We are clean."), ("receipt", "statement"), id="statement"),
        pytest.param(lambda r: r.update(as_of="2018-01-01"), ("result", "sha256"), id="as-of"),
        pytest.param(lambda r: r["options"].update(roles=["uk-person"]), ("result", "sha256"), id="roles"),
        pytest.param(lambda r: r["options"].update(roles=["king"]), ("result", "sha256"), id="unknown-role"),
        pytest.param(lambda r: r["inputs"].pop(), ("input", "payments.csv"), id="an-input-less"),
    ],
)
def test_an_edited_receipt_with_a_new_digest_is_refused_for_what_it_says(
    edit: Callable[[dict[str, Any]], object], disagreement: tuple[str, str], work: Path
) -> None:
    receipt = make()
    edit(receipt)
    reseal(receipt)
    answer = verify()
    assert answer.code == 3
    assert disagreement in {(about, item) for about, item, _ in against(answer)}
    assert ("receipt", "digest", "differs") not in against(answer)


def test_another_version_of_the_tool_is_said_and_does_not_matter_where_the_result_is_the_same(work: Path) -> None:
    receipt = make()
    receipt["tool"]["version"] = "0.0.9"
    reseal(receipt)
    answer = verify()
    assert answer.code == 0
    assert against(answer) == {("tool", "beholden 0.0.9", "other")}


def test_another_version_may_word_the_statement_otherwise(work: Path) -> None:
    receipt = make()
    receipt["tool"]["version"] = "0.0.9"
    receipt["statement"] = "Searched, with nothing to show."
    reseal(receipt)
    answer = verify()
    assert answer.code == 0
    assert ("receipt", "statement", "other") in against(answer)


def test_layout_of_the_file_is_no_edit(work: Path) -> None:
    receipt = make()
    Path("receipt.json").write_bytes(json.dumps(receipt, sort_keys=True, indent=4).replace("\n", "\r\n").encode())
    assert verify().code == 0


def test_a_receipt_is_verified_from_another_folder_and_on_a_copy(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("input/beholden.toml").write_text(PROFILE, encoding="utf-8")
    Path("input/inhouse.toml").write_text(OVERLAY, encoding="utf-8")
    make("--profile", "input/beholden.toml", paths=("input/payments.csv", "input"))
    copy = tmp_path / "elsewhere" / "deep"
    shutil.copytree("input", copy / "input")
    receipt = Path("receipt.json").resolve()
    monkeypatch.chdir(ROOT)
    assert run_here("kb", "verify", receipt).code == 3
    assert run_here("kb", "verify", receipt, "--at", work).code == 0
    assert run_here("kb", "verify", receipt, "--at", copy).code == 0
    flip(copy / "input" / "inhouse.toml")
    assert run_here("kb", "verify", receipt, "--at", copy).code == 3
    assert run_here("kb", "verify", receipt, "--at", work).code == 0


def test_the_clocks_and_options_are_those_of_the_receipt(work: Path) -> None:
    answer = run_here(
        "scan", "input", "--as-of", "2026-07-01", "--known-at", "2026-06-01", "--role", "us-federal-agency",
        "--fail-on", "prohibited", "--fail-on-confirmed", "--receipt", "receipt.json",
    )  # fmt: skip
    assert answer.code == 1
    receipt = json.loads(Path("receipt.json").read_bytes())
    assert (receipt["as_of"], receipt["known_at"]) == ("2026-07-01", "2026-06-01")
    assert receipt["options"]["roles"] == ["us-federal-agency"]
    assert (receipt["options"]["fail_on"], receipt["options"]["fail_on_confirmed"]) == ("prohibited", True)
    assert receipt["result"]["exit_code"] == 1
    assert "what was public by 2026-06-01" in receipt["statement"]
    assert verify().code == 0


def test_a_list_whose_copy_does_not_reach_the_day_is_not_said_to_be_searched_for_it(work: Path) -> None:
    run_here("scan", "input", "--as-of", "2030-01-01", "--receipt", "receipt.json")
    says = json.loads(Path("receipt.json").read_bytes())["statement"]
    assert "whose copy covers that day" not in says
    assert "does not cover that day, so that absence from them is unknown: us-154, checked until 2026-08-22" in says
    assert "; us-5949, checked until 2026-08-22" in says


def meddling(meddle: Callable[[], object]) -> Callable[..., object]:
    def meanwhile(job: Job, *arguments: Any, **more: Any) -> object:
        meddle()
        return perform(job, *arguments, **more)

    return meanwhile


@pytest.mark.parametrize(
    ("meddle", "named"),
    [
        pytest.param(lambda: flip(Path("input/payments.csv")), "payments.csv", id="a-byte"),
        pytest.param(
            lambda: Path("input/payments.csv").write_bytes(Path("input/payments.csv").read_bytes()),
            "payments.csv",
            id="written-again",
        ),
        pytest.param(lambda: Path("input/new.txt").write_text("x", encoding="utf-8"), "new.txt", id="new"),
        pytest.param(lambda: Path("input/go.mod").unlink(), "go.mod", id="gone"),
    ],
)
def test_inputs_that_change_while_they_are_read_get_no_receipt_and_no_output(
    meddle: Callable[[], object], named: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beholden.cli.receipt, "perform", meddling(meddle))
    answer = run_here("scan", "input", *DAY, "--receipt", "receipt.json", "-o", "result.json", "--format", "json")
    assert (answer.code, answer.out) == (3, b"")
    assert f"changed while it was read: {named}" in answer.err
    assert sorted(path.name for path in work.iterdir() if path.is_file()) == []


def test_inputs_that_change_while_they_are_verified_give_no_verdict(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr(beholden.cli.receipt, "perform", meddling(lambda: flip(Path("input/go.mod"))))
    answer = verify()
    assert (answer.code, answer.out) == (3, b"")
    assert "changed while it was read: go.mod" in answer.err


def test_a_file_that_the_disk_cannot_give_gets_no_receipt(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def failing(path: Any, *arguments: Any, **more: Any) -> int:
        if Path(path).name == "payments.csv":
            raise OSError(5, "Input/output error")
        return really(path, *arguments, **more)

    monkeypatch.setattr("beholden.run.inventory.os.open", failing)
    answer = run_here("scan", "input", *DAY, "--receipt", "receipt.json", "--format", "json")
    assert (answer.code, answer.out) == (3, b"")
    assert "payments.csv: cannot be read: Input/output error" in answer.err
    assert not Path("receipt.json").exists()


def test_a_home_inside_of_what_is_searched_is_refused(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(work / "input" / "home"))
    answer = run_here("scan", "input", *DAY, "--receipt", "receipt.json")
    assert answer.code == 2
    assert "set BEHOLDEN_HOME to a place outside" in answer.err
    assert not (work / "input" / "home").exists()


@pytest.mark.parametrize("suffix", ["json", "html", "csv"])
def test_what_a_run_writes_among_its_inputs_is_no_input_of_it_nor_of_the_next(suffix: str, work: Path) -> None:
    command = ("scan", "input", *DAY, "--receipt", "input/r.json", "-o", f"input/x.{suffix}")
    assert run_here(*command).code == 0
    first = {path.name: path.read_bytes() for path in Path("input").iterdir() if path.name != "r.json"}
    assert run_here("kb", "verify", "input/r.json").code == 0
    assert run_here(*command).code == 0
    assert {path.name: path.read_bytes() for path in Path("input").iterdir() if path.name != "r.json"} == first
    receipt = json.loads(Path("input/r.json").read_bytes())
    assert {"input/r.json", f"input/x.{suffix}"} <= set(receipt["outputs"])
    assert not {f"x.{suffix}", "x.hops.csv", "r.json"} & {entry["path"] for entry in receipt["inputs"]}
    Path("input/later.csv").write_text("vendor,amount\n", encoding="utf-8")
    assert run_here("kb", "verify", "input/r.json").code == 3


@pytest.mark.parametrize("option", ["-o", "--receipt"])
@pytest.mark.parametrize("is_link", [False, True], ids=["the file", "a link to it"])
def test_an_output_never_takes_the_place_of_a_record(option: str, is_link: bool, work: Path) -> None:
    record = Path("input/payments.csv")
    record.write_text("vendor,amount\nHuawei Technologies Co. Ltd,5\n", encoding="utf-8")
    target = record
    if is_link:
        target = Path("link.csv")
        target.symlink_to(record)
    content = record.read_bytes()
    answer = run_here("scan", "input", *DAY, option, target, "--format", "json")
    assert record.read_bytes() == content
    if is_link:
        assert answer.code == 0
        assert "payments.csv" in answer.coverage
    else:
        assert answer.code == 2
        assert "[report.would-replace]" in answer.err


def test_links_pipes_and_folders_of_tools_are_listed_as_not_read_and_nothing_hangs(work: Path) -> None:
    os.mkfifo("input/pipe")
    Path("input/link").symlink_to("go.mod")
    Path("input/.git").mkdir()
    receipt = make()
    unread = {entry["path"]: entry for entry in receipt["inputs"] if entry["not_read"]}
    assert set(unread) == {".git/", "link", "pipe"}
    assert {entry["sha256"] for entry in unread.values()} == {None}
    assert "3 not read" in receipt["statement"]
    assert verify().code == 0


def test_names_that_print_alike_are_told_apart(work: Path) -> None:
    for byte in (b"\xe8", b"\xe9"):
        Path(os.fsdecode(b"input/caf" + byte)).write_bytes(byte)
    assert [entry["path"] for entry in make()["inputs"]].count("caf\ufffd") == 2
    assert verify().code == 0
    Path(os.fsdecode(b"input/caf\xe9")).write_bytes(b"x")
    assert against(verify()) == {("input", "caf\ufffd", "changed")}


def test_a_path_argument_that_json_cannot_carry_is_refused(work: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    shutil.copytree("input", odd)
    answer = run_here("scan", odd, *DAY, "--receipt", "receipt.json")
    assert answer.code == 2
    assert "[receipt.not-utf8]" in answer.err
    assert not Path("receipt.json").exists()


def test_an_absolute_path_below_the_home_folder_is_warned_of(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(work))
    relative = run_here("scan", "input", *DAY, "--receipt", "receipt.json")
    absolute = run_here("scan", work / "input", *DAY, "--receipt", "receipt.json")
    assert (relative.err, absolute.code) == ("", 0)
    assert "names a folder below your home" in absolute.err
    assert verify().code == 0


def test_a_receipt_that_names_a_folder_with_far_more_in_it_is_refused_without_looking_at_all_of_it(work: Path) -> None:
    make()
    for number in range(1_100):
        Path(f"input/{number:04}.txt").touch()
    answer = verify()
    assert answer.code == 3
    assert ("input", "all", "new") in against(answer)
    assert {item[2] for item in against(answer)} == {"new", "not_checked"}
    assert ("result", "sha256", "not_checked") in against(answer)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema_version":"1.0.0","document":"receipt"}',
        b'{"schema_version":"1.0.0","command":"scan","findings":[]}',
        b'{"schema_version":"2.0.0","document":"receipt"}',
    ],
)
def test_a_file_that_is_no_receipt_ends_in_2(content: bytes, work: Path) -> None:
    Path("receipt.json").write_bytes(content)
    answer = verify()
    assert (answer.code, answer.out) == (2, b"")
    assert "[receipt." in answer.err


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace('"as_of": "2026-08-01"', '"as_of": "soon"'), id="date"),
        pytest.param(lambda text: text.replace('"made_at": "', '"made_at": "x'), id="time"),
        pytest.param(lambda text: text.replace('"fail_on": null', '"fail_on": "awful"'), id="level"),
        pytest.param(lambda text: text.replace('"findings": ', '"findings": 0, "findings": '), id="key-twice"),
    ],
)
def test_a_receipt_with_a_value_that_cannot_be_ends_in_2(edit: Callable[[str], str], work: Path) -> None:
    make()
    before = Path("receipt.json").read_text(encoding="utf-8")
    assert edit(before) != before
    Path("receipt.json").write_text(edit(before), encoding="utf-8")
    assert verify().code == 2


def test_at_is_for_receipts_only(work: Path) -> None:
    assert run_here("kb", "verify", "--at", "input").code == 2


def other_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a later version of the tool brings: other packs."""
    packs = tmp_path / "package" / "packs"
    shutil.copytree(beholden.compile.opening.core_packs(), packs)
    (packs / "more.toml").write_text(OVERLAY, encoding="utf-8")
    monkeypatch.setattr(beholden.compile.opening, "core_packs", lambda: packs)


def test_an_earlier_base_that_was_kept_still_answers(
    work: Path, tmp_path: Path, own_last_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = make()["base"]["digest"]
    other_packs(tmp_path, monkeypatch)
    answer = verify()
    assert answer.code == 0
    (base,) = [check for check in answer.document["checks"] if check["item"] == recorded]
    assert base["says"].startswith("an earlier base; this version's is ")
    shutil.rmtree(own_last_result / "kb" / recorded)
    answer = verify()
    assert answer.code == 4
    assert against(answer) == {("base", recorded, "not_checked"), ("result", "sha256", "not_checked")}
    assert "not verified" in run_here("kb", "verify", "receipt.json").out.decode()
    flip(Path("input/go.mod"))
    assert verify().code == 3


def test_a_damaged_base_answers_nothing(work: Path, own_last_result: Path) -> None:
    recorded = make()["base"]["digest"]
    # A row taken out of the look-up file: the base opens and would find less.
    with sqlite3.connect(own_last_result / "kb" / recorded / "lookup.sqlite") as connection:
        connection.execute("DELETE FROM names")
    connection.close()
    answer = verify()
    assert answer.code == 4
    assert ("base", recorded, "not_checked") in against(answer)
    made = run_here("scan", "input", *DAY, "--receipt", "second.json")
    assert made.code == 4
    assert not Path("second.json").exists()


def test_a_base_digest_that_is_a_path_opens_nothing(work: Path, own_last_result: Path) -> None:
    receipt = make()
    digest = receipt["base"]["digest"]
    receipt["base"]["digest"] = f"../kb/{digest}"
    reseal(receipt)
    assert verify().code == 4


def test_a_base_in_memory_gives_and_verifies_receipts(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "taken").write_text("", encoding="utf-8")
    monkeypatch.setenv("BEHOLDEN_HOME", str(work / "taken" / "home"))
    make()
    assert verify().code == 0


def test_a_large_input_is_read_in_parts(work: Path) -> None:
    line = b"x" * 1023 + b"\n"
    with Path("input/big.txt").open("wb") as stream:
        for _ in range(5 * 1024 + 1):
            stream.write(line)
    receipt = make()
    (entry,) = [entry for entry in receipt["inputs"] if entry["path"] == "big.txt"]
    assert entry["sha256"] == hashlib.sha256(line * (5 * 1024 + 1)).hexdigest()
    flip(Path("input/big.txt"))
    assert ("input", "big.txt", "changed") in against(verify())


def test_a_base_is_verified_as_json_too(own_last_result: Path) -> None:
    answer = run_here("kb", "verify", "--format", "json")
    assert (answer.code, answer.document["agrees"]) == (0, True)
