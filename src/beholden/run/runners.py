"""The runners by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.run.local import LocalRunner

if TYPE_CHECKING:
    from beholden.run.interface import Runner

LOCAL, SPARK = RUNNERS = ("local", "spark")


def runner_named(name: str) -> Runner:
    """A runner.

    Args:
        name: One of RUNNERS.

    Raises:
        UsageError: What it needs is not installed.
    """
    if name == SPARK:
        # What it loads is an extra, and large.
        from beholden.run.spark.runner import SparkRunner

        return SparkRunner()
    return LocalRunner()
