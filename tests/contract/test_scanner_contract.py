"""What every registered scanner keeps; a new one is checked the moment it stands in SCANNERS."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.samples import DATA, HOST, INLINE, PACKETS, SAMPLES, WATCH

from beholden.errors import ScanError
from beholden.scan import SCANNERS
from beholden.scan.detect import detect
from beholden.scan.interface import Acceptance, InputHead, Scanner
from beholden.scan.source import Source
from beholden.scan.traffic.stage import Traffic
from beholden.schema.naming import NAMING
from beholden.schema.observation import MAX_LINES, OBSERVATION
from beholden.schema.traffic import CONTACT, FLOW, INTERFACE
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DataObject

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
every_scanner = pytest.mark.parametrize("scanner", SCANNERS, ids=lambda scanner: scanner.name)
READS = [(scanner, sample) for scanner in SCANNERS for sample in SAMPLES.get(scanner.name, ())]
every_sample = pytest.mark.parametrize(("scanner", "sample"), READS, ids=[sample for _, sample in READS])
NAMES = st.sampled_from(
    ["conn.log", "go.mod", "pom.xml", "uv.lock", "package-lock.json", "requirements.txt", "a.csv", "dhcpd.leases", "x"]
)


def read(scanner: Scanner, path: Path, name: str = "input") -> pa.Table:
    source = Source(path, name)
    return observations(source, scanner.scan(source, WATCH))


def observations(source: Source, batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """What batches come to: observations as they are, and those that records of traffic amount to."""
    traffic, told = Traffic(WATCH), []
    for batch in batches:
        if batch.schema.equals(OBSERVATION):
            told.append(batch)
        else:
            assert batch.schema in (FLOW, CONTACT, INTERFACE, NAMING)
            traffic.add(source, batch)
    return pa.concat_tables([pa.Table.from_batches(told, schema=OBSERVATION), traffic.table()])


def head_of(data: bytes, name: str) -> InputHead:
    return InputHead(PurePosixPath(name), data[:65_536], is_complete=len(data) <= 65_536)


def test_names_are_unique_slugs() -> None:
    names = [scanner.name for scanner in SCANNERS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not name.replace("-", "").isalnum() or name != name.lower()] == []


@every_scanner
def test_a_scanner_has_a_title_kinds_and_a_sample(scanner: Scanner) -> None:
    assert scanner.title.strip()
    assert scanner.kinds
    assert all(isinstance(kind, Kind) for kind in scanner.kinds)
    assert SAMPLES[scanner.name]


@every_scanner
@given(data=st.binary(max_size=400), name=NAMES, is_complete=st.booleans())
@SETTINGS
def test_accepts_answers_whatever_bytes_come(scanner: Scanner, data: bytes, name: str, is_complete: bool) -> None:
    answer = scanner.accepts(InputHead(PurePosixPath(name), data, is_complete))
    assert isinstance(answer, Acceptance)
    assert answer.reason


@every_sample
@given(draw=st.data())
@SETTINGS
def test_accepts_answers_whatever_is_left_of_a_head(scanner: Scanner, sample: str, draw: DataObject) -> None:
    content = mutated((DATA / sample).read_bytes(), draw)
    answer = scanner.accepts(head_of(content, PurePosixPath(sample).name))
    assert answer.reason


@every_sample
def test_its_own_sample_goes_to_it(scanner: Scanner, sample: str) -> None:
    path = DATA / sample
    assert detect(Source(path, path.name), SCANNERS).scanner is scanner


@every_sample
def test_batches_have_the_observation_schema_and_true_kinds(scanner: Scanner, sample: str) -> None:
    source = Source(DATA / sample, "input")
    rows = observations(source, scanner.scan(source, WATCH)).to_pylist()
    assert rows
    assert {row["kind"] for row in rows} <= {kind.value for kind in scanner.kinds}
    assert {row["relation"] for row in rows} <= {relation.value for relation in Relation} | {None}
    assert {row["direction"] for row in rows} <= {direction.value for direction in Direction}
    assert {row["certainty"] for row in rows} <= {"confirmed", "probable"}
    assert {row["file"] for row in rows} == {"input"}


@every_sample
def test_a_scanner_whose_records_are_joined_with_names_says_so(scanner: Scanner, sample: str) -> None:
    schemas = {batch.schema for batch in scanner.scan(Source(DATA / sample, "input"), WATCH)}
    is_joined = any(schema in (FLOW, CONTACT) for schema in schemas)
    assert not is_joined or getattr(scanner, "joins_names", False)
    assert not is_joined or NAMING not in schemas or getattr(scanner, "tells_names", False)


@every_sample
def test_places_and_counts_are_possible(scanner: Scanner, sample: str) -> None:
    length = PACKETS.get(sample) or len((DATA / sample).read_bytes().splitlines())
    for row in read(scanner, DATA / sample).to_pylist():
        assert len(row["lines"]) <= MAX_LINES
        assert all(1 <= line <= length for line in row["lines"])
        assert row["count"] >= 0
        assert (row["amount"] is None) is (row["unit_of_amount"] is None)
        assert (row["amount"] is None) is (row["what"] is None)


@every_scanner
def test_every_kind_that_a_scanner_names_is_given_somewhere(scanner: Scanner, tmp_path: Path) -> None:
    paths = [DATA / sample for sample in SAMPLES[scanner.name]]
    if scanner.name in INLINE:
        paths.append(tmp_path / "inline")
        paths[-1].write_text(INLINE[scanner.name].replace("HOST", HOST), encoding="utf-8")
    assert {kind for path in paths for kind in read(scanner, path)["kind"].to_pylist()} == set(scanner.kinds)


@every_sample
def test_two_runs_give_equal_batches_and_equal_counts(scanner: Scanner, sample: str) -> None:
    sources = [Source(DATA / sample, "input") for _ in range(2)]
    first, second = (list(scanner.scan(source, WATCH)) for source in sources)
    assert first == second
    assert sources[0].reasons == sources[1].reasons
    assert sources[0].notes == sources[1].notes


@every_sample
@given(draw=st.data())
@SETTINGS
def test_mutated_bytes_raise_nothing_but_scan_error(
    scanner: Scanner, sample: str, tmp_path: Path, draw: DataObject
) -> None:
    assert_readable_or_refused(scanner, mutated((DATA / sample).read_bytes(), draw), tmp_path)


@every_scanner
@given(data=st.binary(max_size=300))
@SETTINGS
def test_bytes_of_nobody_raise_nothing_but_scan_error(scanner: Scanner, data: bytes, tmp_path: Path) -> None:
    assert_readable_or_refused(scanner, data, tmp_path)


def assert_readable_or_refused(scanner: Scanner, content: bytes, folder: Path) -> None:
    """Valid rows whose rejects are all counted by reason, or a ScanError that names the file."""
    path = folder / "input"
    path.write_bytes(content)
    source = Source(path, "input")
    refusal: ScanError | None = None
    batches: list[pa.RecordBatch] = []
    try:
        batches.extend(scanner.scan(source, WATCH))
    except ScanError as error:
        refusal = error
    observations(source, batches).validate(full=True)
    assert sum(source.reasons.values()) == source.records_rejected
    if refusal is not None:
        assert refusal.origin is not None
        assert refusal.origin.path == "input"


def mutated(content: bytes, draw: DataObject) -> bytes:
    """Cut, doubled or overwritten in a few places, at the size of a field or of much more."""
    for _ in range(draw.draw(st.integers(1, 4))):
        start = draw.draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw.draw(st.sampled_from([0, 1, 2, 10, 200, 100_000])))
        patch = draw.draw(st.one_of(st.binary(max_size=8), st.just(content[start:stop] * 2), st.sampled_from(HOSTILE)))
        content = content[:start] + patch + content[stop:]
    return content


HOSTILE = (b"\xff\xfe", b"9" * 50, b"-1", b"1e400", b"NaN", b"\\ud800", b'"', b"{", b"\n", b"\t\t", b"\x1b[2J", b"\0")
