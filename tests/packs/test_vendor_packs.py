"""The vendor packs: who the vendors are, who owned them when, and which networks and domains are theirs."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from publicsuffixlist import PublicSuffixList

from beholden.compile import core_packs
from beholden.compile.packs import read_packs
from beholden.schema.rows import Asset, Entity, Identifier, Name, Ownership, Prefix, Row, SourceRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

VENDORS = frozenset(
    [
        "alibaba",
        "ant",
        "dingtalk",
        "tencent",
        "huawei",
        "hisilicon",
        "honor",
        "zte",
        "hikvision",
        "ezviz",
        "dahua",
        "amcrest",
        "lorex",
        "hytera",
        "chinamobile",
        "chinatelecom",
        "chinaunicom",
        "kaspersky",
        "dji",
        "autel",
        "bytedance",
        "baidu",
        "deepseek",
        "zhipu",
        "sensetime",
        "iflytek",
        "megvii",
        "bgi",
        "mgi",
        "catl",
        "byd",
        "smic",
        "ymtc",
        "cxmt",
        "tplink-cn",
        "tplink-us",
        "quectel",
        "inspur",
        "hesai",
        "unitree",
        "nio",
        "xiaomi",
        "qihoo360",
        "knownsec",
        "boe",
        "wuxi",
        "robosense",
        "pdd",
        "moonshot",
        "minimax",
        "stepfun",
        "baichuan",
    ]
)
CHINESE_LEGAL_NAMES = {
    "alibaba": "阿里巴巴集团控股有限公司",
    "alibaba-cloud": "阿里云计算有限公司",
    "alibaba-hangzhou-advertising": "杭州阿里巴巴广告有限公司",
    "alibaba-zhejiang-taobao": "浙江淘宝网络有限公司",
    "ant": "蚂蚁科技集团股份有限公司",
    "dingtalk": "钉钉（中国）信息技术有限公司",
    "tencent": "腾讯控股有限公司",
    "tencent-computer-systems": "深圳市腾讯计算机系统有限公司",
    "tencent-cloud-beijing": "腾讯云计算（北京）有限责任公司",
    "huawei": "华为技术有限公司",
    "huawei-holding": "华为投资控股有限公司",
    "huawei-cloud": "华为云计算技术有限公司",
    "huawei-device": "华为终端有限公司",
    "hisilicon": "深圳市海思半导体有限公司",
    "hisilicon-shanghai": "上海海思技术有限公司",
    "honor": "荣耀终端股份有限公司",
    "zte": "中兴通讯股份有限公司",
    "hikvision": "杭州海康威视数字技术股份有限公司",
    "ezviz": "杭州萤石网络股份有限公司",
    "dahua": "浙江大华技术股份有限公司",
    "hytera": "海能达通信股份有限公司",
    "chinamobile": "中国移动通信集团有限公司",
    "chinamobile-limited": "中国移动有限公司",
    "chinatelecom": "中国电信集团有限公司",
    "chinatelecom-corporation": "中国电信股份有限公司",
    "chinaunicom": "中国联合网络通信集团有限公司",
    "chinaunicom-hk": "中国联合网络通信（香港）股份有限公司",
    "dji": "深圳市大疆创新科技有限公司",
    "dji-baiwang": "深圳市大疆百旺科技有限公司",
    "autel": "深圳市道通智能航空技术股份有限公司",
    "autel-intelligent": "深圳市道通科技股份有限公司",
    "bytedance": "字节跳动有限公司",
    "bytedance-douyin": "北京抖音信息服务有限公司",
    "bytedance-volcano-engine": "北京火山引擎科技有限公司",
    "baidu": "百度集团股份有限公司",
    "baidu-online": "百度在线网络技术（北京）有限公司",
    "baidu-netcom": "北京百度网讯科技有限公司",
    "deepseek": "杭州深度求索人工智能基础技术研究有限公司",
    "zhipu": "北京智谱华章科技股份有限公司",
    "sensetime": "商汤集团股份有限公司",
    "iflytek": "科大讯飞股份有限公司",
    "megvii": "北京旷视科技有限公司",
    "megvii-limited": "旷视科技有限公司",
    "bgi": "深圳华大基因科技有限公司",
    "bgi-genomics": "深圳华大基因股份有限公司",
    "mgi": "深圳华大智造科技股份有限公司",
    "catl": "宁德时代新能源科技股份有限公司",
    "byd": "比亚迪股份有限公司",
    "smic": "中芯国际集成电路制造有限公司",
    "ymtc": "长江存储科技有限责任公司",
    "cxmt": "长鑫存储技术有限公司",
    "tplink-cn": "普联技术有限公司",
    "quectel": "上海移远通信技术股份有限公司",
    "inspur": "浪潮集团有限公司",
    "inspur-electronic": "浪潮电子信息产业股份有限公司",
    "hesai": "上海禾赛科技有限公司",
}
# Words that mean something else in most ledgers; a list that prints one as an alias is another matter.
TOO_COMMON = frozenset(
    ["ant", "spark", "quark", "uc", "seed", "deco", "archer", "honor", "smic", "mgi", "bgi", "boe", "kasa", "qq"]
)
CARRIERS = {"chinamobile", "chinatelecom", "chinaunicom", "china-telecom-americas", "china-unicom-americas"}

_ROWS: list[Row] = [item.row for item in read_packs(core_packs())]
ENTITIES = {row.id: row for row in _ROWS if isinstance(row, Entity)}
NAMES = [row for row in _ROWS if isinstance(row, Name)]
IDENTIFIERS = [row for row in _ROWS if isinstance(row, Identifier)]
OWNERSHIP = [row for row in _ROWS if isinstance(row, Ownership)]
ASSETS = [row for row in _ROWS if isinstance(row, Asset)]
PREFIXES = [row for row in _ROWS if isinstance(row, Prefix)]
SOURCES = {row.id: row for row in _ROWS if isinstance(row, SourceRow)}
NETWORK_ASSETS = [row for row in ASSETS if row.kind in {"domain", "ip", "asn"}]


def _digits(text: str) -> str:
    return "".join(str(int(letter, 36)) for letter in text)


def _is_isin(value: str) -> bool:
    if len(value) != 12 or not value[:2].isalpha() or not value[11].isdigit():
        return False
    total = 0
    for place, digit in enumerate(reversed(_digits(value))):
        product = int(digit) * (1 + place % 2)
        total += product - 9 * (product > 9)
    return total % 10 == 0


def _is_lei(value: str) -> bool:
    return len(value) == 20 and int(_digits(value)) % 97 == 1


def _owners(owned: str, day: date) -> set[str]:
    return {row.owner_id for row in OWNERSHIP if row.owned_id == owned and row.holds(day)}


def _values(kind: str, entities: Iterable[str | None]) -> set[str]:
    wanted = set(entities)
    return {row.value for row in ASSETS if row.kind == kind and row.entity_id in wanted}


def test_every_vendor_is_an_entity() -> None:
    assert ENTITIES.keys() >= VENDORS


@pytest.mark.parametrize(("entity_id", "name"), CHINESE_LEGAL_NAMES.items())
def test_chinese_legal_name_leads_to_its_legal_person(entity_id: str, name: str) -> None:
    assert {row.entity_id for row in NAMES if row.name == name and row.kind == "legal"} == {entity_id}


def test_common_words_are_not_brands() -> None:
    brands = [row.name for row in NAMES if row.kind == "brand" and row.entity_id in VENDORS]
    assert [name for name in brands if name.casefold() in TOO_COMMON] == []


def test_tp_link_is_a_name_of_both_groups() -> None:
    assert {row.entity_id for row in NAMES if row.name == "TP-Link"} == {"tplink-cn", "tplink-us"}


@pytest.mark.parametrize(("kind", "check"), [("isin", _is_isin), ("lei", _is_lei)], ids=["isin", "lei"])
def test_check_digits_are_right(kind: str, check: Callable[[str], bool]) -> None:
    values = [row.value for row in IDENTIFIERS if row.kind == kind]
    assert values
    assert [value for value in values if not check(value)] == []


@pytest.mark.parametrize(
    ("check", "value"), [(_is_isin, "US01609W1026"), (_is_lei, "5493001NTNQJDH60PM03")], ids=["isin", "lei"]
)
def test_checksum_rejects_a_wrong_digit(check: Callable[[str], bool], value: str) -> None:
    assert not check(value)


def test_identifier_belongs_to_one_entity() -> None:
    holders: dict[tuple[str, str], set[str]] = {}
    for row in IDENTIFIERS:
        holders.setdefault((row.kind, row.value), set()).add(row.entity_id)
    assert {key: value for key, value in holders.items() if len(value) > 1} == {}


@pytest.mark.parametrize(
    ("owned", "day", "owners"),
    [
        pytest.param("lorex", date(2018, 1, 31), set(), id="lorex-before-dahua"),
        pytest.param("lorex", date(2022, 1, 1), {"dahua"}, id="lorex-of-dahua"),
        pytest.param("lorex", date(2024, 1, 1), {"skywatch"}, id="lorex-of-skywatch"),
        pytest.param("honor", date(2020, 1, 1), {"huawei"}, id="honor-of-huawei"),
        pytest.param("honor", date(2021, 1, 1), set(), id="honor-sold"),
        pytest.param("sepura", date(2019, 1, 1), {"hytera"}, id="sepura-of-hytera"),
        pytest.param("sepura", date(2023, 1, 1), set(), id="sepura-sold"),
        pytest.param("tiktok-usds-jv", date(2026, 1, 21), set(), id="tiktok-jv-before-closing"),
        pytest.param("amcrest", date(2026, 1, 1), set(), id="amcrest-is-independent"),
        pytest.param("tplink-us", date(2026, 6, 8), set(), id="tplink-us-is-not-owned-by-tplink-cn"),
        pytest.param("huawei", date(2026, 6, 8), {"huawei-holding"}, id="huawei-of-its-holding"),
        pytest.param("hikvision", date(2026, 6, 8), {"cetc"}, id="hikvision-of-cetc"),
        pytest.param("ezviz", date(2026, 6, 8), {"hikvision"}, id="ezviz-of-hikvision"),
        pytest.param("hisilicon", date(2026, 6, 8), {"huawei"}, id="hisilicon-of-huawei"),
    ],
)
def test_owners_at_a_date(owned: str, day: date, owners: set[str]) -> None:
    assert _owners(owned, day) == owners


def test_shares_of_the_tiktok_joint_venture() -> None:
    stakes = [row for row in OWNERSHIP if row.owned_id == "tiktok-usds-jv" and row.holds(date(2026, 1, 22))]
    assert {row.owner_id: row.percentage_low for row in stakes} == {
        "bytedance": Decimal("19.9"),
        "oracle": Decimal(15),
        "silver-lake": Decimal(15),
        "mgx": Decimal(15),
        "tiktok-usds-existing-investors": Decimal("30.1"),
    }


def test_alibaba_stake_in_ant_is_below_half() -> None:
    [stake] = [row for row in OWNERSHIP if row.owned_id == "ant"]
    assert (stake.owner_id, stake.ownership_type, stake.percentage_high) == ("alibaba", "capital", Decimal(33))


@pytest.mark.parametrize(
    "entity_id", ["china-telecom-americas", "china-unicom-americas", "china-mobile-international-usa", "kaspersky-us"]
)
def test_company_that_the_fcc_names_is_its_own_entity(entity_id: str) -> None:
    assert ENTITIES[entity_id].source_id == "us-fcc-covered-list"


def test_rows_name_a_grade_and_a_real_source() -> None:
    rows = [row for row in _ROWS if isinstance(row, Entity | Name | Identifier | Ownership | Asset | Prefix)]
    assert [row for row in rows if not row.grade or row.source_id not in SOURCES] == []


def test_general_knowledge_is_graded_k() -> None:
    assert {row.grade for row in _ROWS if row.source_id == "general-knowledge-vendors"} == {"K"}


def test_network_assets_are_not_shipped_on_general_knowledge_alone() -> None:
    assert {row.grade for row in NETWORK_ASSETS} == {"H", "M"}


def test_domains_are_lower_case_and_below_a_public_suffix() -> None:
    suffixes = PublicSuffixList()
    domains = [row.value for row in ASSETS if row.kind == "domain"]
    assert domains
    assert [value for value in domains if value != value.lower() or value.startswith(("*", "."))] == []
    assert [value for value in domains if suffixes.is_public(value)] == []


def test_network_asset_is_typed_once() -> None:
    seen = [(row.kind, row.value) for row in NETWORK_ASSETS]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("value", ["AS34947", "AS211914", "hwcdn.net"])
def test_namesake_is_reviewed_and_belongs_to_nobody(value: str) -> None:
    [row] = [row for row in NETWORK_ASSETS if row.value == value]
    assert row.entity_id is None
    assert row.note is not None
    assert row.note.startswith("reviewed, not of ")


def test_carrier_backbones_are_transit_and_have_no_prefixes() -> None:
    carrier_asns = _values("asn", CARRIERS)
    assert {row.relation for row in NETWORK_ASSETS if row.value in carrier_asns} == {"transit"}
    assert carrier_asns.isdisjoint(row.asn for row in PREFIXES)


def test_prefixes_belong_to_hosting_networks_and_run_forward() -> None:
    hosting = {row.value for row in NETWORK_ASSETS if row.kind == "asn" and row.relation == "hosting"}
    assert {row.asn for row in PREFIXES} <= hosting
    for row in PREFIXES:
        first, last = ip_address(row.first), ip_address(row.last)
        assert first.version == last.version
        assert int(first) <= int(last)


def test_network_without_prefixes_says_so() -> None:
    announced = {row.asn for row in PREFIXES}
    silent = [row for row in NETWORK_ASSETS if row.relation == "hosting" and row.value not in announced]
    assert sorted(row.value for row in silent if row.note is None or "no prefixes" not in row.note) == []


def test_public_resolver_lies_in_a_network_of_its_vendor() -> None:
    resolver = ip_address("223.6.6.6")
    ranges = [(row.asn, ip_address(row.first), ip_address(row.last)) for row in PREFIXES if ":" not in row.first]
    assert {asn for asn, first, last in ranges if int(first) <= int(resolver) <= int(last)} == {"AS45102"}
    assert str(resolver) in _values("ip", {"alibaba"})


def test_prefixes_are_the_rows_of_the_published_table(shared: Callable[[str], Path]) -> None:
    typed = {(row.asn, row.first, row.last) for row in PREFIXES}
    asns = {asn for asn, _, _ in typed}
    published = set()
    for family in ("4", "6"):
        with gzip.open(shared(f"data/internet/asn/asn-ipv{family}.csv.gz"), "rt", encoding="utf-8") as stream:
            published |= {(f"AS{asn}", first, last) for first, last, asn, _ in csv.reader(stream) if f"AS{asn}" in asns}
    assert typed == published
