"""Names → entities: equal names are sure, brands and short names are questions, namesakes are nobody."""

from __future__ import annotations

import pytest
from tests.builders import core_kb, make_designation, make_entity, make_name, make_regime, matched, tiny_kb

from beholden.schema.rows import Row
from beholden.schema.vocabulary import Kind

PARTIES = tiny_kb(
    make_entity("acme", "Acme Networks Co., Ltd."),
    make_name("acme", "Acme"),
    make_name("acme", "Roadrunner", "brand"),
    make_name("acme", "Acme Cloud Unit", "unit"),
    make_name("acme", "Coyote Networks Ltd.", "former"),
    make_name("acme", "華安術網絡有限公司", "legal"),
    make_entity("one", "Twin Trading Ltd."),
    make_entity("two", "TWIN TRADING LIMITED"),
)


def decided(name: str) -> list[tuple[str, str, str]]:
    return [(row["entity_id"], row["decision"], row["method"]) for row in matched(PARTIES, Kind.NAME, name)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ACME NETWORKS COMPANY LIMITED", id="case and legal form"),
        pytest.param("Acme  Networks Co.,Ltd", id="spacing"),
        pytest.param("Coyote Networks Limited", id="a former name"),
        pytest.param("华安术网络有限公司", id="simplified characters"),
    ],
)
def test_a_name_equal_to_a_legal_name_is_that_party(name: str) -> None:
    assert decided(name) == [("acme", "confirmed", "equal_name")]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Roadrunner", id="a brand"),
        pytest.param("Acme Cloud Unit", id="a unit"),
        pytest.param("ACME", id="a short alias"),
    ],
)
def test_a_brand_a_unit_or_a_short_name_is_a_question(name: str) -> None:
    assert decided(name) == [("acme", "probable", "equal_name")]
    assert matched(PARTIES, Kind.NAME, name)[0]["question"]


def test_a_name_of_two_parties_is_a_question_with_both() -> None:
    assert decided("Twin Trading Ltd") == [("one", "probable", "equal_name"), ("two", "probable", "equal_name")]


def test_a_nearly_equal_name_is_probable_and_says_what_it_was_compared_with() -> None:
    (answer,) = matched(PARTIES, Kind.NAME, "Acme Network Co Ltd")
    assert (answer["entity_id"], answer["decision"], answer["method"]) == ("acme", "probable", "similar_name")
    assert 0.9 <= answer["score"] < 1
    assert "Acme Networks Co., Ltd." in answer["features"]


@pytest.mark.parametrize("name", ["", "...", "Ltd", "Road runner Films", "Networks Co., Ltd.", "Acme Bakery"])
def test_anything_else_is_nobody(name: str) -> None:
    assert decided(name) == []


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        pytest.param("ALIBABA GROUP HOLDING LTD", "alibaba", id="Alibaba in capitals"),
        pytest.param("阿里巴巴集團控股有限公司", "alibaba", id="Alibaba in traditional characters"),
        pytest.param("華為技術有限公司", None, id="Huawei in traditional characters"),
        pytest.param("Hangzhou Hikvision Digital Technology Company Limited", "hikvision", id="Hikvision spelled out"),
        pytest.param("ＺＴＥ　ＣＯＲＰＯＲＡＴＩＯＮ", "zte", id="ZTE in full width"),
    ],
)
def test_legal_names_of_the_core_base_are_found_in_other_spellings(name: str, entity: str | None) -> None:
    (answer,) = matched(core_kb(), Kind.NAME, name)
    assert answer["decision"] == "confirmed"
    assert answer["entity_id"] == (entity or "huawei")


@pytest.mark.parametrize("name", ["Aliyun", "TP-Link", "Taobao", "TikTok"])
def test_brands_of_the_core_base_are_questions(name: str) -> None:
    answers = matched(core_kb(), Kind.NAME, name)
    assert answers
    assert {answer["decision"] for answer in answers} == {"probable"}


@pytest.mark.parametrize(
    "name",
    [
        "Alibaba Travels Agency",
        "Spark Facilities",
        "Ruijie Networks",
        "Autelan Technology",
        "Autelan",
        "Honor Roll Awards Inc",
        "Baidu Tree Nursery",
        "Dahua Chinese Restaurant",
        "Oppo Foundation",
        "Tencent Street Bakery",
        "Acme Logistics",
    ],
)
def test_namesakes_are_never_confirmed(name: str) -> None:
    assert [row["entity_id"] for row in matched(core_kb(), Kind.NAME, name) if row["decision"] == "confirmed"] == []


def on(party: str, *lists: str) -> list[Row]:
    return [make_designation(party, "2020-01-01", regime_id=one) for one in lists]


@pytest.mark.parametrize(
    ("equal", "near", "found"),
    [
        pytest.param(
            ("in_house:1", []), ("ofac:1", ["us-sdn"]), {"in_house:1", "ofac:1"}, id="the equal one is on no list"
        ),
        pytest.param(("uk:1", ["uk-sl"]), ("ofac:1", ["us-sdn"]), {"uk:1", "ofac:1"}, id="on another list"),
        pytest.param(("uk:1", ["us-sdn"]), ("ofac:1", ["us-sdn"]), {"uk:1"}, id="on the same list"),
        pytest.param(("uk:1", ["uk-sl"]), ("ofac:1", []), {"uk:1"}, id="the near one is on no list"),
    ],
)
def test_an_equal_name_hides_no_near_one_on_another_list(
    equal: tuple[str, list[str]], near: tuple[str, list[str]], found: set[str]
) -> None:
    kb = tiny_kb(
        make_regime("us-sdn"),
        make_regime("uk-sl"),
        make_entity(equal[0], "Won Ho Hamster"),
        make_entity(near[0], "HAMSTER, Won Ho"),
        *on(equal[0], *equal[1]),
        *on(near[0], *near[1]),
    )
    rows = matched(kb, Kind.NAME, "Won Ho Hamster")
    assert {row["entity_id"] for row in rows} == found


def test_beside_a_listed_party_of_the_name_only_the_same_words_count() -> None:
    kb = tiny_kb(
        make_regime("us-sdn"),
        make_regime("uk-sl"),
        make_entity("uk:1", "Hamster Trading House"),
        make_entity("ofac:1", "Hamsters Trading House"),
        *on("uk:1", "uk-sl"),
        *on("ofac:1", "us-sdn"),
    )
    assert {row["entity_id"] for row in matched(kb, Kind.NAME, "Hamster Trading House")} == {"uk:1"}
