"""No regime ships without its table."""

from __future__ import annotations

from pathlib import Path

from beholden.compile import open_core


def test_every_regime_of_the_core_base_has_a_table_and_no_table_is_of_another() -> None:
    tables = {file.stem for file in Path(__file__).parent.glob("*.toml")}
    assert tables == set(open_core().regimes)
