"""A short run of the fuzzer, the same each time; `python -m tests.fuzz` runs for hours."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz.cases import Case, files
from tests.fuzz.judge import judge
from tests.fuzz.record import Record
from tests.fuzz.seeds import layouts

CASES_EACH = 20


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken in here has to outlive no power cut."""
    monkeypatch.setattr("os.fsync", lambda _: None)


@pytest.mark.parametrize(("slug", "layout"), [pytest.param(*item, id=f"{item[0]}-{item[1]}") for item in layouts()])
def test_mutated_files_give_valid_rows_or_a_documented_error(slug: str, layout: str, tmp_path: Path) -> None:
    failures = {}
    for seed in range(CASES_EACH):
        case = Case(slug, layout, seed)
        # Parts of real files would make it depend on what lies beside the checkout.
        verdict = judge(slug, files(case, with_real=False), tmp_path / "case", is_compiled=case.is_compiled)
        if verdict.failures:
            failures[str(case)] = verdict.failures
    assert failures == {}


@pytest.mark.parametrize(("slug", "layout"), [pytest.param(*item, id=f"{item[0]}-{item[1]}") for item in layouts()])
def test_a_case_is_the_same_bytes_each_time_and_differs_from_the_excerpt(slug: str, layout: str) -> None:
    case = Case.called(f"{slug}/{layout}/3")
    assert files(case, with_real=False) == files(case, with_real=False)
    others = {files(Case(slug, layout, seed), with_real=False) for seed in range(12)}
    assert len(others) > 8


def test_a_run_goes_on_where_its_record_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    line = {
        "layout": "x/y",
        "following": 40,
        "cases": 40,
        "cpu_s": 1.5,
        "ended": {"rows": 39, "failure": 1},
        "rows": 100,
        "rejects": 2,
        "failures": [{"case": "x/y/7", "what": "exception"}],
        "most_mib": 3.0,
        "most_s": 0.2,
    }
    record = Record(path)
    record.add(line)
    record.add({**line, "following": 80, "failures": []})
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"layout": "x/y", "foll')
    again = Record(path)
    assert again.cpu_s == 3.0
    assert (again.tally("x/y").following, again.tally("x/y").cases, again.tally("x/y").failed) == (80, 80, ["x/y/7"])
    assert again.tally("x/z").following == 0
