"""Which engine runs, and what is said about it."""

from __future__ import annotations

import sys

import pytest
from tests.command import run_process

from beholden import engine
from beholden.errors import UsageError


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    engine.native.cache_clear()


def test_the_native_engine_runs_where_it_is_installed(running: engine.Engine) -> None:
    if running is engine.Engine.NATIVE:
        assert engine.engine() is running
        assert engine.told() == "engine=native"


def test_without_the_native_core_the_reference_runs_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "beholden._native", None)
    assert engine.engine() is engine.Engine.PYTHON
    assert engine.told().startswith("engine=python (the native core is not installed)")


def test_the_reference_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.VARIABLE, "python")
    assert engine.engine() is engine.Engine.PYTHON
    assert engine.told().startswith("engine=python (BEHOLDEN_ENGINE=python)")


@pytest.mark.parametrize("value", ["", "native", "rust", "PYTHON", " python"])
def test_any_other_engine_is_an_error_of_usage(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.VARIABLE, value)
    with pytest.raises(UsageError, match="BEHOLDEN_ENGINE") as raised:
        engine.engine()
    assert raised.value.code == "engine.unknown"


def test_the_command_line_tells_the_engine() -> None:
    forced = run_process("--version", "--verbose", env={"BEHOLDEN_ENGINE": "python"})
    assert forced.out.decode().splitlines()[1].startswith("engine=python (")
    wrong = run_process("--version", "--verbose", env={"BEHOLDEN_ENGINE": "fast"})
    assert wrong.code == 2
    assert "[engine.unknown]" in wrong.err
