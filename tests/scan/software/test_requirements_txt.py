from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import details, head, mirrors, packages

from beholden.errors import ScanError
from beholden.scan.software.requirements_txt import RequirementsTxt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def wanted(scan: Scan, data: Path) -> Scanned:
    return scan(RequirementsTxt(), data / "requirements-txt" / "requirements.txt")


def test_requirements_stand_at_their_first_line(wanted: Scanned) -> None:
    assert [(row["value"], row["raw"], row["lines"]) for row in packages(wanted)] == [
        ("pkg:pypi/example-client", "Example_Client==2.1.0", [7]),
        ("pkg:pypi/ranged", "ranged[fast,small]>= 1.0, < 2", [11]),
        ("pkg:pypi/bare", "bare", [12]),
        ("pkg:pypi/named", "named @ https://files.example/named-1.0-py3-none-any.whl", [13]),
        ("pkg:pypi/close", "close @ https://files.example/close.zip", [14]),
        ("pkg:pypi/edited", "git+https://code.example/team/edited.git@main", [15]),
        ("pkg:pypi/direct-wheel", "https://files.example/direct_wheel-4.5-py3-none-any.whl", [17]),
        ("pkg:pypi/local", "./vendored/local-1.0.tar.gz", [18]),
        ("pkg:pypi/exact", "exact===1.0+local", [20]),
        ("pkg:pypi/wild", "wild==1.*", [21]),
    ]


def test_a_pin_is_a_version_and_a_range_stays_a_specifier(wanted: Scanned) -> None:
    versions = {value.rpartition("/")[2]: detail.get("version") for value, detail in details(wanted).items()}
    assert versions == {
        "example-client": "2.1.0", "ranged": ">= 1.0, < 2", "named": "1.0", "direct-wheel": "4.5", "local": "1.0",
        "exact": "1.0+local", "wild": "==1.*",
    }  # fmt: skip


def test_markers_extras_and_hashes_are_details(wanted: Scanned) -> None:
    assert details(wanted)["pkg:pypi/ranged"]["marker"] == 'python_version < "3.12"'
    assert details(wanted)["pkg:pypi/ranged"]["extras"] == ["fast", "small"]
    assert details(wanted)["pkg:pypi/example-client"]["hashed"] is True
    assert details(wanted)["pkg:pypi/named"]["marker"] == 'sys_platform == "linux"'


def test_a_name_is_certain_even_without_a_version(wanted: Scanned) -> None:
    assert {row["certainty"] for row in packages(wanted)} == {"confirmed"}


def test_indexes_links_and_addresses_are_mirrors(wanted: Scanned) -> None:
    assert [(row["value"], row["field"], row["count"]) for row in mirrors(wanted)] == [
        ("mirror.example", "--index-url", 1),
        ("extra.example", "--extra-index-url", 1),
        ("links.example", "--find-links", 1),
        ("files.example", "url", 3),
        ("code.example", "editable", 1),
        ("code.example", "url", 1),
    ]


def test_no_credential_leaves_the_file(wanted: Scanned) -> None:
    text = json.dumps(wanted[1], default=str)
    assert "secret" not in text
    assert "token" not in text


def test_other_files_and_local_paths_are_said(wanted: Scanned) -> None:
    assert wanted[0].not_resolved == {
        "included requirements file (-r)": 1, "constraints file (-c)": 1, "package from a local path": 2,
        "URL that does not tell a package name": 1,
    }  # fmt: skip
    assert any("Not every version is pinned" in note for note in wanted[0].notes)


def test_what_is_no_requirement_is_rejected_with_its_line(wanted: Scanned) -> None:
    assert wanted[0].reasons == {"not a requirement": 2}
    assert wanted[0].first_rejects[0].startswith("requirements.txt:22: ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "--trusted-host mirror.example -i https://mirror.example/simple",
            [("mirror.example", "--index-url")],
            id="a trusted host before the index",
        ),
        pytest.param(
            "--extra-index-url https://a.example/simple -i https://b.example/simple",
            [("a.example", "--extra-index-url"), ("b.example", "--index-url")],
            id="two indexes",
        ),
        pytest.param(
            "--no-index --pre -fhttps://links.example/ --find-links='https://more.example/a b'",
            [("links.example", "--find-links"), ("more.example", "--find-links")],
            id="flags, an attached value and a quoted one",
        ),
        pytest.param(
            "--index-url=https://a.example/simple -e git+https://code.example/t/x.git#egg=x ; python_version > '3'",
            [("a.example", "--index-url"), ("code.example", "editable")],
            id="an editable package with a marker",
        ),
    ],
)
def test_each_option_of_a_line_is_read(scan: Scan, line: str, expected: list[tuple[str, str]]) -> None:
    scanned = scan(RequirementsTxt(), line.encode())
    assert [(row["value"], row["field"]) for row in mirrors(scanned)] == expected
    assert scanned[0].records_rejected == 0


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("--unknown x -i https://a.example/simple", id="unknown option"),
        pytest.param("-i https://a.example/simple stray", id="stray word"),
        pytest.param("--extra-index-url -i https://a.example/simple", id="missing value"),
        pytest.param("--pre=yes -i https://a.example/simple", id="flag with a value"),
    ],
)
def test_what_pip_would_not_know_is_rejected_and_the_rest_of_its_line_read(scan: Scan, line: str) -> None:
    scanned = scan(RequirementsTxt(), line.encode())
    assert [row["value"] for row in mirrors(scanned)] == ["a.example"]
    assert scanned[0].reasons == {"not a requirement": 1}


def test_an_open_quotation_mark_rejects_the_line(scan: Scan) -> None:
    source, rows = scan(RequirementsTxt(), b"-i 'https://a.example/simple\nclient==1.0\n")
    assert ([row["value"] for row in rows], source.records_rejected) == (["pkg:pypi/client"], 1)


def test_a_file_in_utf_16_is_read(scan: Scan) -> None:
    _, rows = scan(RequirementsTxt(), "client==1.0\r\nother==2.0\r\n".encode("utf-16"))
    assert [(row["value"], row["lines"]) for row in rows] == [("pkg:pypi/client", [1]), ("pkg:pypi/other", [2])]


def test_a_pinned_file_has_no_note_about_versions(scan: Scan) -> None:
    source, _ = scan(RequirementsTxt(), b"client==1.0\n")
    assert source.notes == []


@pytest.mark.parametrize(
    ("content", "name", "accepted"),
    [
        pytest.param(b"client\nother\n", "requirements-dev.txt", True, id="named"),
        pytest.param(b"client\nother\n", "requirements/base.txt", True, id="in a folder of that name"),
        pytest.param(b"client==1.0\nother>=2\n", "deps.txt", True, id="every line"),
        pytest.param("client==1.0\n".encode("utf-16"), "requirements.txt", True, id="utf-16"),
        pytest.param(b"client\nother\n", "words.txt", False, id="a list of words"),
        pytest.param(b"We need these things:\nmany of them, really\n", "requirements.txt", False, id="prose"),
        pytest.param(b"client<2\n", "constraints.txt", False, id="constraints"),
        pytest.param(b"client==1.0\n", "client.py", False, id="other ending"),
        pytest.param(b"\x00\x01==", "requirements.txt", False, id="binary"),
    ],
)
def test_lines_and_name_decide_together(content: bytes, name: str, accepted: bool) -> None:
    assert RequirementsTxt().accepts(head(content, name)).accepted is accepted


@pytest.mark.parametrize(
    "line",
    ["a" * 60_000 + " ==", "x" + ">=1" * 20_000 + "!", "a-" * 30_000 + ".whl", "x[" * 30_000, "x" + " ;" * 30_000],
)
def test_a_long_hostile_line_is_read_quickly(scan: Scan, line: str) -> None:
    source, _ = scan(RequirementsTxt(), f"{line}\nclient==1.0\n".encode())
    assert source.records_read >= 1


def test_a_real_unrelated_text_file_is_not_taken(shared: Callable[[str], Path]) -> None:
    content = shared("data/inputs/lockfiles/objstore/go.sum").read_bytes()[:60_000]
    assert not RequirementsTxt().accepts(head(content, "go.sum.txt")).accepted


def test_a_directory_listing_of_nothing_is_not_taken() -> None:
    assert not RequirementsTxt().accepts(head(b"# only a comment\n", "requirements.txt")).accepted


def test_an_input_that_is_too_damaged_to_inflate_is_an_error(scan: Scan) -> None:
    with pytest.raises(ScanError):
        scan(RequirementsTxt(), b"\x1f\x8b\x08\x00broken")
