from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import details, head, mirrors, packages

from beholden.scan.software.uv_lock import UvLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def locked(scan: Scan, data: Path) -> Scanned:
    return scan(UvLock(), data / "uv-lock" / "uv.lock")


def test_packages_stand_at_the_line_of_their_block(locked: Scanned) -> None:
    assert [(row["value"], row["raw"], row["lines"]) for row in packages(locked)] == [
        ("pkg:pypi/client", "client==2.0.0", [22]),
        ("pkg:pypi/base", "base==1.0", [36]),
        ("pkg:pypi/speedup", "speedup==1.1", [41]),
        ("pkg:pypi/never", "never==0.1", [46]),
        ("pkg:pypi/optional-one", "optional-one==3.0", [51]),
        ("pkg:pypi/tester", "tester==8.0", [56]),
    ]


def test_scope_follows_the_graph_through_the_extras_that_are_asked_for(locked: Scanned) -> None:
    assert {value.rpartition("/")[2]: detail.get("scope") for value, detail in details(locked).items()} == {
        "client": "prod", "base": "prod", "speedup": "prod", "never": None, "optional-one": "optional", "tester": "dev",
    }  # fmt: skip


def test_only_what_the_project_asks_for_is_direct(locked: Scanned) -> None:
    direct = {value for value, detail in details(locked).items() if detail["direct"]}
    assert direct == {"pkg:pypi/client", "pkg:pypi/optional-one", "pkg:pypi/tester"}


def test_the_project_itself_is_not_a_dependency(locked: Scanned) -> None:
    assert "pkg:pypi/shop" not in {row["value"] for row in locked[1]}
    assert locked[0].not_resolved["own project or workspace member"] == 1


def test_each_package_counts_once_for_each_host_it_comes_from(locked: Scanned) -> None:
    assert [(row["value"], row["count"], row["field"]) for row in mirrors(locked)] == [
        ("mirror.example", 3, "package[].source.registry"),
        ("files.example", 1, "package[].wheels[].url"),
        ("code.example", 1, "package[].source.git"),
        ("files.example", 1, "package[].source.url"),
    ]


def test_a_folder_beside_the_project_is_probable(locked: Scanned) -> None:
    assert {row["value"]: row["certainty"] for row in packages(locked)}["pkg:pypi/tester"] == "probable"


def test_a_damaged_block_loses_one_package(locked: Scanned) -> None:
    assert locked[0].reasons == {"not valid TOML": 1, "package without a readable name": 1}
    assert locked[0].first_rejects[0].startswith("uv.lock:61: not valid TOML")


@pytest.mark.parametrize(
    "block",
    [
        pytest.param("a" + ".a" * 100_000 + " = 1", id="dotted key"),
        pytest.param('"a"' + '."a"' * 100_000 + " = 1", id="quoted dotted key"),
        pytest.param("k = ['''a'b''', {a" + ".a" * 100_000 + " = 1}, ''']", id="dotted key beside odd quotes"),
        pytest.param("." * 100 + '"' + '\\"' * 300_000, id="string without an end"),
        pytest.param("a = " + "[" * 100_000, id="nested arrays"),
        pytest.param("a = " + "9" * 5_000, id="huge integer"),
    ],
)
def test_a_hostile_block_is_rejected_quickly(scan: Scan, block: str) -> None:
    content = f'version = 1\n[[package]]\n{block}\n[[package]]\nname = "x"\n'
    source, rows = scan(UvLock(), content.encode())
    assert [row["value"] for row in rows] == ["pkg:pypi/x"]
    assert source.records_rejected == 1


@pytest.mark.parametrize(
    ("content", "name", "accepted"),
    [
        pytest.param(
            b'version = 1\n\n[[package]]\nname = "x"\nsource = { registry = "https://m.example" }\n', "x", True, id="uv"
        ),
        pytest.param(
            b'version = 4\n\n[[package]]\nname = "x"\nsource = "registry+https://m.example"\n', "Cargo.lock", False,
            id="cargo",
        ),
        pytest.param(
            b'[[package]]\nname = "x"\nversion = "1"\noptional = false\nfiles = []\n', "poetry.lock", False, id="poetry"
        ),
    ],
)  # fmt: skip
def test_content_decides(content: bytes, name: str, accepted: bool) -> None:
    assert UvLock().accepts(head(content, name)).accepted is accepted


def test_a_real_lockfile_names_its_mirror_and_its_git_host(scan: Scan, shared: Callable[[str], Path]) -> None:
    scanned = scan(UvLock(), shared("data/inputs/lockfiles/ragflow/uv.lock.gz"))
    assert len(packages(scanned)) == 690
    assert {row["value"]: row["count"] for row in mirrors(scanned)} == {
        "aliyun-pypi-mirror.example": 681, "github.com": 7, "gitee.com": 1, "pypi.example": 1, "pypi-files.example": 1,
    }  # fmt: skip
    assert details(scanned)["pkg:pypi/dashscope"]["direct"] is True
