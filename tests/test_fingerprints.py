"""A finding keeps its id, and a SARIF result its fingerprints, wherever and whenever the same thing is looked at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here, run_process

PACKAGES = """{
  "name": "shop", "lockfileVersion": 3,
  "packages": {
    "": {"name": "shop", "dependencies": {"ali-oss": "^6.0.0", "antd": "^5.0.0"}},
    "node_modules/ali-oss": {"version": "6.20.0"},
    "node_modules/antd": {"version": "5.2.0"}
  }
}
"""
BOM = """{
  "bomFormat": "CycloneDX", "specVersion": "1.6",
  "components": [
    {"type": "container", "name": "app",
     "purl": "pkg:oci/app@sha256%3Aaa11?repository_url=registry.cn-hangzhou.aliyuncs.com/acs/app:1.0&tag=1.0"},
    {"type": "container", "name": "web", "purl": "pkg:docker/acs/web:1.0@sha256%3Aaa11"},
    {"type": "container", "name": "registry.cn-beijing.aliyuncs.com/acs/job:1.0@sha256:aa11"},
    {"type": "machine-learning-model", "name": "qwen/qwen2.5-7b@aa11"},
    {"type": "device", "name": "modem", "supplier": {"name": "Quectel Wireless Solutions Co., Ltd."}}
  ]
}
"""
# The core packs hold no image; this one says who publishes one.
OVERLAY = """[defaults]
source_id = "images-2026"
grade = "M"

[[sources]]
id = "images-2026"
title = "Who publishes which image"
publisher = "Example"
date = 2026-01-01
class = "own knowledge"

[[assets]]
entity_id = "alibaba"
kind = "purl"
relation = "code_dependency"
values = ["pkg:docker/acs/*", "pkg:oci/app"]
"""
FILES = {
    "beholden.toml": '[organisation]\nname = "Shop"\nroles = ["us-person"]\n\n[[overlay]]\npath = "images.toml"\n',
    "images.toml": OVERLAY,
    "web/package-lock.json": PACKAGES,
    "api/requirements.txt": "dashscope==1.20.0\n",
    "job/go.mod": "module example.com/job\n\nrequire github.com/aliyun/credentials-go v1.4.5\n",
    "image.cdx.json": BOM,
    "finance/payments.csv": (
        "date,vendor,amount,currency\n"
        '2026-05-20,"Hangzhou Hikvision Digital Technology Co., Ltd.",1200.00,USD\n'
        "2026-05-21,华为技术有限公司,30.00,USD\n"
    ),
}
DAY, LATER = "2026-07-01", "2026-08-01"
Change = Callable[[Path], None]


def git(*arguments: str | Path, cwd: Path) -> None:
    who = {f"GIT_{role}_{key}": "ci@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    env = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=cwd, env=env, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up repository with one commit."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = tmp_path_factory.mktemp("origin")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git("init", "--quiet", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "--quiet", "-m", "Begin", cwd=folder)
    return folder


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Clones the repository into a folder of its own."""

    def make(name: str) -> Path:
        git("clone", "--quiet", repository, tmp_path / name, cwd=tmp_path)
        return tmp_path / name

    return make


def ids(answer: Answer) -> list[str]:
    assert answer.code == 0, answer.err
    return [finding["id"] for finding in answer.document["findings"]]


def fingerprints(sarif: Path) -> Counter[tuple[str, ...]]:
    """Rule and fingerprints of every result, each as often as it is there."""
    [run] = json.loads(sarif.read_bytes())["runs"]
    return Counter(
        (item["ruleId"], *(f"{name}={value}" for name, value in sorted(item["partialFingerprints"].items())))
        for item in run["results"]
    )


def scan_in(folder: Path, *arguments: str | Path, seed: str = "0", out: Path) -> Answer:
    return run_process(
        "scan", *arguments, "--format", "json", "-o", out, cwd=folder, env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
    )


def test_two_clones_and_two_dates_have_identical_fingerprints(clone: Callable[[str], Path], tmp_path: Path) -> None:
    one, other = clone("one"), clone("some where/else/two")
    outs = [tmp_path / f"{number}.sarif" for number in range(4)]
    answers = [
        scan_in(one, ".", "--as-of", DAY, seed="1", out=outs[0]),
        scan_in(other, ".", "--as-of", LATER, seed="2", out=outs[1]),
        scan_in(tmp_path, one.resolve(), "--as-of", LATER, seed="3", out=outs[2]),
        # From above nothing says who we are: the profile lies deeper.
        scan_in(tmp_path, "some where", "--profile", other / "beholden.toml", "--as-of", DAY, seed="4", out=outs[3]),
    ]
    found = [sorted(ids(answer)) for answer in answers]
    assert len(found[0]) > 20
    assert len(set(found[0])) == len(found[0])
    assert found[1:] == found[:1] * 3
    printed = [fingerprints(out) for out in outs]
    assert set(printed[0].values()) == {1}
    assert printed[1:] == printed[:1] * 3
    levels = [Counter(finding["level"] for finding in answer.document["findings"]) for answer in answers]
    assert levels[0] == levels[3]
    assert levels[1] == levels[2]


def test_what_is_seen_through_both_clones_at_once_is_the_same_too(clone: Callable[[str], Path], tmp_path: Path) -> None:
    one, other = clone("one"), clone("two")
    asked = ("--profile", one / "beholden.toml", "--as-of", DAY, "--format", "json")
    alone, both = run_here("scan", one, *asked), run_here("scan", other, one, *asked)
    assert sorted(ids(both)) == sorted(ids(alone))


def edit(name: str, *replacements: tuple[str, str]) -> Change:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")

    return change


def move(name: str, to: str) -> Change:
    def change(folder: Path) -> None:
        (folder / to).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).rename(folder / to)

    return change


def copy(source: Path, to: Path) -> None:
    shutil.copytree(source, to)


CHANGES: dict[str, Change] = {
    "renamed": move("image.cdx.json", "bom.cdx.json"),
    "moved": move("web/package-lock.json", "deep/er/web/package-lock.json"),
    "lines-shifted": edit("api/requirements.txt", ("dashscope", "# one\n# two\n\ndashscope")),
    "npm-version": edit("web/package-lock.json", ("6.20.0", "6.21.3"), ("5.2.0", "5.9.0-beta.1")),
    "pip-version": edit("api/requirements.txt", ("1.20.0", "1.21.0")),
    "go-version": edit("job/go.mod", ("v1.4.5", "v1.5.0")),
    "image-tag": edit(
        "image.cdx.json", ("app:1.0&tag=1.0", "app:2.0&tag=2.0"), ("web:1.0", "web:2.0"), ("job:1.0", "job:nightly")
    ),
    "image-digest": edit("image.cdx.json", ("aa11", "bb22")),
    "image-without-tag": edit(
        "image.cdx.json", (":1.0&tag=1.0", ""), (":1.0@sha256:aa11", ""), (":1.0@sha256%3Aaa11", "")
    ),
    "name-in-capitals": edit("finance/payments.csv", ("Hangzhou Hikvision Digital", "HANGZHOU HIKVISION DIGITAL")),
    "legal-form-spelled-out": edit("finance/payments.csv", ("Technology Co., Ltd.", "Technology Company Limited")),
    "full-width-and-traditional": edit(
        "finance/payments.csv", ("Hikvision", "Ｈｉｋｖｉｓｉｏｎ"), ("华为技术有限公司", "華為技術有限公司")
    ),
    "name-in-the-bill": edit(
        "image.cdx.json", ("Quectel Wireless Solutions Co., Ltd.", "QUECTEL WIRELESS SOLUTIONS CO LTD")
    ),
    "paid-more-and-later": edit("finance/payments.csv", ("2026-05-20", "2026-06-15"), ("1200.00", "99.00")),
    "column-order": edit(
        "finance/payments.csv",
        ("date,vendor,amount", "vendor,date,amount"),
        (
            '2026-05-20,"Hangzhou Hikvision Digital Technology Co., Ltd."',
            '"Hangzhou Hikvision Digital Technology Co., Ltd.",2026-05-20',
        ),
        ("2026-05-21,华为技术有限公司", "华为技术有限公司,2026-05-21"),
    ),
    "seen-twice": lambda folder: copy(folder / "api", folder / "api-copy"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_is_no_other_dependency_changes_no_id(change: Change, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    change(after)
    found = [sorted(ids(run_here("scan", place, "--as-of", DAY, "--format", "json"))) for place in (before, after)]
    assert found[0]
    assert found[1] == found[0]


def identity(finding: dict[str, Any]) -> tuple[Any, ...]:
    """What DESIGN section 6 says a finding is."""
    artefact, listing = finding["artefact"], finding["listing"]
    parties = finding["operator"]["id"], finding["listed_entity"]["id"]
    regime = listing["regime"] if listing else "claims"
    return artefact["kind"], artefact["value"], artefact["relation"], *parties, regime


def test_over_the_years_one_id_is_one_thing_and_one_thing_one_id() -> None:
    example = Path(__file__).resolve().parents[1] / "examples" / "northport"
    seen: dict[str, tuple[Any, ...]] = {}
    for day in ("2026-05-01", "2026-06-09", "2026-08-01", "2026-12-01"):
        findings = run_here("scan", example, "--as-of", day, "--allow-incomplete", "--format", "json").document[
            "findings"
        ]
        here = {finding["id"]: identity(finding) for finding in findings}
        assert len(here) == len(findings)
        assert {key: seen[key] for key in seen.keys() & here.keys()} == {
            key: here[key] for key in seen.keys() & here.keys()
        }
        seen |= here
    assert len(set(seen.values())) == len(seen)
