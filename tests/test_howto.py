"""The how-to pages, followed to the letter: their blocks are put where they say, and what they promise is seen."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from tests.command import Answer, run_process

import beholden

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(beholden.__file__).parent
_BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def blocks(page: str) -> dict[str, str]:
    """The titled code blocks of a page."""
    return dict(_BLOCK.findall((ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")))


READER = blocks("add-a-reader.md")
REGIME = blocks("add-a-regime.md")
MODULE = "src/beholden/scan/network/proxy_summary.py"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package that may be changed; its parent goes on the import path."""
    copy = tmp_path / "src" / "beholden"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def follow(command: str, folder: Path, *path: Path) -> Answer:
    """Run a page's command, with JSON for its answer, on a package found on `path`."""
    program, *arguments = command.split()
    assert program == "beholden"
    env = {
        "PYTHONPATH": ":".join(str(entry) for entry in path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BEHOLDEN_HOME": str(folder / "home"),
    }
    return run_process(*arguments, "--format", "json", env=env, cwd=folder)


def write(folder: Path, **contents: str) -> Path:
    folder.mkdir()
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def assert_reader_works(answer: Answer) -> None:
    """What step 3 of the page promises."""
    assert answer.code == 3
    row = answer.coverage["proxy-summary.txt"]
    assert (row["reader"], row["records_read"], row["records_rejected"]) == ("proxy-summary", 3, 1)
    assert "proxy-summary.txt:5: not a summary line" in row["notes"][0]
    artefacts = [finding["artefact"] for finding in answer.document["findings"]]
    assert {(artefact["value"], artefact["relation"]) for artefact in artefacts} == {
        ("aliyuncs.com", "service_endpoint")
    }
    assert artefacts[0]["quantities"] == [{"amount": "200000", "unit": "By", "what": "sent"}]


def test_a_reader_is_one_module_and_one_line(package: Path, tmp_path: Path) -> None:
    (package.parents[1] / MODULE).write_text(READER[MODULE], encoding="utf-8")
    registry = package / "scan" / "__init__.py"
    lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(lines.index("    Ledger(),\n"), READER["entry"])
    last_import = max(at for at, line in enumerate(lines) if line.startswith("from beholden."))
    lines.insert(last_import + 1, READER["import"])
    registry.write_text("".join(lines), encoding="utf-8")
    folder = write(tmp_path / "work", **{"proxy-summary.txt": READER["proxy-summary.txt"]})
    assert_reader_works(follow(READER["run"], folder, package.parent))


def test_without_the_reader_nobody_claims_the_file(package: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "work", **{"proxy-summary.txt": READER["proxy-summary.txt"]})
    answer = follow(READER["run"], folder, package.parent)
    assert answer.coverage["proxy-summary.txt"]["status"] == "no_reader"


def install_plugin(site: Path, module: str, entry_points: str) -> Path:
    """What installing a distribution leaves behind."""
    write(site, **{"proxy_summary.py": module})
    write(
        site / "proxy_summary-1.0.dist-info",
        METADATA="Metadata-Version: 2.1\nName: proxy-summary\nVersion: 1.0\n",
        **{"entry_points.txt": entry_points},
    )
    return site


def entry_points_of(project: str) -> str:
    """The same table as an installer writes it."""
    groups = tomllib.loads(project)["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{name} = {at}\n" for name, at in one.items()) for group, one in groups.items()]
    return "\n".join(lines)


def test_a_reader_of_another_distribution_takes_part_once_installed(tmp_path: Path) -> None:
    _, _, body = READER[MODULE].partition("SIGNATURE =")
    module = f"{READER['imports of a plugin']}\nSIGNATURE ={body}"
    site = install_plugin(tmp_path / "site", module, entry_points_of(READER["pyproject.toml"]))
    folder = write(tmp_path / "work", **{"proxy-summary.txt": READER["proxy-summary.txt"]})
    assert_reader_works(follow(READER["run"], folder, site))


@pytest.mark.parametrize(
    ("module", "code"),
    [
        pytest.param("import nothing_of_the_kind\n", "plugin.broken", id="fails-to-import"),
        pytest.param("class ProxySummary:\n    name = 'zeek-conn'\n", "plugin.same-name", id="takes-a-name"),
    ],
)
def test_a_broken_plugin_is_named_and_nothing_is_read(module: str, code: str, tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", module, entry_points_of(READER["pyproject.toml"]))
    folder = write(tmp_path / "work", **{"proxy-summary.txt": READER["proxy-summary.txt"]})
    answer = follow(READER["run"], folder, site)
    assert (answer.code, answer.out) == (2, b"")
    assert "proxy_summary:ProxySummary" in answer.err
    assert code in answer.err


def assert_regime_works(answer: Answer) -> None:
    """What step 3 of the page promises."""
    assert answer.code == 0
    (finding,) = answer.document["findings"]
    assert (finding["level"], finding["operator"]["id"]) == ("restricted", "widgets-example")
    assert finding["listing"]["regime"] == "northport-no-buy"
    assert finding["path"][-1]["source"] == "northport-no-buy-2026"
    (rule,) = finding["consequences"]
    assert rule["id"] == "northport-no-buy-orders"
    paid = {act["consequence_status"]: [row["amount"] for row in act["quantities"]] for act in rule["acts"]}
    assert paid == {"in_force": ["250"], "upcoming": ["100"]}


def test_a_regime_as_an_overlay_is_one_file_beside_the_profile(package: Path, tmp_path: Path) -> None:
    files = {name: REGIME[name] for name in ("no-buy.toml", "beholden.toml", "payments.csv")}
    folder = write(tmp_path / "work", **files)
    assert_regime_works(follow(REGIME["run"], folder, package.parent))


def test_a_regime_in_the_packs_is_the_same_file(package: Path, tmp_path: Path) -> None:
    (package / "packs" / "regimes" / "no-buy.toml").write_text(REGIME["no-buy.toml"], encoding="utf-8")
    profile, _, _ = REGIME["beholden.toml"].partition("[[overlay]]")
    folder = write(tmp_path / "work", **{"beholden.toml": profile, "payments.csv": REGIME["payments.csv"]})
    assert_regime_works(follow(REGIME["run"], folder, package.parent))
    info = follow("beholden kb info --as-of 2026-08-01", folder, package.parent).document
    assert {row["id"]: row["status"] for row in info["rules"]}["northport-no-buy-orders"] == "in_force"
