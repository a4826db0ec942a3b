"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("BEHOLDEN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Path of a file in the shared data folder beside the checkout.

    Where the folder is absent the test is skipped; with `CI=true` its absence is a failure.
    """

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            message = f"needs ../shared/{relative}, which is not beside this checkout"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return path

    return find


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's data directory; one knowledge base per session."""
    home = tmp_path_factory.getbasetemp().parent / "beholden-home"
    monkeypatch.setenv("BEHOLDEN_HOME", str(home))
