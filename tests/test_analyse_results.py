"""docs/how-to/analyse-results.md: every block runs as it stands, on a real scan, and says what the page says."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.command import run_here
from tests.northport import EXAMPLE, northport

from beholden.report.tables import tables_of
from beholden.schema.tables import TABLES

PAGE = (EXAMPLE.parents[1] / "docs" / "how-to" / "analyse-results.md").read_text(encoding="utf-8")
SQL = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which the command of the page was run."""
    out = tmp_path_factory.mktemp("results")
    (command,) = re.findall(r"```sh\nbeholden (.*?)\n```", PAGE)
    (out / "examples").symlink_to(EXAMPLE.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(out)
        # One line of the ledger is broken on purpose.
        assert run_here(*shlex.split(command)).code == 3
        yield out


@pytest.fixture
def query(folder: Path, peer: Callable[[str], ModuleType]) -> Callable[[str], Rows]:
    connection = peer("duckdb").connect()

    def run(sql: str) -> Rows:
        rows: Rows = connection.execute(sql).fetchall()
        return rows

    return run


def paid() -> Counter[tuple[str, str]]:
    """What the document says, each artefact once."""
    artefacts = {finding.artefact.id: finding for finding in northport().result.findings}
    sums: Counter[tuple[str, str]] = Counter()
    for finding in artefacts.values():
        for item in finding.artefact.quantities:
            if item.what == "paid":
                sums[finding.operator.caption, item.unit] += Decimal(item.amount)  # type: ignore[assignment]  # exact
    return sums


def test_each_tool_has_its_queries() -> None:
    assert (len(SQL), len(PYTHON)) == (4, 3)


def test_duckdb_sums_what_was_paid_once(query: Callable[[str], Rows]) -> None:
    rows = query(SQL[0])
    assert {(operator, currency): amount for operator, currency, amount in rows} == paid()
    assert rows


def test_the_page_shows_what_the_query_gives(query: Callable[[str], Rows]) -> None:
    shown = PAGE.split("| operator_caption | currency | paid |\n|---|---|---|\n")[1].split("\n\n")[0].splitlines()
    assert shown == [f"| {' | '.join(map(str, row))} |" for row in query(SQL[0])]


def test_a_join_with_the_findings_would_count_a_payment_more_than_once(query: Callable[[str], Rows]) -> None:
    """Why the page says so."""
    joined = query(
        "SELECT sum(amount) FROM 'findings.observations.parquet' JOIN 'findings.parquet' USING (artefact_id) "
        "WHERE what = 'paid' AND is_counted AND unit_of_amount = 'USD'"
    )
    assert joined[0][0] > sum(amount for (_, currency), amount in paid().items() if currency == "USD")


def test_duckdb_joins_the_steps_of_every_path(query: Callable[[str], Rows]) -> None:
    findings = {one.id: one for one in northport().result.findings if one.level == "prohibited"}
    rows = query(SQL[1])
    assert {row[0] for row in rows} == set(findings)
    for finding_id, artefact, _, path in rows:
        steps = [f"→ {hop.hop} → {hop.to}" for hop in findings[finding_id].path]
        assert path == " ".join([artefact, *steps])


def test_duckdb_lists_the_files_that_were_not_read(query: Callable[[str], Rows]) -> None:
    unread = {row.file: sorted(row.reasons) for row in northport().result.coverage if row.status != "read"}
    assert {file: reasons for file, _, _, reasons in query(SQL[2])} == unread


def test_duckdb_counts_artefacts_by_month(query: Callable[[str], Rows]) -> None:
    worst = {one.artefact.id: str(one.level) for one in reversed(northport().result.findings)}
    months = {
        (row["acted_on"].replace(day=1), worst[row["artefact_id"]], row["artefact_id"])
        for row in tables_of(northport())["observations"].to_pylist()
        if row["acted_on"] and row["is_counted"] and row["artefact_id"] in worst
    }
    rows = query(SQL[3])
    assert {row[:2]: row[2] for row in rows} == Counter((month, level) for month, level, _ in months)
    assert len(rows) == len(set(rows)) > 1


@pytest.mark.parametrize("block", PYTHON)
def test_polars_blocks_run(block: str, folder: Path, peer: Callable[[str], ModuleType]) -> None:
    peer("polars")
    names: dict[str, Any] = {}
    exec(block, names)
    assert len(next(value for name, value in names.items() if name in ("paid", "levels", "rules")))


def test_polars_sums_what_was_paid_once(folder: Path, peer: Callable[[str], ModuleType]) -> None:
    peer("polars")
    names: dict[str, Any] = {}
    exec(PYTHON[0], names)
    assert {row[:2]: row[2] for row in names["paid"].iter_rows()} == paid()


def test_polars_counts_every_finding(folder: Path, peer: Callable[[str], ModuleType]) -> None:
    peer("polars")
    names: dict[str, Any] = {}
    exec(PYTHON[1], names)
    assert names["levels"]["findings"].sum() == len(northport().result.findings)


def test_the_columns_that_the_excel_part_names_are_there(folder: Path) -> None:
    columns = {name for schema in TABLES.values() for name in schema.names} | {"_id"}
    parts = {"findings", "hops", "observations"}
    named = set(re.findall(r"`([a-z_]+)`", PAGE.split("## Excel")[1]))
    assert named - parts <= columns
