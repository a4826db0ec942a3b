"""Names → entities: equal names are sure, brands and short names are questions, namesakes are nobody."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.builders import core_kb, make_designation, make_entity, make_name, make_query, make_regime, matched, tiny_kb

from beholden.match.name import NameMatcher
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


CONSTRUCTION = tiny_kb(
    make_entity("cscec", "Sample State Construction Engineering Corporation Limited"),
    make_name("cscec", "Bright Bricks"),
    make_entity("one", "Twin Trading Ltd."),
    make_entity("two", "TWIN TRADING LIMITED"),
    make_name("two", "Second Twin"),
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("{} (SSCEC)*", [("cscec", "confirmed", "equal_name")], id="its-initials"),
        pytest.param("{} (Sample Construction)", [("cscec", "confirmed", "equal_name")], id="its-own-words"),
        pytest.param("{} (Bright Bricks).", [("cscec", "confirmed", "equal_name")], id="another-name-of-it"),
        pytest.param("{} (formerly Bright Bricks)", [("cscec", "confirmed", "equal_name")], id="called-former"),
        pytest.param("{}（SSCEC）", [("cscec", "confirmed", "equal_name")], id="wide-brackets"),
        pytest.param("{} (Sales)", [("cscec", "probable", "similar_name")], id="another-word"),
        pytest.param("{} (Pakistan)", [("cscec", "probable", "similar_name")], id="a-place"),
        pytest.param("{} (USA)", [("cscec", "probable", "similar_name")], id="a-place-in-capitals"),
        pytest.param("Twin Trading Ltd (Second Twin)", [("two", "confirmed", "equal_name")], id="which-of-two"),
        pytest.param("Acme (SSCEC)", [], id="only-the-brackets"),
        pytest.param("({})", [("cscec", "confirmed", "equal_name")], id="all-of-it-in-brackets"),
    ],
)
def test_what_stands_in_brackets_behind_a_name_makes_no_other_party_of_it(
    name: str, found: list[tuple[str, str, str]]
) -> None:
    asked = name.format("Sample State Construction Engineering Corporation Limited")
    rows = matched(CONSTRUCTION, Kind.NAME, asked)
    assert [(row["entity_id"], row["decision"], row["method"]) for row in rows] == found
    assert all(row["question"] for row in rows if row["decision"] == "probable")


@pytest.mark.parametrize(
    "name", ["Limited Liability Company Sample Bricks", "SAMPLE BRICKS L.L.C.", "LLC Sample Bricks"]
)
def test_a_legal_form_at_the_front_is_that_at_the_end(name: str) -> None:
    kb = tiny_kb(make_entity("bricks", "SAMPLE BRICKS LLC"), make_entity("other", "JSC Sample Bricks"))
    assert [row["entity_id"] for row in matched(kb, Kind.NAME, name) if row["decision"] == "confirmed"] == ["bricks"]


def test_names_of_the_official_cells_are_found(shared: Callable[[str], Path]) -> None:
    path = shared("data/lists/us-1260h/section-1260h.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        cells = [row["Name"] for row in csv.DictReader(file)]
    kb = core_kb()
    lost = [
        cell
        for cell in cells
        if not any(
            row["decision"] == "confirmed" for row in NameMatcher().match(kb, make_query(Kind.NAME, cell)).to_pylist()
        )
    ]
    # In its words before the brackets or in no pack: "Beijing Research Center" and the like.
    assert (len(cells), len(lost)) == (397, 4)


@pytest.mark.parametrize(
    ("own", "more", "decision"),
    [
        pytest.param(make_entity("in_house:1", "Titan Example"), [], "confirmed", id="nobody-decided"),
        pytest.param(
            make_entity("in_house:1", "Titan Example", schema="Person"), [], "probable", id="a-person-of-ours"
        ),
        pytest.param(make_entity("uk:1", "Titan Example"), [], "probable", id="of-another-list"),
        pytest.param(
            make_entity("in_house:1", "Titan Example"),
            [make_entity("uk:2", "TITAN EXAMPLE")],
            "probable",
            id="and-a-second-of-a-list",
        ),
    ],
)
def test_one_s_own_records_make_no_question_of_a_name(own: Row, more: list[Row], decision: str) -> None:
    kb = tiny_kb(make_entity("ofac:1", "TITAN EXAMPLE"), own, *more)
    rows = {row["entity_id"]: row["decision"] for row in matched(kb, Kind.NAME, "Titan Example")}
    assert rows["ofac:1"] == decision
    assert set(rows) - {"ofac:1"} <= {"in_house:1", "uk:1", "uk:2"}
    assert len(rows) == 2 + len(more)
