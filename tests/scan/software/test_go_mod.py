from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import details, head, packages

from beholden.errors import ScanError
from beholden.scan.software.go_mod import GoMod

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def module(scan: Scan, data: Path) -> Scanned:
    return scan(GoMod(), data / "go-mod" / "go.mod")


def test_required_and_replacing_modules_are_packages(module: Scanned) -> None:
    assert [(row["value"], row["raw"], row["lines"], row["field"], row["certainty"]) for row in packages(module)] == [
        ("pkg:golang/code.example/vendor/sdk", "code.example/Vendor/sdk v1.2.3", [8], "require", "confirmed"),
        ("pkg:golang/code.example/patched/lib", "code.example/patched/lib v0.0.0-20240101000000-0123456789ab", [12],
         "require", "probable"),
        ("pkg:golang/code.example/quoted/lib", "code.example/quoted/lib v1.0.0", [13], "require", "confirmed"),
        ("pkg:golang/git.example/me/lib/v2", "git.example/me/lib/v2 v2.0.1", [27], "replace", "confirmed"),
        ("pkg:golang/code.example/pinned/lib", "code.example/pinned/lib v1.1.0", [29], "replace", "confirmed"),
        ("pkg:golang/git.example/me/absent", "git.example/me/absent v0.1.0", [30], "replace", "probable"),
    ]  # fmt: skip


def test_indirect_modules_say_so(module: Scanned) -> None:
    assert details(module)["pkg:golang/code.example/quoted/lib"] == {
        "version": "v1.0.0", "scope": "indirect", "direct": False,
    }  # fmt: skip
    assert details(module)["pkg:golang/code.example/vendor/sdk"]["direct"] is True


def test_a_replaced_module_is_not_used_and_that_is_said(module: Scanned) -> None:
    assert "pkg:golang/code.example/forked/lib/v2" not in {row["value"] for row in module[1]}
    assert details(module)["pkg:golang/git.example/me/lib/v2"]["replaces"] == "code.example/forked/lib/v2"
    assert module[0].not_resolved["required module that another one replaces"] == 2
    assert any("Replaced modules are not used" in note for note in module[0].notes)


def test_a_module_replaced_by_a_folder_stays_probable(module: Scanned) -> None:
    assert details(module)["pkg:golang/code.example/patched/lib"]["replaced_by"] == "local folder"
    assert module[0].not_resolved["module replaced by a local folder"] == 1


def test_a_replacement_of_another_version_does_not_apply(scan: Scan) -> None:
    content = b"module a.example/b\nrequire c.example/d v1.0.0\nreplace c.example/d v0.9.0 => e.example/f v1.0.0\n"
    _, rows = scan(GoMod(), content)
    assert [(row["value"], row["certainty"]) for row in rows] == [
        ("pkg:golang/c.example/d", "confirmed"),
        ("pkg:golang/e.example/f", "probable"),
    ]


def test_excluded_and_retracted_versions_are_no_dependencies(module: Scanned) -> None:
    assert not any("bad/lib" in row["value"] for row in module[1])


def test_unreadable_lines_are_rejected_with_their_line(module: Scanned) -> None:
    assert module[0].reasons == {"unreadable require line": 1, "unknown directive": 1}
    assert [text.partition(": ")[0] for text in module[0].first_rejects] == ["go.mod:15", "go.mod:33"]


def test_a_block_that_is_not_closed_is_said(scan: Scan) -> None:
    source, rows = scan(GoMod(), b"module a.example/b\nrequire (\n\tc.example/d v1.0.0\n")
    assert len(rows) == 1
    assert source.reasons == {"block is not closed": 1}


@pytest.mark.parametrize(
    ("content", "name", "accepted"),
    [
        pytest.param(b"module a.example/b\n", "go.mod", True, id="named"),
        pytest.param(b"// x\r\nmodule a.example/b\r\ngo 1.22\r\n", "x", True, id="by content, CRLF"),
        pytest.param(b"module a.example/b\n", "notes.txt", False, id="one line"),
        pytest.param(b'module "network" {\n  source = "./x"\n}\n', "main.tf", False, id="terraform"),
        pytest.param(b"go 1.22\nuse ./a\n", "go.work", False, id="workspace"),
        pytest.param(b"code.example/a v1.0.0 h1:abc=\n", "go.sum", False, id="sum"),
    ],
)
def test_content_decides(content: bytes, name: str, accepted: bool) -> None:
    assert GoMod().accepts(head(content, name)).accepted is accepted


@pytest.mark.parametrize("project", ["casdoor", "lego", "objstore"])
def test_a_real_file_gives_one_package_per_required_module(
    scan: Scan, shared: Callable[[str], Path], project: str
) -> None:
    path = shared(f"data/inputs/lockfiles/{project}/go.mod")
    text = path.read_text()
    required = [line for line in text.splitlines() if line.startswith("\t") and " v" in line]
    scanned = scan(GoMod(), path)
    assert (len(packages(scanned)), scanned[0].records_rejected) == (len(required), 0)
    indirect = sum(line.endswith("// indirect") for line in required)
    assert sum(detail["scope"] == "indirect" for detail in details(scanned).values()) == indirect


def test_a_file_of_nul_bytes_is_rejected_line_by_line(scan: Scan) -> None:
    source, rows = scan(GoMod(), b"module a.example/b\n\x00\x00\nrequire c.example/d v1.0.0\n")
    assert (len(rows), source.reasons) == (1, {"NUL bytes": 1})


def test_damaged_compression_is_an_error(scan: Scan) -> None:
    with pytest.raises(ScanError):
        scan(GoMod(), b"\x1f\x8b\x08\x00broken")


def test_a_hostile_line_is_rejected_quickly(scan: Scan) -> None:
    content = b"module a.example/b\nrequire " + b'\\"' * 300_000 + b"\nrequire c.example/d v1.0.0\n"
    source, rows = scan(GoMod(), content)
    assert (len(rows), source.reasons) == (1, {"unreadable require line": 1})
