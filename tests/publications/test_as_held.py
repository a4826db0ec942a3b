"""`kb build --as-held`: the base of a past day, and every answer says that it is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.command import run_here
from tests.publications.conftest import SLUG, content

from beholden.compile import open_base
from beholden.compile.opening import home, in_use
from beholden.sources.interface import Source

BEFORE, AFTER = "2020-01-01", str(datetime.now(tz=UTC).date())


@pytest.fixture
def imported(plugged: Callable[..., Source], tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content())
    assert run_here("kb", "import", SLUG, path).code == 0


@pytest.mark.parametrize("day", [BEFORE, AFTER], ids=["nothing-was-held", "something-was-held"])
@pytest.mark.usefixtures("imported")
def test_a_base_of_a_past_day_says_so_in_kb_info_and_answers(day: str) -> None:
    assert run_here("kb", "build", "--as-held", day).code == 0
    told = run_here("kb", "info").out.decode()
    assert f"as held on {day}" in told
    assert "`beholden kb build` takes all" in told
    assert run_here("kb", "info", "--format", "json").document["kb"]["as_held"] == day
    assert f"as held on {day}" in run_here("show", "Huawei").out.decode()
    assert run_here("show", "Huawei", "--format", "json").document["kb"]["as_held"] == day


@pytest.mark.usefixtures("imported")
def test_of_a_day_before_the_first_import_the_packs_answer_until_the_next_build() -> None:
    assert run_here("kb", "build", "--as-held", BEFORE).code == 0
    pointer = in_use(home())
    assert pointer is not None
    assert (pointer.digest, str(pointer.as_held)) == (None, BEFORE)
    assert not [row for row in open_base().sources() if row.id.startswith(SLUG)]
    assert run_here("kb", "verify").code == 0
    assert run_here("kb", "prune", "--dry-run").code == 0
    assert run_here("kb", "build").code == 0
    assert [row.id for row in open_base().sources() if row.id.startswith(SLUG)] == [f"{SLUG}@2026-08-20"]
    assert "as held" not in run_here("kb", "info").out.decode()


def test_a_day_to_come_is_a_usage_error() -> None:
    answer = run_here("kb", "build", "--as-held", "2999-01-01")
    assert answer.code == 2
    assert "2999-01-01 is to come" in answer.err
