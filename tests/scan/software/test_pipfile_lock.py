from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import head, mirrors, packages

from beholden.errors import ScanError
from beholden.scan.software.pipfile_lock import PipfileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def locked(scan: Scan, data: Path) -> Scanned:
    return scan(PipfileLock(), data / "pipfile-lock" / "Pipfile.lock")


def test_every_category_gives_packages_with_their_line_and_scope(locked: Scanned) -> None:
    assert [
        (row["value"], row["raw"], row["lines"], json.loads(row["detail"])["scope"]) for row in packages(locked)
    ] == [
        ("pkg:pypi/example-client", "Example_Client==2.1.0", [13], "prod"),
        ("pkg:pypi/unnamed-index", "unnamed-index==1.0", [19], "prod"),
        ("pkg:pypi/from-git", "from-git", [22], "prod"),
        ("pkg:pypi/elsewhere", "elsewhere==1.0", [30], "prod"),
        ("pkg:pypi/tester", "tester==8.0", [37], "dev"),
        ("pkg:pypi/writer", "writer==1.5", [43], "docs"),
    ]


def test_an_entry_counts_for_its_index_or_for_the_first_one(locked: Scanned) -> None:
    assert [(row["value"], row["count"], row["certainty"]) for row in mirrors(locked)] == [
        ("mirror.example", 3, "confirmed"),
        ("code.example", 1, "confirmed"),
        ("second.example", 1, "confirmed"),
        ("spare.example", 1, "probable"),
    ]


def test_an_index_that_no_entry_uses_stands_at_its_own_line(locked: Scanned) -> None:
    assert mirrors(locked)[-1]["lines"] == [9]


def test_the_own_project_and_an_unknown_index_are_counted(locked: Scanned) -> None:
    assert locked[0].not_resolved == {"own package (editable)": 1, "index that _meta.sources does not name": 1}


def test_a_broken_entry_is_rejected(locked: Scanned) -> None:
    assert locked[0].reasons == {"package entry is not an object": 1}


def test_a_document_without_meta_is_refused(scan: Scan) -> None:
    with pytest.raises(ScanError, match="_meta"):
        scan(PipfileLock(), b'{"default": {}}')


@pytest.mark.parametrize(
    ("content", "name", "accepted"),
    [
        pytest.param(b'{"_meta": {"pipfile-spec": 6}}', "x.lock", True, id="by content"),
        pytest.param(b"[[source]]\n", "Pipfile", False, id="manifest"),
        pytest.param(b'{"lockfileVersion": 3}', "package-lock.json", False, id="npm"),
    ],
)
def test_content_decides(content: bytes, name: str, accepted: bool) -> None:
    assert PipfileLock().accepts(head(content, name)).accepted is accepted


def test_a_real_lockfile_is_read_whole(scan: Scan, shared: Callable[[str], Path]) -> None:
    scanned = scan(PipfileLock(), shared("data/inputs/lockfiles/panther/Pipfile.lock.gz"))
    assert (len(packages(scanned)), scanned[0].records_rejected) == (158, 0)
    assert [(row["value"], row["count"]) for row in mirrors(scanned)] == [("pypi.example", 158)]
