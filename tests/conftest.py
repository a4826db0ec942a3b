"""Fixtures that every test may use."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from hypothesis import settings

from beholden.engine import Engine, native

# How long an example takes says how busy the machine is.
settings.register_profile("whatever-the-load", deadline=None)
settings.load_profile("whatever-the-load")

SHARED = Path(os.environ.get("BEHOLDEN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def lacking(message: str) -> NoReturn:
    """Skip what this machine cannot run; with `CI=true`, where nothing may be lacking, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def peer() -> Callable[[str], ModuleType]:
    """A program of other people that checks what we write (`make peers` installs them)."""

    def load(name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except ImportError:
            lacking(f"needs {name}; `make peers` installs it")

    return load


@pytest.fixture(params=list(Engine))
def running(request: pytest.FixtureRequest) -> Engine:
    """Each engine of the kernels in turn."""
    wanted: Engine = request.param
    if wanted is Engine.NATIVE and native() is None:
        lacking("needs the native core: install Rust (cargo 1.88 or newer), then `pip install -e .` again")
    if wanted is Engine.PYTHON and not find_spec("numpy"):
        lacking("needs numpy; `make test` installs it")
    return wanted


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or lacking("needs Chromium (Debian package `chromium`)")


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Path of a file in the shared data folder beside the checkout.

    Where the folder is absent the test is skipped; with `CI=true` its absence is a failure.
    """

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            lacking(f"needs ../shared/{relative}, which is not beside this checkout")
        return path

    return find


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's data directory, and out of other sessions'; one knowledge base per worker."""
    # The folder above is shared: with other workers where there are any, else with every session of this machine.
    home = tmp_path_factory.getbasetemp() / "beholden-home"
    monkeypatch.setenv("BEHOLDEN_HOME", str(home))
