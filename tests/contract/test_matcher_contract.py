"""What every registered matcher keeps: a pure function of the base and a batch."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.compile import open_core
from beholden.kb.base import KnowledgeBase
from beholden.match import MATCHERS, Matcher
from beholden.schema.match import MATCH, QUERY
from beholden.schema.vocabulary import Kind, Relation

every_matcher = pytest.mark.parametrize("matcher", MATCHERS, ids=lambda matcher: matcher.name)
# One value that somebody in the core base stands behind, per kind that matchers answer.
KNOWN = {
    Kind.CATEGORY: "consumer-router/AX-1",
    Kind.IP: "47.88.1.1",
    Kind.MAC: "44:19:b6:00:00:01",
    Kind.ASN: "AS45102",
    Kind.DOMAIN: "oss-cn-hangzhou.aliyuncs.com",
    Kind.NAME: "Huawei Technologies Co., Ltd.",
    Kind.PURL: "pkg:pypi/dashscope",
    Kind.MODEL: "qwen/qwen2-7b",
}
WORDS = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
# Values are normalised per kind before anyone is asked (schema.observation).
VALUES: dict[Kind, st.SearchStrategy[str]] = {
    Kind.IP: st.ip_addresses().map(str),
    Kind.MAC: st.binary(min_size=6, max_size=6).map(lambda octets: octets.hex(":")),
    Kind.ASN: st.integers(0, 2**32).map("AS{}".format),
    Kind.DOMAIN: st.lists(WORDS, min_size=1, max_size=6).map(".".join),
    Kind.NAME: st.text(max_size=60),
    Kind.PURL: st.lists(WORDS, min_size=2, max_size=5).map(lambda parts: "pkg:" + "/".join(parts)),
    Kind.MODEL: st.lists(WORDS, min_size=2, max_size=2).map("/".join),
}
DAYS = st.none() | st.dates()


def question(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    value = st.just(KNOWN[kind]) | VALUES[kind] if kind in VALUES else st.text(max_size=30)
    relation = st.sampled_from([None, *(relation.value for relation in Relation)])
    return st.fixed_dictionaries(
        {
            "kind": st.just(kind.value),
            "value": value,
            "relation": relation,
            "raw": st.none() | st.text(max_size=30),
            "first_day": DAYS,
            "last_day": DAYS,
        }
    )


QUERIES = st.lists(st.sampled_from(list(Kind)).flatmap(question), max_size=8)


@cache
def core() -> KnowledgeBase:
    return open_core()


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    blank = {"relation": None, "raw": None, "first_day": None, "last_day": None}
    return pa.RecordBatch.from_pylist([{**blank, **row} for row in rows], schema=QUERY)


def known(matcher: Matcher) -> pa.RecordBatch:
    return batch(*({"kind": kind.value, "value": KNOWN[kind]} for kind in sorted(matcher.kinds)))


def test_names_are_unique() -> None:
    names = [matcher.name for matcher in MATCHERS]
    assert len(set(names)) == len(names)


@every_matcher
def test_it_finds_who_stands_behind_a_value_of_each_of_its_kinds(matcher: Matcher) -> None:
    found = matcher.match(core(), known(matcher))
    assert set(found["kind"].to_pylist()) == {kind.value for kind in matcher.kinds}


@every_matcher
def test_answers_have_the_match_schema_and_refer_to_the_question_and_to_entities(matcher: Matcher) -> None:
    asked = known(matcher)
    found = matcher.match(core(), asked)
    assert found.schema.equals(MATCH)
    questions = {(row["kind"], row["value"], row["relation"]) for row in asked.to_pylist()}
    for row in found.to_pylist():
        assert (row["kind"], row["value"], row["asked_relation"]) in questions
        assert core().entity(row["entity_id"]) is not None
        assert row["relation"] in set(Relation)
        assert row["artefact_kind"] in set(Kind)
        assert row["decision"] in ("confirmed", "probable")
        assert 0 < row["score"] <= 1


@every_matcher
def test_no_answer_without_a_path_whose_hops_name_their_source(matcher: Matcher) -> None:
    for row in matcher.match(core(), known(matcher)).to_pylist():
        assert row["hops"]
        assert row["hops"][0]["from"]
        for step in row["hops"]:
            assert core().source(step["source"]) is not None
            assert step["grade"]


@every_matcher
def test_an_empty_batch_gives_an_empty_answer(matcher: Matcher) -> None:
    found = matcher.match(core(), batch())
    assert found.num_rows == 0
    assert found.schema.equals(MATCH)


@every_matcher
def test_kinds_of_others_are_left_alone(matcher: Matcher) -> None:
    others = [kind for kind in Kind if kind not in matcher.kinds]
    asked = batch(*({"kind": kind.value, "value": value} for kind in others for value in KNOWN.values()))
    assert matcher.match(core(), asked).num_rows == 0


@every_matcher
@given(rows=QUERIES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_answer_is_valid_and_the_same_twice_and_in_any_order(
    matcher: Matcher, rows: list[dict[str, Any]]
) -> None:
    distinct = list({(row["kind"], row["value"], row["relation"]): row for row in rows}.values())
    first = matcher.match(core(), batch(*distinct))
    first.validate(full=True)
    assert first.schema.equals(MATCH)
    assert matcher.match(core(), batch(*distinct)).equals(first)
    assert matcher.match(core(), batch(*reversed(distinct))).equals(first)


@every_matcher
def test_a_value_alone_and_among_others_gets_the_same_answer(matcher: Matcher) -> None:
    together = matcher.match(core(), known(matcher)).to_pylist()
    alone = [
        row
        for kind in sorted(matcher.kinds)
        for row in matcher.match(core(), batch({"kind": kind.value, "value": KNOWN[kind]})).to_pylist()
    ]
    assert alone == together


@every_matcher
def test_what_was_seen_before_a_dated_row_held_is_never_confirmed_by_it(matcher: Matcher) -> None:
    long_ago = date(1970, 1, 2)
    asked = batch(
        *(
            {"kind": kind.value, "value": KNOWN[kind], "first_day": long_ago, "last_day": long_ago}
            for kind in sorted(matcher.kinds)
        )
    )
    for row in matcher.match(core(), asked).to_pylist():
        if row["valid_from"] is not None:
            assert row["decision"] == "probable"
            assert row["question"]
