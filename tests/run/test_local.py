from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from beholden.run.scan import Scanned, scan
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.source import Source
from beholden.schema.vocabulary import Kind


class Lines:
    """Each line a name; `bad` is rejected, `stop` ends the file as damaged, `gone` as unreadable."""

    name = "lines"
    title = "Names"
    kinds = frozenset({Kind.NAME})

    def accepts(self, head: InputHead) -> Acceptance:
        return Acceptance.yes("names") if head.name.endswith(".names") else Acceptance.no("not names")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        for line, text in source.lines():
            if text == "stop":
                raise source.error("damaged", line=line)
            if text == "gone":
                raise OSError(5, "Input/output error")
            if text == "bad":
                source.reject(line, "bad name")
                continue
            rows = Rows(source.path)
            rows.add(Kind.NAME, watch.columns.get(text, text), line=line)
            source.accept()
            yield from rows.rest()


def run(*paths: Path, columns: dict[str, str] | None = None, seen: list[str] | None = None) -> Scanned:
    note = (lambda _: None) if seen is None else seen.append
    return scan(list(paths), [Lines()], Watch(), lambda _: columns or {}, note)


@pytest.mark.parametrize(
    ("text", "status", "values", "fails"),
    [
        pytest.param("a\nb\n", "read", ["a", "b"], False, id="read"),
        pytest.param("a\nbad\nb\n", "partial", ["a", "b"], True, id="one-rejected"),
        pytest.param("a\nstop\nb\n", "partial", ["a"], True, id="damaged-later"),
        pytest.param("stop\n", "rejected", [], True, id="damaged-at-once"),
        pytest.param("a\ngone\n", "partial", ["a"], True, id="disk-fails-later"),
        pytest.param("bad\n", "partial", [], True, id="only-rejects"),
    ],
)
def test_what_came_before_a_failure_is_kept_and_the_status_says_so(
    text: str, status: str, values: list[str], fails: bool, tmp_path: Path
) -> None:
    (tmp_path / "x.names").write_text(text, encoding="utf-8")
    (tmp_path / "y.names").write_text("next\n", encoding="utf-8")
    scanned = run(tmp_path)
    assert [row.status for row in scanned.coverage] == [status, "read"]
    assert scanned.observations["value"].to_pylist() == [*values, "next"]
    assert scanned.has_rejects is fails


def test_a_failure_is_told_with_its_line_and_code(tmp_path: Path) -> None:
    (tmp_path / "x.names").write_text("a\nstop\n", encoding="utf-8")
    (row,) = run(tmp_path).coverage
    assert row.reasons == {"scan.malformed-input": 1}
    assert row.notes == ["x.names:2: damaged [scan.malformed-input]"]


def test_unclaimed_files_fail_a_run_only_where_they_are_named(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("x", encoding="utf-8")
    assert not run(tmp_path).has_rejects
    assert run(other).has_rejects


def test_coverage_and_progress_come_in_walking_order(tmp_path: Path) -> None:
    for name in ("b.names", "a.txt", "c.names"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    seen: list[str] = []
    scanned = run(tmp_path, seen=seen)
    assert seen == ["a.txt", "b.names", "c.names"] == [row.file for row in scanned.coverage]


def test_each_file_gets_its_own_column_mapping(tmp_path: Path) -> None:
    (tmp_path / "x.names").write_text("a\n", encoding="utf-8")
    assert run(tmp_path, columns={"a": "mapped"}).observations["value"].to_pylist() == ["mapped"]
