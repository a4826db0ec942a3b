"""Reading once and judging several times."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.builders import core_kb
from tests.northport import EXAMPLE

from beholden.policy.profile import read_profile
from beholden.report.json import encode
from beholden.run.assess import assess, judge, observe, resolve


def test_inputs_read_once_may_be_judged_on_several_days_as_if_read_for_each() -> None:
    profile = read_profile(EXAMPLE / "beholden.toml")
    kb = core_kb()
    resolved = resolve(observe([EXAMPLE], kb, profile), kb)
    for text in ("2026-08-01", "2026-02-01", "2026-08-01"):
        as_of = date.fromisoformat(text)
        once = judge(resolved, kb, profile, as_of=as_of, known_at=None)
        alone = assess([Path(EXAMPLE)], kb, profile, as_of=as_of)
        assert encode(once.result) == encode(alone.result)
        assert once.evidence.equals(alone.evidence)
        assert once.has_rejects == alone.has_rejects
