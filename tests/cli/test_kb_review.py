"""`kb review`: pairs with both sides; a decision changes the base at once, and taking it back gives the base before."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import invented_lists
from tests.command import Answer, run_here

from beholden.compile import Decision, open_base, redecide, without_last
from beholden.errors import UsageError
from beholden.report.schema import document_schema
from beholden.run import review as reviewing

ONE = """
1;Company;Example Trading Company Limited;hk
2;Company;Sample Shipping Limited;gb;lei=5493001KJTIIGC8Y1R12
3;Person;Maria Exemplar;1970-01-31
4;Company;Placeholder Metals Limited
5;Person;Invented Holdings Limited;;inn=7707083893
"""
OTHER = """
1;Company;EXAMPLE TRADING CO., LTD;hk
2;Company;Sample Shipping Limited;gb;lei=213800D1EI4B9WTWWD28
3;Person;Maria Exemplar;1970-01-31
4;Company;Placeholder Metals Limited
5;Company;Invented Holdings Limited;;inn=7707083893
6;Company;Metalworks of Example Incorporated
"""
WEAK = {("xx:1", "yy:1"), ("xx:3", "yy:3")}
APART = {("xx:2", "yy:2"), ("xx:5", "yy:5")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that holds both lists, made once; their importers stay installed meanwhile."""
    folder = tmp_path_factory.mktemp("lists")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEHOLDEN_HOME", str(folder / "home"))
        invented_lists.install(folder / "plugged", patch)
        for slug, text in zip(invented_lists.SLUGS, (ONE, OTHER), strict=True):
            file = folder / f"{slug}.csv"
            file.write_text(text.lstrip(), encoding="utf-8")
            answer = run_here("kb", "import", slug, file, "--edition", "2026-08-01")
            assert answer.code == 0, answer.err + answer.out.decode()
        yield folder / "home"


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own that holds both lists."""
    place = tmp_path / "home"
    shutil.copytree(made, place)
    monkeypatch.setenv("BEHOLDEN_HOME", str(place))
    return place


def review(*arguments: str) -> dict[str, Any]:
    answer = run_here("kb", "review", *arguments, "--format", "json")
    assert answer.code == 0, answer.err
    jsonschema.validate(answer.document, document_schema("kb-review"))
    return answer.document


def refused(*arguments: str) -> Answer:
    answer = run_here("kb", "review", *arguments)
    assert answer.out == b""
    return answer


def ids(pair: dict[str, Any]) -> tuple[str, str]:
    one, other = sorted(side["id"] for side in pair["sides"])
    return one, other


def listed(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {ids(pair) for pair in document["pairs"]}


def pair_of(document: dict[str, Any], *names: str) -> dict[str, Any]:
    (found,) = [pair for pair in document["pairs"] if ids(pair) == names]
    assert isinstance(found, dict)
    return found


# --- looking ----------------------------------------------------------------------------------------------------------


def test_doubtful_are_those_that_a_name_and_a_place_joined_and_those_that_something_kept_apart(home: Path) -> None:
    document = review()
    assert listed(document) == WEAK | APART
    assert {ids(pair) for pair in document["pairs"] if pair["standing"] == "joined"} == WEAK
    assert (document["command"], document["total"], document["more"], document["decided"]) == ("kb review", 4, False, 0)


def test_a_joined_pair_shows_what_each_id_said_before(home: Path) -> None:
    pair = pair_of(review(), "xx:1", "yy:1")
    assert (pair["rule"], pair["entity"]) == ("name_and_more", "xx:1")
    assert [side["names"] for side in pair["sides"]] == [
        ["Example Trading Company Limited"],
        ["EXAMPLE TRADING CO., LTD"],
    ]
    assert [side["jurisdictions"] for side in pair["sides"]] == [["hk"], ["hk"]]
    assert [side["lists"] for side in pair["sides"]] == [
        ["xx-first-list: Example Trading Company Limited"],
        ["yy-second-list: EXAMPLE TRADING CO., LTD"],
    ]
    assert "are both of hk" in pair["speaks_for"][0]


def test_a_pair_kept_apart_shows_what_speaks_for_and_against(home: Path) -> None:
    leis = pair_of(review(), "xx:2", "yy:2")
    assert "both called “Sample Shipping Limited”" in leis["speaks_for"][0]
    assert leis["speaks_against"] == ["their lei differs: 5493001KJTIIGC8Y1R12 and 213800D1EI4B9WTWWD28"]
    assert [side["identifiers"] for side in leis["sides"]] == [
        ["lei 5493001KJTIIGC8Y1R12"],
        ["lei 213800D1EI4B9WTWWD28"],
    ]
    sorts = pair_of(review(), "xx:5", "yy:5")
    assert "both have the inn 7707083893" in sorts["speaks_for"][0]
    assert sorts["speaks_against"] == ["one is a organisation and one a person"]


def test_a_name_alone_joins_nothing_and_is_shown_when_asked_for(home: Path) -> None:
    document = review("--show", "names")
    assert listed(document) == {("xx:4", "yy:4")}
    assert document["total"] is None
    pair = pair_of(document, "xx:4", "yy:4")
    assert (pair["standing"], pair["rule"]) == ("kept_apart", "same_name")
    assert pair["speaks_against"] == ["a name alone joins nothing"]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        pytest.param("yy:1", {("xx:1", "yy:1")}, id="an-id-that-was-merged"),
        pytest.param("xx:2", {("xx:2", "yy:2")}, id="an-id"),
        pytest.param("maria exemplar", {("xx:3", "yy:3")}, id="a-name"),
        pytest.param("shipping", {("xx:2", "yy:2")}, id="a-word"),
        pytest.param("7707083893", {("xx:5", "yy:5")}, id="an-identifier"),
    ],
)
def test_what_it_is_about_narrows_it_down(about: str, expected: set[tuple[str, str]], home: Path) -> None:
    assert listed(review(about)) == expected


def test_the_command_that_answers_name_shows_what_has_a_name_in_common(home: Path) -> None:
    # `show` and `scan` print `kb review xx:4` where nothing but the name says that the two may be one.
    told = run_here("show", "xx:4").out.decode()
    assert "beholden kb review xx:4" in told
    document = review("xx:4")
    assert (document["show"], listed(document)) == ("open", {("xx:4", "yy:4")})
    assert "--same xx:4 yy:4 --reason TEXT" in run_here("kb", "review", "xx:4").out.decode()


def test_about_a_party_those_with_more_than_a_name_in_common_come_first(home: Path) -> None:
    everything = review("--show", "open", "--limit", "100")
    assert listed(everything) == WEAK | APART | {("xx:4", "yy:4")}
    assert everything["pairs"][-1]["rule"] == "same_name"
    assert listed(review("xx:4", "--show", "doubtful")) == set()


def test_nothing_of_that_name_is_said(home: Path) -> None:
    answer = refused("Nobody Whatever Ever")
    assert (answer.code, "show.not-found" in answer.err) == (5, True)


def test_pages_are_whole_and_do_not_overlap(home: Path) -> None:
    pages = [review("--limit", "3", "--page", page) for page in ("1", "2")]
    assert [len(page["pairs"]) for page in pages] == [3, 1]
    assert [page["more"] for page in pages] == [True, False]
    assert listed(pages[0]) | listed(pages[1]) == WEAK | APART
    assert review("--limit", "1", "--show", "names")["more"] is False


def test_the_text_says_both_sides_and_how_to_decide(home: Path) -> None:
    shown = run_here("kb", "review", "xx:2").out.decode()
    assert "1. kept apart (declined)" in shown
    assert "   xx:2  Sample Shipping Limited (Company, GB)" in shown
    assert "   for two: their lei differs" in shown
    assert "--same xx:2 yy:2 --reason TEXT" in shown


def test_without_publications_there_is_nothing_to_look_at_or_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "empty"))
    assert review()["pairs"] == []
    answer = refused("--same", "hikvision", "alibaba", "--reason", "a test")
    assert (answer.code, "review.nothing-held" in answer.err) == (2, True)
    assert not (tmp_path / "empty" / "decisions.toml").exists()


# --- deciding ---------------------------------------------------------------------------------------------------------


def digest() -> str:
    return open_base().digest


def test_a_decision_joins_and_taking_it_back_gives_the_same_base(home: Path) -> None:
    before = digest()
    document = review("--same", "xx:2", "yy:2", "--reason", "the register tells of a new number", "--by", "A. Reviewer")
    assert (document["done"], document["decision"]["decided"]) == ("same", "same")
    assert digest() == document["kb"]["digest"] != before
    assert open_base().canonical("yy:2") == "xx:2"
    pair = pair_of(document, "xx:2", "yy:2")
    assert pair["standing"] == "joined"
    assert pair["decision"]["because"] == "the register tells of a new number"
    assert "their lei differs" in pair["speaks_against"][0]
    assert listed(review("--show", "decided")) == {("xx:2", "yy:2")}
    assert listed(review()) == WEAK | APART - {("xx:2", "yy:2")}
    assert review("--undo", "yy:2", "xx:2")["done"] == "undone"
    assert digest() == before


def test_a_decision_separates_and_taking_it_back_gives_the_same_base(home: Path) -> None:
    before = digest()
    document = review("--apart", "xx:1", "yy:1", "--reason", "founded twenty years apart")
    pair = pair_of(document, "xx:1", "yy:1")
    assert (pair["standing"], pair["speaks_against"]) == ("kept_apart", [])
    assert pair["decision"]["because"] == "founded twenty years apart"
    assert "both of hk" in pair["speaks_for"][0]
    assert open_base().entity("yy:1") is not None
    review("--undo", "xx:1", "yy:1")
    assert digest() == before


def test_a_later_decision_counts_and_the_earlier_one_is_kept(home: Path) -> None:
    review("--same", "xx:4", "yy:4", "--reason", "first thought")
    document = review("--apart", "xx:4", "yy:4", "--reason", "second thought")
    pair = pair_of(document, "xx:4", "yy:4")
    assert pair["standing"] == "kept_apart"
    assert [item["because"] for item in pair["earlier"]] == ["first thought"]
    review("--undo", "xx:4", "yy:4")
    assert open_base().canonical("yy:4") == "xx:4"


def test_a_decision_outlives_the_ids_under_which_it_was_made(home: Path) -> None:
    review("--apart", "yy:1", "yy:4", "--reason", "two houses")
    # By now yy:1 is xx:1.
    assert review("--undo", "xx:1", "yy:4")["done"] == "undone"


def test_the_file_says_who_decided_what_and_when(home: Path) -> None:
    review("--same", "xx:4", "yy:4", "--reason", 'quoted "here"\t', "--by", "A. Reviewer")
    (item,) = tomllib.loads((home / "decisions.toml").read_text(encoding="utf-8"))["decision"]
    assert {key: value for key, value in item.items() if key != "on"} == {
        "one": "xx:4",
        "other": "yy:4",
        "decided": "same",
        "because": 'quoted "here"',
        "by": "A. Reviewer",
    }


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        pytest.param(("--same", "xx:1", "yy:1"), 2, "--reason", id="no-reason"),
        pytest.param(("--same", "xx:1", "yy:1", "--reason", " "), 2, "--reason", id="an-empty-reason"),
        pytest.param(("--same", "xx:1", "xx:1", "--reason", "a"), 2, "two ids", id="one-id"),
        pytest.param(("--same", "xx:1", "xx:99", "--reason", "a"), 5, "review.unknown-id", id="an-unknown-id"),
        pytest.param(("--undo", "xx:1", "yy:1"), 5, "review.no-decision", id="nothing-to-undo"),
        pytest.param(("--reason", "a"), 2, "--same or --apart", id="a-reason-for-nothing"),
        pytest.param(("xx:1", "--undo", "xx:1", "yy:1"), 2, "looking", id="about-and-undo"),
        pytest.param(("--same", "xx:1", "yy:1", "--apart", "xx:1", "yy:1", "--reason", "a"), 2, "at a time", id="both"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, why: str, home: Path
) -> None:
    before = digest()
    answer = refused(*arguments)
    assert (answer.code, why in answer.err) == (code, True), answer.err
    assert not (home / "decisions.toml").exists()
    assert digest() == before


def test_a_decision_that_others_contradict_is_refused(home: Path) -> None:
    review("--same", "xx:2", "yy:2", "--reason", "a")
    review("--apart", "xx:4", "yy:2", "--reason", "b")
    before = digest(), (home / "decisions.toml").read_bytes()
    # It could stand itself, but then the first one could not.
    answer = refused("--same", "xx:4", "xx:2", "--reason", "c")
    assert (answer.code, "review.contradiction" in answer.err) == (2, True)
    assert (digest(), (home / "decisions.toml").read_bytes()) == before


def test_a_base_that_cannot_be_built_leaves_decisions_and_base_as_they_are(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest()

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys.modules["beholden.compile.renewal"], "place", fails)
    answer = refused("--same", "xx:4", "yy:4", "--reason", "a")
    monkeypatch.undo()
    monkeypatch.setenv("BEHOLDEN_HOME", str(home))
    assert (answer.code, "kb.unwritable" in answer.err) == (4, True)
    assert not (home / "decisions.toml").exists()
    assert digest() == before


def test_a_damaged_file_of_decisions_is_never_taken_for_none(home: Path) -> None:
    (home / "decisions.toml").write_text("[[decision]]\none = 1\n", encoding="utf-8")
    for command in (("kb", "review"), ("kb", "build")):
        answer = run_here(*command)
        assert (answer.code, "review.decisions" in answer.err) == (2, True)


_IDS = st.sampled_from([f"{side}:{number}" for side in ("xx", "yy") for number in range(1, 6)])
_PAIRS = st.lists(_IDS, min_size=2, max_size=2, unique=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_PAIRS, st.sampled_from(["same", "apart"])), min_size=1, max_size=3))
def test_whatever_was_decided_undone_in_any_order_gives_the_base_before(
    home: Path, made: list[tuple[list[str], str]]
) -> None:
    before = digest()
    stood: list[Decision] = []
    for pair, what in made:
        decision = Decision(one=pair[0], other=pair[1], decided=what, because="drawn")  # type: ignore[arg-type]
        try:
            redecide(home, lambda known, new=decision: [*known, new])  # type: ignore[misc]
            stood.append(decision)
        except UsageError:
            continue  # it contradicts those before
    for decision in stood:
        redecide(home, lambda known, old=decision: without_last(known, old.pair))  # type: ignore[misc]
    assert digest() == before


def test_every_way_of_looking_is_offered() -> None:
    from beholden.cli.kb_review import _SHOWN

    assert _SHOWN == reviewing.SHOWN


# --- ids live on ------------------------------------------------------------------------------------------------------

OVERLAY = """
[defaults]
source_id = "own-rule"
grade = "A"
published_at = 2026-01-01

[[sources]]
id = "own-rule"
title = "A rule of a test"
date = 2026-01-01
class = "official text"

[[consequences]]
id = "own-rule-orders"
regime_id = "yy-second-list"
title = "No orders"
binds = ["us-person"]
conduct = ["procure", "pay"]
effect = "prohibit"
applies_from = 2026-01-01
ownership = "none"
citation = "A rule of a test, 1"

[[ownership]]
owner_id = "yy:4"
owned_id = "yy:6"
percentage = 60
"""
PROFILE = '[organisation]\nname = "Northport"\nroles = ["us-person"]\n\n[[overlay]]\npath = "rule.toml"\n'
LEDGER = "date,vendor,amount,currency\n2026-08-01,Metalworks of Example Incorporated,1200.00,USD\n"
WAIVER = (
    '[[waiver]]\n{which}\nreason = "a test"\nowner = "A"\napprover = "B"\ncreated = 2026-01-01\nexpires = 2027-01-01\n'
)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A ledger that pays yy:6, with a rule keyed to its list."""
    folder = tmp_path / "records"
    folder.mkdir()
    for name, text in (("beholden.toml", PROFILE), ("rule.toml", OVERLAY), ("ledger.csv", LEDGER)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def scanned(folder: Path, *more: str | Path) -> dict[str, Any]:
    answer = run_here("scan", folder, "--as-of", "2026-08-01", "--allow-incomplete", "--format", "json", *more)
    assert answer.code in (0, 1), answer.err
    return answer.document


def the_finding(document: dict[str, Any]) -> dict[str, Any]:
    on_it = [row for row in document["findings"] if row["listing"]["regime"] == "yy-second-list"]
    (finding,) = [row for row in on_it if row["operator"] == row["listed_entity"]]
    assert isinstance(finding, dict)
    return finding


def merge() -> None:
    review("--same", "xx:4", "yy:6", "--reason", "the works were renamed")


def test_a_vendor_list_of_one_s_own_lowers_no_finding_until_somebody_says_that_they_are_two(
    home: Path, records: Path
) -> None:
    before = the_finding(scanned(records))
    assert (before["level"], before["match"]["decision"]) == ("prohibited", "confirmed")
    own = records.parent / "own.csv"
    own.write_text("id,schema,name\n17,Company,Metalworks of Example Incorporated\n", encoding="utf-8")
    assert run_here("kb", "import", "in_house", own).code == 0
    document = scanned(records)
    assert the_finding(document)["level"] == "prohibited"
    assert the_finding(document)["id"] == before["id"]
    (undecided,) = [row for row in document["undecided"] if row["entity"]["id"] == "in_house:17"]
    assert [entry["id"] for entry in undecided["entries"]] == ["yy:6"]
    told = run_here("scan", records, "--as-of", "2026-08-01", "--allow-incomplete").out.decode()
    assert "beholden kb review in_house:17" in told
    assert listed(review("in_house:17")) == {("in_house:17", "yy:6")}
    review("--apart", "in_house:17", "yy:6", "--reason", "ours makes furniture")
    after = the_finding(scanned(records))
    assert (after["level"], after["level_if_confirmed"]) == ("review", "prohibited")


def test_show_finds_a_party_by_the_id_it_had(home: Path) -> None:
    merge()
    document = run_here("show", "yy:6", "--format", "json").document
    assert document["entity"]["id"] == "xx:4"
    assert document["entity"]["referents"] == ["yy:6"]
    assert {row["name"] for row in document["entity"]["names"]} >= {
        "Placeholder Metals Limited",
        "Metalworks of Example Incorporated",
    }
    assert "also known here as: yy:6" in run_here("show", "xx:4").out.decode()


def test_a_finding_carries_the_id_it_had_and_all_that_names_it_goes_on(home: Path, records: Path) -> None:
    before = the_finding(scanned(records, "-o", records.parent / "before.json"))
    assert before["listed_entity"]["id"] == "yy:6"
    merge()
    waivers = records.parent / "waivers.toml"
    waivers.write_text(WAIVER.format(which=f'id = "{before["id"]}"'), encoding="utf-8")
    document = scanned(records, "--baseline", records.parent / "before.json", "--waivers", waivers)
    after = the_finding(document)
    assert after["listed_entity"]["id"] == "xx:4"
    assert after["id"] != before["id"]
    assert before["id"] in after["previous_ids"]
    assert after["level"] == before["level"] == "prohibited"
    assert (after["baseline"], document["baseline"]["gone"]) == ("unchanged", [])
    assert after["waiver"]["active"] is True
    explained = run_here("explain", before["id"], "--format", "json").document
    assert explained["finding"]["id"] == after["id"]


def test_a_comparison_of_results_joins_the_finding_of_before_and_after(home: Path, records: Path) -> None:
    results = [records.parent / name for name in ("before.json", "after.json")]
    scanned(records, "-o", results[0])
    merge()
    scanned(records, "-o", results[1])
    document = run_here("diff", *results, "--format", "json").document
    assert document["gone"] == []
    # The other list is new for the party, and the finding of this one is the same.
    assert {row["listing"]["regime"] for row in document["added"]} == {"xx-first-list"}


@pytest.mark.parametrize("facet", ["operator", "listed_entity", None])
def test_a_waiver_whose_pattern_names_the_id_of_before_holds(facet: str | None, home: Path, records: Path) -> None:
    merge()
    which = 'pattern = "yy:6"' if facet is None else f'pattern = {{ {facet} = "yy:6" }}'
    waivers = records.parent / "waivers.toml"
    waivers.write_text(WAIVER.format(which=which), encoding="utf-8")
    document = scanned(records, "--waivers", waivers)
    assert the_finding(document)["waiver"]["active"] is True
    waivers.write_text(WAIVER.format(which=which.replace("yy:6", "yy:1")), encoding="utf-8")
    assert the_finding(scanned(records, "--waivers", waivers))["waiver"] is None


def test_an_in_house_pack_may_name_the_id_of_before(home: Path, records: Path) -> None:
    merge()
    document = run_here("show", "yy:6", "--profile", records / "beholden.toml", "--format", "json").document
    assert [row["entity"]["id"] for row in document["owners"]] == ["yy:4"]


def test_a_result_of_before_is_held_against_the_base_of_after(home: Path, records: Path) -> None:
    before = digest()
    scanned(records, "-o", records.parent / "before.json")
    merge()
    answer = run_here(
        "kb", "diff", before[:16], "current", "--result", records.parent / "before.json", "--format", "json"
    )
    result = answer.document["result"]
    assert (result["not_held"], result["by_change"].get("missing")) == ([], None)


def test_taken_back_the_finding_has_its_id_again(home: Path, records: Path) -> None:
    before = the_finding(scanned(records))
    merge()
    review("--undo", "xx:4", "yy:6")
    assert the_finding(scanned(records)) == before


def test_what_is_doubtful_says_how_to_see_the_pairs_with_nothing_but_a_name(home: Path) -> None:
    hint = "with nothing but a name in common, such as a vendor of yours and an entry: --show open"
    assert hint in run_here("kb", "review").out.decode()
    assert hint not in run_here("kb", "review", "--show", "open").out.decode()
