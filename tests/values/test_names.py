"""Normal forms of names: what is equal, what stays apart, and that doing it twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.names import core, is_weak, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("ALIBABA GROUP HOLDING LIMITED", "Alibaba Group Holding Limited", id="case"),
        pytest.param("Ａｌｉｂａｂａ Group", "Alibaba Group", id="full width"),
        pytest.param("Acme, Inc.", "Acme Incorporated", id="punctuation and form"),
        pytest.param("ZTE Corp.", "ZTE Corporation", id="corporation"),
        *(
            pytest.param(
                f"Ac{unseen}me Trading{unseen} Ltd{unseen}", "Acme Trading Ltd", id=f"unseen-{ord(unseen):04x}"
            )
            for unseen in "\u00ad\u200b\u200c\u200d\u200e\u202a\u2060\ufeff"
        ),
        pytest.param("SZ DJI Technology Co., Ltd.", "SZ DJI TECHNOLOGY CO.,LTD", id="no space after the comma"),
        pytest.param(
            "Hikvision Digital Co., Ltd.",
            "Hikvision Digital Company Limited",
            id="company limited",
        ),
        pytest.param("Catl Co Limited", "Catl Ltd", id="co limited"),
        pytest.param("Byteplus Pte. Ltd.", "BYTEPLUS PRIVATE LIMITED", id="private limited"),
        pytest.param("Acme L.L.C.", "Acme LLC", id="dotted form"),
        pytest.param("Acme B.V.", "Acme BV", id="dotted bv"),
        pytest.param("Limited Liability Company Acme", "Acme LLC", id="form at the front"),
        pytest.param("OPEN JOINT STOCK COMPANY «ACME»", "Acme OJSC", id="long form at the front"),
        pytest.param("Acme Public Joint-Stock Company", "PJSC Acme", id="short form at the front"),
        pytest.param("OOO Acme", "Acme, OOO", id="Russian form at the front"),
        pytest.param("L.L.C. Acme", "LLC Acme", id="dotted form at the front"),
        pytest.param("Acme, S.A. de C.V.", "ACME SA DE CV", id="dotted Mexican form"),
        pytest.param("Acme S. de R.L. de C.V.", "ACME S DE RL DE CV", id="another Mexican form"),
        pytest.param("Acme S.p.A.", "Acme SpA", id="dotted spa"),
        pytest.param("Acme G.m.b.H.", "Acme GmbH", id="dotted gmbh"),
        pytest.param("AT&T Inc", "AT and T, Inc.", id="ampersand"),
        pytest.param("Société Générale S.A.", "Societe Generale SA", id="accents"),
        pytest.param("O'Neil Ltd", "O’Neil Limited", id="apostrophes"),
        pytest.param("YITU*", "Yitu", id="footnote mark"),
        pytest.param("華為技術有限公司", "华为技术有限公司", id="traditional characters"),
        pytest.param("华为技术 有限公司", "华为技术有限公司", id="space inside a Chinese name"),
        pytest.param("钉钉（中国）信息技术有限公司", "钉钉(中国)信息技术有限公司", id="full-width brackets"),
        pytest.param("中國移動通信集團有限公司", "中国移动通信集团有限公司", id="another traditional name"),
        pytest.param("中興通訊股份有限公司", "中兴通讯股份有限公司", id="a traditional share company"),
        pytest.param("騰訊控股有限公司", "腾讯控股有限公司", id="holding in traditional characters"),
    ],
)
def test_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Acme Ltd", "Acme Inc", id="another legal form"),
        pytest.param("Acme", "Acme Ltd", id="no legal form"),
        pytest.param("Limited Brands Inc", "Brands Ltd Inc", id="a form word that opens the name"),
        pytest.param("LLC Acme", "JSC Acme", id="another form at the front"),
        pytest.param("LLC Acme", "Acme", id="a form at the front is not nothing"),
        pytest.param("LLC Acme Ltd", "Acme Ltd LLC", id="a form at either end"),
        pytest.param("AO Smith", "Smith AO", id="initials that open the name"),
        pytest.param("Company Acme", "Acme Company", id="a plain word that opens the name"),
        pytest.param("Limited Acme", "Acme Limited", id="limited that opens the name"),
        pytest.param("Acme A V", "Acme AV", id="initials that are no form"),
        pytest.param("Huawei Technologies Co., Ltd.", "Huawei Device Co., Ltd.", id="another company of the group"),
        pytest.param("华为技术有限公司", "华为终端有限公司", id="another Chinese company"),
        pytest.param("Kaspersky Лаборатория", "Kaspersky Laboratoriya", id="another script"),
    ],
)
def test_names_of_different_parties_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("nothing", ["", " ", "...", "—", "''", "*"])
def test_a_name_of_marks_alone_is_nothing(nothing: str) -> None:
    assert normalise(nothing) == ""


FORMS = (
    "LLC JSC Joint Stock Liability C V. de R Co. Co Company "
    "Corp Corporation Limited Ltd. Private Pte Pvt L.L.C. S A. B.V. Public Inc"
)
WORDS = st.sampled_from([*FORMS.split(), "Acme", "A", "and", "&", "O'Neil", "华为", "有限公司", "Groupe*", "É"])


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=7).map(" ".join)))
def test_normalising_twice_is_normalising_once(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_case_never_matters(name: str) -> None:
    assert normalise(name.upper()) == normalise(name.lower())


@given(st.text(max_size=40))
def test_a_normal_form_is_lower_case_words_with_single_spaces(name: str) -> None:
    norm = normalise(name)
    assert norm == " ".join(norm.split())
    assert norm == norm.casefold()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Acme Trading Co., Ltd.", "acme trading", id="trailing form"),
        pytest.param("Acme Ltd Trading", "acme ltd trading", id="a form inside stays"),
        pytest.param("Ltd", "ltd", id="nothing but a form"),
        pytest.param("Limited Liability Company Acme", "acme", id="a form at the front"),
        pytest.param("华为技术有限公司", "华为技术", id="Chinese form"),
        pytest.param("中兴通讯股份有限公司", "中兴通讯", id="longest Chinese form first"),
    ],
)
def test_the_core_of_a_name_is_without_its_legal_form(name: str, expected: str) -> None:
    assert core(normalise(name)) == expected


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        pytest.param("DJI", True, id="three letters"),
        pytest.param("SMIC", True, id="four letters"),
        pytest.param("A B C D", True, id="spaced letters"),
        pytest.param("Baidu", False, id="five letters"),
        pytest.param("百度", True, id="two characters"),
        pytest.param("比亚迪", False, id="three characters"),
    ],
)
def test_short_names_say_too_little_by_themselves(name: str, weak: bool) -> None:
    assert is_weak(normalise(name)) is weak
