from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import details, head, mirrors, packages

from beholden.errors import ScanError
from beholden.scan.software.package_lock import PackageLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def v3(scan: Scan, data: Path) -> Scanned:
    return scan(PackageLock(), data / "package-lock" / "v3.package-lock.json")


def test_installed_folders_are_packages_with_their_line(v3: Scanned) -> None:
    assert [(row["value"], row["raw"], row["lines"]) for row in packages(v3)] == [
        ("pkg:npm/%40example/ui", "@example/ui@5.1.0", [14]),
        ("pkg:npm/colour", "colour@2.0.0", [19]),
        ("pkg:npm/colour", "colour@3.0.0", [23]),
        ("pkg:npm/forked", "forked@1.0.0", [29]),
        ("pkg:npm/long-name", "long-name@1.0.0", [33]),
        ("pkg:npm/tester", "tester@1.0.1", [39]),
    ]


def test_what_the_project_and_its_workspaces_ask_for_is_direct(v3: Scanned) -> None:
    assert [json.loads(row["detail"])["direct"] for row in packages(v3)] == [True, False, True, False, True, True]


def test_flags_give_the_scope(v3: Scanned) -> None:
    scopes = [json.loads(row["detail"])["scope"] for row in packages(v3)]
    assert scopes == ["prod", "prod", "dev", "prod", "optional", "dev"]


def test_an_alias_is_the_package_behind_it(v3: Scanned) -> None:
    assert details(v3)["pkg:npm/long-name"]["alias"] == "short"


def test_a_bundled_package_says_so(v3: Scanned) -> None:
    assert details(v3)["pkg:npm/colour"]["bundled"] is True


def test_hosts_that_served_packages_are_counted_once_per_entry(v3: Scanned) -> None:
    assert [(row["value"], row["count"], row["lines"], row["direction"]) for row in mirrors(v3)] == [
        ("mirror.example", 2, [14, 19], "out"),
        ("registry.example", 2, [23, 33], "out"),
        ("code.example", 1, [29], "out"),
    ]


def test_no_token_leaves_the_file(v3: Scanned) -> None:
    text = json.dumps(v3[1], default=str)
    assert "token" not in text
    assert "auth=" not in text


def test_links_and_own_workspaces_are_counted_and_not_packages(v3: Scanned) -> None:
    assert v3[0].not_resolved == {
        "package from a local path": 1, "link to a local folder": 1, "own workspace package": 1,
    }  # fmt: skip


def test_a_broken_entry_is_rejected_with_its_place(v3: Scanned) -> None:
    assert v3[0].reasons == {"package entry is not an object": 1}


def test_version_2_reads_only_the_flat_list(scan: Scan, data: Path) -> None:
    scanned = scan(PackageLock(), data / "package-lock" / "v2.package-lock.json")
    assert [(row["value"], row["lines"]) for row in packages(scanned)] == [("pkg:npm/one", [7])]


def test_version_1_is_walked_in_document_order(scan: Scan, data: Path) -> None:
    scanned = scan(PackageLock(), data / "package-lock" / "v1.package-lock.json")
    assert [(row["value"], row["raw"], row["lines"]) for row in packages(scanned)] == [
        ("pkg:npm/%40example/real", "@example/real@4.0.0", [7]),
        ("pkg:npm/outer", "outer@1.0.0", [11]),
        ("pkg:npm/inner", "inner@2.0.0", [18]),
        ("pkg:npm/hosted", "hosted", [25]),
        ("pkg:npm/inner", "inner@3.0.0", [29]),
    ]
    assert {row["value"]: row["count"] for row in mirrors(scanned)} == {"registry.example": 4, "github.com": 1}


def test_a_deep_tree_is_refused_and_does_not_crash(scan: Scan) -> None:
    deep = b'{"lockfileVersion":1,"dependencies":' + b'{"a":{"dependencies":' * 100_000 + b"{}" + b"}}" * 100_000 + b"}"
    with pytest.raises(ScanError) as caught:
        scan(PackageLock(), deep)
    assert caught.value.code == "scan.nested-too-deep"


@pytest.mark.parametrize(
    ("content", "name", "accepted"),
    [
        pytest.param(b'{"lockfileVersion": 3, "packages": {}}', "x.json", True, id="by content"),
        pytest.param(b'{"lockfileVersion": 1, "workspaces": {"": {}}}', "bun.lock", False, id="bun"),
        pytest.param(b"lockfileVersion: '9.0'", "pnpm-lock.yaml", False, id="pnpm"),
        pytest.param(b'{"name": "x", "dependencies": {}}', "package.json", False, id="manifest"),
    ],
)
def test_content_decides(content: bytes, name: str, accepted: bool) -> None:
    assert PackageLock().accepts(head(content, name)).accepted is accepted


def test_a_real_lockfile_names_the_mirror_of_every_entry(scan: Scan, shared: Callable[[str], Path]) -> None:
    scanned = scan(PackageLock(), shared("data/inputs/lockfiles/ragflow/package-lock.json.gz"))
    assert [(row["value"], row["count"]) for row in mirrors(scanned)] == [("npmmirror-registry.example", 2029)]
    assert len(packages(scanned)) == 2029
    direct = {row["value"] for row in packages(scanned) if json.loads(row["detail"])["direct"]}
    assert {"pkg:npm/%40antv/g2", "pkg:npm/%40ant-design/icons"} <= direct


def test_a_real_lockfile_with_a_git_dependency(scan: Scan, shared: Callable[[str], Path]) -> None:
    scanned = scan(PackageLock(), shared("data/inputs/lockfiles/dexter/package-lock.json.gz"))
    assert [(row["value"], row["count"]) for row in mirrors(scanned)] == [
        ("npm-registry.example", 50),
        ("github.com", 1),
    ]
    assert all(row["lines"] for row in scanned[1])
