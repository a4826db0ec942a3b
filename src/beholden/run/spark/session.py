"""The Spark session: the one that is configured, or one on this machine that nobody else can reach."""

from __future__ import annotations

import atexit
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from beholden.errors import RunError, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Text logs that are longer are read in slices of so many bytes.
SLICE_BYTES = "spark.beholden.sliceBytes"
_SLICE_BYTES = 128 * 1024 * 1024
# Where Spark runs on this machine only, whatever the user did not set himself.
_ON_THIS_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
}


def require_pyspark() -> None:
    """See that the extra is there, without loading it.

    Raises:
        UsageError: It is not.
    """
    if find_spec("pyspark") is None:
        raise UsageError(
            "PySpark is not installed",
            code="run.no-spark",
            hint="pip install 'beholden[spark]'; it also needs Java 17 or newer",
        )


def session() -> SparkSession:
    """The active session, or a new one by `spark-submit`, `spark-defaults.conf` or PYSPARK_SUBMIT_ARGS.

    Where none of these names a master, Spark runs in processes of this machine that listen on 127.0.0.1 only.

    Raises:
        RunError: Spark does not start, most often because there is no Java.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    try:
        if SparkContext._active_spark_context is None:
            # Only Java reads what configures Spark.
            SparkContext._ensure_initialized()
        # Java says that it is a shell, and would draw over what we say.
        builder = SparkSession.builder.appName("beholden").config("spark.ui.showConsoleProgress", "false")
        configured = SparkConf()
        if configured.get("spark.master", "local[*]").startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            for name, value in _ON_THIS_MACHINE.items():
                if not configured.contains(name):
                    builder = builder.config(name, value)
        started = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise RunError(
            f"Spark does not start: {error}", code="run.spark-does-not-start", hint="it needs Java 17 or newer"
        ) from error
    # Ours: executors that lose their driver would say so at length.
    atexit.register(started.stop)
    return started


def slice_bytes(spark: SparkSession) -> int:
    """How large slices of text logs are.

    Raises:
        UsageError: What is configured is no number of bytes.
    """
    told = spark.conf.get(SLICE_BYTES, str(_SLICE_BYTES)) or ""
    if not told.isdecimal() or not int(told):
        raise UsageError(f"{SLICE_BYTES} is {told!r}; expected a number of bytes", code="run.wrong-setting")
    return int(told)
