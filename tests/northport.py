"""The example organisation, scanned once for all tests that need a real run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

from tests.builders_result import make_result, sample_result

from beholden.compile import open_core
from beholden.policy.profile import read_profile
from beholden.run.assess import assess
from beholden.schema.assessment import Assessment

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "northport"


@cache
def northport() -> Assessment:
    """The run of the README."""
    return assess([EXAMPLE], open_core(), read_profile(EXAMPLE / "beholden.toml"), as_of=date(2026, 8, 1))


# By name, so that nothing is scanned, and no home made, before a test runs.
RUNS: dict[str, Callable[[], Assessment]] = {
    "northport": northport,
    "sample": lambda: Assessment(sample_result()),
    "empty": lambda: Assessment(make_result()),
}
