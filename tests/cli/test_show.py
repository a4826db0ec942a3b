"""`show`: whatever an entity or artefact is asked by."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command import run_here

DAY = ("--as-of", "2026-08-01")


@pytest.mark.parametrize(
    ("asked", "entity"),
    [
        pytest.param("huawei", "huawei", id="id"),
        pytest.param("Huawei Technologies Co., Ltd.", "huawei", id="name"),
        pytest.param("HUAWEI TECHNOLOGIES COMPANY LIMITED", "huawei", id="name-in-another-spelling"),
        pytest.param("Ｈｕａｗｅｉ Technologies Co Ltd", "huawei", id="full-width-letters"),
        pytest.param("华为技术有限公司", "huawei", id="chinese-name"),
        pytest.param("華為技術有限公司", "huawei", id="traditional-characters"),
        pytest.param("US01609W1027", "alibaba", id="identifier"),
    ],
)
def test_an_entity_is_found_by(asked: str, entity: str) -> None:
    answer = run_here("show", asked, *DAY, "--format", "json")
    assert answer.code == 0
    assert answer.document["entity"]["id"] == entity


@pytest.mark.parametrize(
    ("asked", "kind", "value", "operator"),
    [
        pytest.param("47.88.1.1", "ip", "47.88.1.1", "alibaba", id="ip"),
        pytest.param("44:19:B6:00:00:01", "mac", "44:19:b6:00:00:01", "hikvision", id="mac"),
        pytest.param("44-19-b6-00-00-01", "mac", "44:19:b6:00:00:01", "hikvision", id="mac-with-hyphens"),
        pytest.param("4419.b600.0001", "mac", "44:19:b6:00:00:01", "hikvision", id="mac-with-dots"),
        pytest.param("OSS-cn-hangzhou.aliyuncs.com", "domain", "oss-cn-hangzhou.aliyuncs.com", "alibaba", id="domain"),
        pytest.param("pkg:pypi/dashscope", "purl", "pkg:pypi/dashscope", "alibaba", id="purl"),
        pytest.param("pkg:pypi/dashscope@1.2", "purl", "pkg:pypi/dashscope", "alibaba", id="purl-with-version"),
    ],
)
def test_an_artefact_leads_to_its_operator(asked: str, kind: str, value: str, operator: str) -> None:
    document = run_here("show", asked, *DAY, "--format", "json").document
    assert document["artefact"] == {"kind": kind, "value": value}
    assert [candidate["entity"]["id"] for candidate in document["candidates"]] == [operator]
    assert document["candidates"][0]["path"]


@pytest.mark.parametrize("asked", ["203.0.113.9", "shop.example.com", "00:53:00:00:00:01", "pkg:pypi/nobody-we-know"])
def test_an_artefact_of_nobody_has_no_candidate(asked: str) -> None:
    answer = run_here("show", asked, *DAY, "--format", "json")
    assert answer.code == 0
    assert answer.document["candidates"] == []


def test_there_is_one_row_for_every_list_of_the_contract(shared: Callable[[str], Path]) -> None:
    rows = [line.split("\t") for line in shared("facts/ids.tsv").read_text(encoding="utf-8").splitlines()]
    lists = sorted(row[0] for row in rows if "list" in row[1:3])
    assert lists
    document = run_here("show", "huawei", *DAY, "--format", "json").document
    assert sorted(row["regime"] for row in document["listings"]) == lists


def test_another_day_gives_another_answer() -> None:
    def listed(day: str) -> set[str]:
        document = run_here("show", "huawei", "--as-of", day, "--format", "json").document
        return {row["regime"] for row in document["listings"] if row["listing_status"] == "listed"}

    assert listed("2018-08-12") < listed("2026-08-01")
    assert "us-889" not in listed("2018-08-12")
    assert "us-889" in listed("2018-08-13")


@pytest.mark.parametrize("command", [("show", "huawei"), ("kb", "info")])
def test_what_was_public_by_a_day_answers_for_that_day_unless_told(command: tuple[str, ...]) -> None:
    def day(*clocks: str) -> str:
        return str(run_here(*command, *clocks, "--format", "json").document["as_of"])

    assert day("--known-at", "2025-06-01") == "2025-06-01"
    assert day("--known-at", "2025-06-01", "--as-of", "2025-07-01") == "2025-07-01"
    assert day("--known-at", "2999-01-01") == day()


def test_the_table_names_the_entity_and_its_listings() -> None:
    answer = run_here("show", "huawei", *DAY)
    assert answer.code == 0
    text = answer.out.decode()
    assert "Huawei Technologies Co., Ltd." in text
    assert "us-889" in text


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    import beholden

    assert project["project"]["dynamic"] == ["version"]
    assert run_here("--version").out.decode().strip() == f"beholden {beholden.__version__}"
