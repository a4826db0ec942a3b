"""The Spark runner in executor processes of its own: what it finds is what the local runner finds, byte by byte."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import core_kb
from tests.command import run_here
from tests.conftest import lacking
from tests.run.many_logs import PROFILE, write_logs, write_table

from beholden.errors import RunError
from beholden.policy.profile import Profile, read_profile
from beholden.report.interface import RenderOptions
from beholden.report.json import JsonReport
from beholden.run.assess import assess
from beholden.run.interface import Runner
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.source import Source
from beholden.schema.assessment import Assessment
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

# One session serves all: it takes longer to start than all that is asked of it.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]
SLICE_BYTES = 4096


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A session with two executors, each a process of its own."""
    if find_spec("pyspark") is None or find_spec("pandas") is None:
        lacking("needs pyspark; `make peers` installs it")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        lacking("needs Java 17 (Debian package `openjdk-17-jre-headless`)")
    from beholden.run.spark.session import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", "--master local-cluster[2,1,2048] pyspark-shell")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        # The machine's own name need not lead to it.
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_HOSTNAME", "localhost")
        found = session()
        yield found
        found.stop()


@pytest.fixture
def runner(spark: SparkSession) -> Runner:
    from beholden.run.spark.runner import SparkRunner

    return SparkRunner(SLICE_BYTES)


def assessed(folder: Path, runner: Runner | None, given: str | None = None, **options: Any) -> Assessment:
    profile = folder / "beholden.toml"
    ours = read_profile(profile) if profile.exists() else Profile()
    return assess([given or folder], core_kb(), ours, as_of=date(2026, 8, 1), runner=runner, **options)


def as_bytes(assessment: Assessment) -> bytes:
    return JsonReport().render(assessment, RenderOptions(show_personal=True))[""]


def assert_same(here: Assessment, there: Assessment) -> None:
    assert as_bytes(there) == as_bytes(here)
    assert there.evidence.equals(here.evidence)
    assert there.has_rejects is here.has_rejects


def test_logs_of_many_kinds_come_to_the_same_bytes(runner: Runner, tmp_path: Path) -> None:
    write_logs(tmp_path)
    here = assessed(tmp_path, None)
    statuses = {row.file: row.status for row in here.result.coverage}
    assert set(statuses.values()) == {"read", "partial", "no_reader"}, statuses
    kinds = {finding.artefact.kind for finding in here.result.findings}
    assert {"asn", "domain", "name"} <= kinds, kinds
    assert_same(here, assessed(tmp_path, runner))


def test_standard_input_has_its_place_among_the_files(runner: Runner, tmp_path: Path) -> None:
    logs, given = tmp_path / "logs", tmp_path / "given.log"
    logs.mkdir()
    write_logs(logs)
    # Only logs that tell no names are judged in executors.
    chosen = [logs / "vpc" / name for name in ("joined.log", "default.log")]
    given.write_bytes(chosen[0].read_bytes())
    here, there = (
        assess([*chosen, "-"], core_kb(), Profile(), as_of=date(2026, 8, 1), runner=reader, standard_input=given)
        for reader in (None, runner)
    )
    assert_same(here, there)


def test_the_command_writes_the_same_with_either_runner(spark: SparkSession, tmp_path: Path) -> None:
    write_logs(tmp_path)
    spark.conf.set("spark.beholden.sliceBytes", str(SLICE_BYTES))
    try:
        here, there = (
            run_here("scan", tmp_path, "--as-of", "2026-08-01", "--format", "json", "--runner", runner)
            for runner in ("local", "spark")
        )
    finally:
        spark.conf.unset("spark.beholden.sliceBytes")
    assert there == here
    assert here.code == 3


def test_real_captures_come_to_the_same_bytes(runner: Runner, shared: Callable[[str], Path]) -> None:
    inputs = shared("data/inputs")
    assert_same(assessed(inputs, None), assessed(inputs, runner))


def test_addresses_come_to_the_bytes_of_paths(runner: Runner, tmp_path: Path) -> None:
    write_logs(tmp_path)
    assert_same(assessed(tmp_path, None), assessed(tmp_path, runner, tmp_path.as_uri()))


def test_the_command_reads_addresses(spark: SparkSession, tmp_path: Path) -> None:
    logs, profile = tmp_path / "logs", tmp_path / "ours.toml"
    logs.mkdir()
    write_logs(logs)
    shutil.move(logs / "beholden.toml", profile)
    here = run_here("scan", logs, "--as-of", "2026-08-01", "--format", "json", "--profile", profile)
    assert here.code == 3
    options = ("--as-of", "2026-08-01", "--format", "json", "--profile", profile, "--runner", "spark")
    assert run_here("scan", logs.as_uri(), *options) == here


def test_a_file_that_goes_between_listing_and_reading_is_coverage(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_logs(tmp_path)
    gone = tmp_path / "vpc" / "default.log"
    asked = runner._asked  # type: ignore[attr-defined]

    def later(*args: Any) -> Any:
        gone.unlink(missing_ok=True)
        return asked(*args)

    monkeypatch.setattr(runner, "_asked", later)
    found = assessed(tmp_path, runner, tmp_path.as_uri())
    (row,) = [row for row in found.result.coverage if row.file == "vpc/default.log"]
    assert row.reasons == {"scan.unreadable-file": 1}
    assert row.notes == ["vpc/default.log: cannot be read: no such file or folder [scan.unreadable-file]"]
    assert sum(row.status == "read" for row in found.result.coverage) > 3


def test_tempo_is_measured_with_either_runner(runner: Runner, tmp_path: Path) -> None:
    write_logs(tmp_path)
    here = assessed(tmp_path, None, detect_tempo=True)
    assert_same(here, assessed(tmp_path, runner, detect_tempo=True))
    assert_same(here, assessed(tmp_path, runner, tmp_path.as_uri(), detect_tempo=True))


def test_a_wrong_setting_is_said(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text("date,vendor,amount\n2026-06-01,Nobody,1\n", encoding="utf-8")
    spark.conf.set("spark.beholden.sliceBytes", "many")
    try:
        answer = run_here("scan", tmp_path, "--runner", "spark")
    finally:
        spark.conf.unset("spark.beholden.sliceBytes")
    assert answer.code == 2
    assert "[run.wrong-setting]" in answer.err


class OnlyHere:
    """A reader that executors do not have."""

    name = "only-here"
    title = "Names"
    kinds = frozenset({Kind.NAME})

    def accepts(self, head: InputHead) -> Acceptance:
        return Acceptance.yes("all")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        yield from ()


def test_what_fails_in_an_executor_as_it_never_should_ends_the_run_and_says_where(
    runner: Runner, tmp_path: Path
) -> None:
    from beholden.run.scan import scan
    from beholden.run.spark.job import TaskCrashError

    (tmp_path / "a.names").write_text("a\n", encoding="utf-8")
    with pytest.raises(TaskCrashError, match=r"^a\.names: (?s:.)*no reader only-here is installed"):
        scan([tmp_path], [OnlyHere()], Watch(), lambda _: {}, lambda _: None, runner=runner)


def test_a_cluster_that_fails_is_told_as_that(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_logs(tmp_path)
    monkeypatch.setattr("beholden.run.spark.job.ROW_TYPE", "file int")
    with pytest.raises(RunError, match="Spark failed") as failure:
        assessed(tmp_path, runner)
    assert failure.value.code == "run.spark-failed"


def rows_without_places(assessment: Assessment) -> Any:
    names = [name for name in assessment.evidence.schema.names if name not in ("file", "lines")]
    return assessment.evidence.select(names).to_pylist()


@pytest.mark.parametrize("form", ["vpc", "ocsf", "ocsf-of-others"])
def test_a_table_comes_to_what_its_parquet_file_comes_to(form: str, spark: SparkSession, tmp_path: Path) -> None:
    from beholden.run.spark.runner import SparkRunner

    place = tmp_path / "flows.parquet"
    write_table(place, form)
    profile = tmp_path / "beholden.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    ours = read_profile(profile)
    table = spark.read.parquet(str(place)).repartition(5)
    here = assess([place], core_kb(), ours, as_of=date(2026, 8, 1))
    there = assess([], core_kb(), ours, as_of=date(2026, 8, 1), runner=SparkRunner(tables={"lake.flows": table}))
    assert here.result.findings
    assert rows_without_places(there) == rows_without_places(here)
    (file,), (row,) = here.result.coverage, there.result.coverage
    assert row.file == "lake.flows"
    for name in ("reader", "status", "records_read", "records_rejected", "reasons", "not_resolved"):
        assert getattr(row, name) == getattr(file, name), name
    (rejected,) = [note for note in file.notes if note.startswith("flows.parquet:")]
    assert row.notes == [
        rejected.replace("flows.parquet:10", "lake.flows"),
        "a table of Spark has no line numbers: no places in it are told",
        *(note for note in file.notes if note != rejected),
    ]
    assert not any(there.evidence["lines"].to_pylist())


def test_the_command_reads_tables_by_name(spark: SparkSession, tmp_path: Path) -> None:
    write_table(tmp_path / "flows.parquet", "vpc")
    spark.read.parquet(str(tmp_path / "flows.parquet")).createOrReplaceTempView("flows")
    spark.range(3).createOrReplaceTempView("numbers")
    command = ["scan", "--runner", "spark", "--as-of", "2026-08-01", "--format", "json"]
    answer = run_here(*command, "--spark-table", "flows", "--spark-table", "numbers")
    assert answer.code == 3, answer.err
    rows = answer.coverage
    assert (rows["flows"]["reader"], rows["flows"]["status"]) == ("vpc-flow-parquet", "partial")
    assert (rows["numbers"]["status"], rows["numbers"]["reasons"]) == (
        "no_reader",
        {"no reader knows the columns of this table": 1},
    )
    assert answer.document["findings"]
    missing = run_here(*command, "--spark-table", "nowhere")
    assert (missing.code, "[run.no-table]" in missing.err) == (2, True)


def test_only_the_columns_that_are_read_leave_spark(spark: SparkSession, tmp_path: Path) -> None:
    from beholden.run.spark.table import _selection
    from beholden.scan.network.ocsf_parquet import OcsfParquet
    from beholden.scan.table import leaves_of

    write_table(tmp_path / "flows.parquet", "ocsf")
    table = spark.read.parquet(str(tmp_path / "flows.parquet"))
    leaves = leaves_of(table.limit(0).toArrow().schema)
    assert "unmapped" in leaves
    selected = table.select(*_selection(OcsfParquet().columns_read(leaves)))
    assert leaves_of(selected.limit(0).toArrow().schema) == [leaf for leaf in leaves if leaf != "unmapped"]
