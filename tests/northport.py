"""The example organisation, scanned once for all tests that need a real run."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from beholden.compile import open_core
from beholden.policy.profile import read_profile
from beholden.run.assess import assess
from beholden.schema.assessment import Assessment

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "northport"


@cache
def northport() -> Assessment:
    """The run of the README."""
    return assess([EXAMPLE], open_core(), read_profile(EXAMPLE / "beholden.toml"), as_of=date(2026, 8, 1))
