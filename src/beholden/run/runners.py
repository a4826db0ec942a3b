"""The runners by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.run.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.run.interface import Runner

LOCAL, SPARK = RUNNERS = ("local", "spark")


def runner_named(name: str, tables: Sequence[str] = ()) -> Runner:
    """A runner.

    Args:
        name: One of RUNNERS.
        tables: Tables or views of the Spark session to read beside the files.

    Raises:
        UsageError: What it needs is not installed, or it knows no tables.
    """
    if name == SPARK:
        # What it loads is an extra, and large.
        from beholden.run.spark.runner import SparkRunner

        return SparkRunner(tables=dict.fromkeys(tables))
    if tables:
        raise UsageError("tables of Spark are read by its runner", code="run.no-table", hint="add --runner spark")
    return LocalRunner()
