"""Which engine runs the inner loops: the native core, or the Python reference with the same rows.

The native core (`beholden._native`, source in `native/`) is optional: the package installs without a Rust toolchain.
Nothing heavy is imported here; see docs/adr/0017-native-core.md.
"""

from __future__ import annotations

import importlib
import os
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from beholden.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

VARIABLE = "BEHOLDEN_ENGINE"


class Engine(StrEnum):
    """What runs the inner loops."""

    NATIVE = "native"
    PYTHON = "python"


def engine() -> Engine:
    """Which engine runs: native where it is installed, unless `BEHOLDEN_ENGINE=python`.

    Raises:
        UsageError: `BEHOLDEN_ENGINE` says anything else.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted == Engine.PYTHON:
        return Engine.PYTHON
    if wanted is not None:
        raise UsageError(
            f"{VARIABLE} is {wanted!r}",
            code="engine.unknown",
            hint=f"`{Engine.PYTHON}` keeps compiled code out; unset, the native engine runs where it is installed",
        )
    return Engine.PYTHON if native() is None else Engine.NATIVE


@cache
def native() -> ModuleType | None:
    """The native core, where it is installed. What should run is for `engine` to say."""
    try:
        return importlib.import_module("beholden._native")
    except ImportError:
        return None


def told() -> str:
    """The engine and, where it is not the native one, why: `engine=native`."""
    running = engine()
    if running is Engine.NATIVE:
        return f"engine={running}"
    reason = f"{VARIABLE}={Engine.PYTHON}" if VARIABLE in os.environ else "the native core is not installed"
    return f"engine={running} ({reason})"
