"""Reading once and judging several times."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.builders import core_kb
from tests.northport import EXAMPLE

from beholden.policy.profile import Profile, read_profile
from beholden.report.json import encode
from beholden.run.assess import assess, judge, observe, resolve
from beholden.schema.vocabulary import Role


def test_inputs_read_once_may_be_judged_on_several_days_as_if_read_for_each() -> None:
    profile = read_profile(EXAMPLE / "beholden.toml")
    kb = core_kb()
    resolved = resolve(observe([EXAMPLE], [kb], profile), kb)
    for text in ("2026-08-01", "2026-02-01", "2026-08-01"):
        as_of = date.fromisoformat(text)
        once = judge(resolved, kb, profile, as_of=as_of, known_at=None)
        alone = assess([Path(EXAMPLE)], kb, profile, as_of=as_of)
        assert encode(once.result) == encode(alone.result)
        assert once.evidence.equals(alone.evidence)
        assert once.has_rejects == alone.has_rejects


def test_a_category_that_no_entry_names_is_told_with_those_there_are(tmp_path: Path) -> None:
    register = tmp_path / "products.csv"
    register.write_text(
        "product,category,made in,we\n"
        "R7,router,vn,sell\nR8,Consumer Routers,vn,sell\nD3,drone,cn,sell\nD4,drone,cn,sell\n"
    )
    kb, profile = core_kb(), Profile(roles=frozenset({Role.US_PERSON}))
    result = assess([register], kb, profile, as_of=date(2026, 8, 1)).result
    assert {finding.artefact.value for finding in result.findings} == {"consumer-router/R8"}
    (row,) = [row for row in result.coverage if row.file.endswith("products.csv")]
    known = "advanced-robotic-device, consumer-router, power-inverter, uas, uas-critical-component"
    assert row.notes == [f"Categories that are in no entry of the base: drone, router; known: {known}."]
    then = assess([register], kb, profile, as_of=date(2026, 3, 1), known_at=date(2026, 3, 1)).result
    assert [row.notes[0].partition("known: ")[2] for row in then.coverage if row.notes] == [
        "uas, uas-critical-component."
    ]
