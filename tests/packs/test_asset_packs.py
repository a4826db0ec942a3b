"""Package, model and OUI packs: spelled as the matchers ask, sourced, unique, and equal to the hand-read truths."""

from __future__ import annotations

import csv
import gzip
import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PACKS = Path(__file__).resolve().parents[2] / "src" / "beholden" / "packs"
TRUTHS = Path(__file__).resolve().parents[1] / "truth"
KINDS = ("purl", "model", "oui_organisation")
FOUNDATIONS = {"apache-software-foundation", "cncf", "openatom"}

# Exact strings of the registry copy of 2024 and their number of blocks, counted by reading the registry file.
BLOCKS_2024 = {
    "HUAWEI TECHNOLOGIES CO.,LTD": 1106,
    "Huawei Device Co., Ltd.": 490,
    "Huawei Symantec Technologies Co.,Ltd.": 1,
    "Huawei Technologies Co., Ltd.": 1,
    "Hisilicon Technologies Co., Ltd": 1,
    "Honor Device Co., Ltd.": 36,
    "zte corporation": 391,
    "Hangzhou Hikvision Digital Technology Co.,Ltd.": 67,
    "Prama Hikvision India Private Limited": 1,
    "Hangzhou Ezviz Software Co.,Ltd.": 7,
    "Zhejiang Dahua Technology Co., Ltd.": 27,
    "ZHEJIANG DAHUA TECHNOLOGYCO.,LTD": 1,
    "Amcrest Technologies": 3,
    "Lorex Technology Inc.": 1,
    "Hytera Communications Co .,ltd": 1,
    "Hytera Communications Corporation Limited": 1,
    "China Mobile Group Device Co.,Ltd.": 64,
    "China Mobile IOT Company Limited": 24,
    "China Mobile Iot Limited company": 6,
    "China Mobile (Hangzhou) Information Technology Co., Ltd.": 9,
    "China Mobile (Hangzhou) Information Technology Co., Ltd": 1,
    "China Mobile (Hangzhou) Information Technology Co.,Ltd.": 2,
    "China Mobile(Hangzhou) Information Technology Co.,Ltd.": 1,
    "China Telecom Corporation Limited": 1,
    "China Telecom Fufu Information Technology Co., Ltd.": 1,
    "China Unicom Online Information Technology Co.,Ltd": 1,
    "SZ DJI TECHNOLOGY CO.,LTD": 4,
    "TP-LINK TECHNOLOGIES CO.,LTD.": 166,
    "TP-Link Corporation Limited": 32,
    "TP-LINK CORPORATION PTE. LTD.": 7,
    "Quectel Wireless Solutions Co.,Ltd.": 32,
    "Baidu Online Network Technology (Beijing) Co., Ltd": 5,
    "Baidu Online Network Technology (Beijing) Co., Ltd.": 1,
    "Alibaba Cloud Computing Ltd.": 2,
    "Alibaba cloud computing Co., Ltd": 1,
    "Shenzhen Tencent Computer System Co., Ltd.": 2,
    "Bytedance": 1,
    "Beijing Bytedance Network Technology Co., Ltd": 1,
    "Inspur Electronic Information Industry Co.,Ltd.": 3,
    "Inspur Group Co., Ltd.": 2,
    "Inspur (Shandong) Electronic Information Co., Ltd": 1,
    "Inspur Software Group Ltd.": 1,
    "Inspur Communication Technology Co.,Ltd.": 1,
    "IFLYTEK CO.,LTD.": 1,
    "Yangtze Memory Technologies Co., Ltd.": 1,
    "BYD Precision Manufacture Company Ltd.": 3,
    "BYD Precision Manufacture Co.,Ltd": 1,
    "BYD COMPANY LIMITED": 1,
    "Huizhou BYD Electronic Co., Ltd.": 1,
    "New H3C Technologies Co., Ltd": 104,
    "Xiaomi Communications Co Ltd": 181,
    "Ruijie Networks Co.,LTD": 23,
    "Zhejiang Uniview Technologies Co., Ltd.": 1,
    "Zhejiang Uniview Technologies Co.,Ltd.": 2,
    "Tiandy Technologies CO.,LTD": 1,
    "Tiandy Technologies Co.,LTD": 1,
    "Baicells Technologies Co.,LTD": 1,
    "Fibocom Wireless Inc.": 3,
    "NIO Co., Ltd.": 1,
}


def _documents() -> Iterator[dict[str, Any]]:
    for file in sorted(PACKS.rglob("*.toml")):
        yield tomllib.loads(file.read_text(encoding="utf-8"))


def _rows(table: str) -> Iterator[dict[str, Any]]:
    for document in _documents():
        for row in document.get(table, []):
            yield {**document.get("defaults", {}), **row}


def _assets() -> Iterator[dict[str, Any]]:
    for row in _rows("assets"):
        if row["kind"] in KINDS:
            for value in row.get("values", [row.get("value")]):
                yield {**row, "value": value}


ASSETS = list(_assets())
BY_VALUE = {asset["value"]: asset for asset in ASSETS}


def _csv(name: str) -> list[dict[str, str]]:
    with (PACKS / "assets" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def _covering(purl: str) -> dict[str, Any] | None:
    """The row that decides: the exact name, else the longest namespace."""
    patterns = [purl, *(f"{purl[:end]}*" for end in range(len(purl), 3, -1))]
    return next((BY_VALUE[pattern] for pattern in patterns if pattern in BY_VALUE), None)


def _truths() -> list[Any]:
    return [
        pytest.param(tomllib.loads(file.read_text(encoding="utf-8")), id=file.stem)
        for file in sorted(TRUTHS.glob("*.toml"))
    ]


def _read(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")


def test_no_value_is_typed_twice() -> None:
    twice = [value for value, count in Counter((a["kind"], a["value"]) for a in ASSETS).items() if count > 1]
    assert twice == []


def test_every_row_has_a_known_source_and_entity_and_a_grade() -> None:
    sources = {row["id"] for row in _rows("sources")}
    entities = {row["id"] for row in _rows("entities")}
    for file in PACKS.rglob("entities.*.csv"):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        entities |= {row["id"] for row in csv.DictReader(lines)}
    for asset in ASSETS:
        assert asset["source_id"] in sources, asset
        assert asset["grade"] in {"H", "M", "K"}, asset
        assert asset.get("entity_id") is None or asset["entity_id"] in entities, asset


def test_a_row_that_rests_on_own_knowledge_alone_has_grade_k() -> None:
    own = {row["id"] for row in _rows("sources") if row["class"] == "own knowledge"}
    wrong = [asset["value"] for asset in ASSETS if asset["source_id"] in own and asset["grade"] != "K"]
    assert wrong == []


@pytest.mark.parametrize("asset", [a for a in ASSETS if a["kind"] == "purl"], ids=lambda a: a["value"])
def test_purls_are_spelled_as_the_matcher_asks(asset: Mapping[str, Any]) -> None:
    value = asset["value"]
    assert re.fullmatch(r"pkg:(pypi|npm|maven|golang)/[A-Za-z0-9%._~/-]+\*?", value)
    assert value.startswith("pkg:maven/") or value == value.lower()
    assert not value.startswith("pkg:pypi/") or not {"_", "."} & set(value)
    assert asset["relation"] in {"code_dependency", "vendor_sdk"}


def test_models_are_lower_case_prefixes_of_local_weights() -> None:
    models = [asset for asset in ASSETS if asset["kind"] == "model"]
    assert all(re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]*\*", asset["value"]) for asset in models)
    assert {asset["relation"] for asset in models} == {"model_weights"}


def test_a_maven_group_covers_itself_and_the_groups_below() -> None:
    open_groups = [asset["value"] for asset in ASSETS if asset["value"].endswith(".*")]
    assert [value for value in open_groups if value[:-2] + "/*" not in BY_VALUE] == []


def test_reviewed_rows_say_why() -> None:
    silent = [a["value"] for a in ASSETS if a.get("entity_id") is None and not a.get("note")]
    assert silent == []


@pytest.mark.parametrize(
    ("purl", "entity_id", "relation"),
    [
        ("pkg:pypi/alibabacloud-dingtalk", "dingtalk", "vendor_sdk"),
        ("pkg:pypi/alibabacloud-oss-v2", "alibaba", "vendor_sdk"),
        ("pkg:maven/com.alibaba/fastjson", "alibaba", "code_dependency"),
        ("pkg:maven/com.alibaba.fastjson2/fastjson2", "alibaba", "code_dependency"),
        ("pkg:maven/com.alipay.sdk/alipay-sdk-java", "ant", "vendor_sdk"),
        ("pkg:golang/github.com/bytedance/sonic", "bytedance", "code_dependency"),
        ("pkg:golang/dubbo.apache.org/dubbo-go/v3", "apache-software-foundation", "code_dependency"),
        ("pkg:golang/github.com/kubeedge/kubeedge", "cncf", "code_dependency"),
        ("pkg:pypi/hikvisionapi", None, "code_dependency"),
        ("pkg:pypi/deepseek", None, "vendor_sdk"),
    ],
)
def test_the_longest_namespace_decides(purl: str, entity_id: str | None, relation: str) -> None:
    asset = _covering(purl)
    assert asset is not None
    assert (asset.get("entity_id"), asset["relation"]) == (entity_id, relation)


def test_namespaces_end_at_a_separator() -> None:
    assert _covering("pkg:golang/github.com/alibaba-inc/thing") is None
    assert _covering("pkg:maven/com.alibabaimpostor/thing") is None


def test_oui_blocks_of_2024_have_the_counted_sizes() -> None:
    assert Counter(row["organisation"] for row in _csv("ouis.ieee-2024-05.csv")) == BLOCKS_2024


def test_every_oui_block_has_an_owner_and_is_given_once() -> None:
    rows = [*_csv("ouis.ieee-2024-05.csv"), *_csv("ouis.ieee-2026-08.csv")]
    assert all(re.fullmatch(r"[0-9A-F]{6}|[0-9A-F]{7}|[0-9A-F]{9}", row["prefix"]) for row in rows)
    assert [prefix for prefix, count in Counter(row["prefix"] for row in rows).items() if count > 1] == []
    unowned = {row["organisation"] for row in rows if BY_VALUE.get(row["organisation"], {}).get("entity_id") is None}
    assert unowned == set()


def test_oui_extracts_equal_the_registry_copies(shared: Callable[[str], Path]) -> None:
    older: dict[str, str] = {}
    for line in _read(shared("data/internet/oui/ieee-oui.2024.txt.gz")).splitlines():
        if found := re.match(r"([0-9A-F]{6})\s+\(base 16\)\s*(.*)", line):
            older[found[1]] = found[2].strip()
    newer = json.loads(_read(shared("data/internet/oui/oui-data.json.gz")))
    expected = {prefix: name for prefix, name in older.items() if name in BLOCKS_2024}
    assert {row["prefix"]: row["organisation"] for row in _csv("ouis.ieee-2024-05.csv")} == expected

    owned = {asset["value"] for asset in ASSETS if asset["kind"] == "oui_organisation" and asset.get("entity_id")}
    named = {prefix: text.split("\n")[0] for prefix, text in newer.items()}
    added = {prefix: name for prefix, name in named.items() if name in owned and prefix not in expected}
    assert {row["prefix"]: row["organisation"] for row in _csv("ouis.ieee-2026-08.csv")} == added


@pytest.mark.parametrize("truth", _truths())
def test_packs_find_every_component_of_a_truth(truth: Mapping[str, Any]) -> None:
    for group in truth.get("components", []):
        for purl in group["purls"]:
            asset = _covering(purl)
            assert asset is not None, purl
            assert (asset.get("entity_id"), asset["relation"]) == (group["entity_id"], group["relation"]), purl


@pytest.mark.parametrize("truth", _truths())
def test_packs_give_no_vendor_for_a_near_miss(truth: Mapping[str, Any]) -> None:
    for group in truth.get("near_miss", []):
        assert group["why"]
        for purl in group["purls"]:
            found = (_covering(purl) or {}).get("entity_id")
            assert found == group.get("entity_id"), purl
            assert found is None or found in FOUNDATIONS


@pytest.mark.parametrize("truth", _truths())
def test_truths_name_what_the_files_hold(truth: Mapping[str, Any], shared: Callable[[str], Path]) -> None:
    texts = {file: _read(shared(f"data/{file}")).lower() for file in truth["origin"]["files"]}
    for group in [*truth.get("components", []), *truth.get("near_miss", [])]:
        text = texts[group["file"]] if "file" in group else "\n".join(texts.values())
        for purl in group["purls"]:
            name = purl.removeprefix("pkg:").partition("/")[2].replace("%40", "@")
            written = name.rpartition("/")[2] if purl.startswith("pkg:maven/") else name
            assert written in text, purl


@pytest.mark.parametrize("truth", _truths())
def test_truths_count_the_hosts_that_serve_packages(truth: Mapping[str, Any], shared: Callable[[str], Path]) -> None:
    for row in truth.get("hosts", []):
        counted = _hosts(shared(f"data/{row['file']}"))[row["counts"]]
        assert counted[row["host"]] == row["count"], row


def _hosts(path: Path) -> dict[str, Counter[str]]:
    text = _read(path)
    if path.name == "package-lock.json.gz":
        packages = json.loads(text)["packages"].values()
        return {"packages": Counter(_host(package["resolved"]) for package in packages if "resolved" in package)}
    if path.name == "Pipfile.lock.gz":
        return {"sources": Counter(_host(source["url"]) for source in json.loads(text)["_meta"]["sources"])}
    document = tomllib.loads(text)
    if path.name == "pyproject.toml":
        return {"indexes": Counter(_host(index["url"]) for index in document["tool"]["uv"]["index"])}
    places = [package["source"] for package in document["package"]]
    origins = [place.get("registry") or place.get("url") or place.get("git") for place in places]
    files = [file["url"] for package in document["package"] for file in _files(package)]
    return {
        "packages": Counter(_host(origin) for origin in origins if origin),
        "files": Counter(_host(file) for file in files),
    }


def _files(package: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]


def _host(url: str) -> str:
    return url.split("/")[2].rpartition("@")[2]
