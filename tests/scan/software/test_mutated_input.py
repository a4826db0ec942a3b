"""Whatever bytes come, a reader gives valid rows or a ScanError."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan.interface import InputHead, Scanner, Watch
from beholden.scan.software.cyclonedx import CycloneDxJson
from beholden.scan.software.go_mod import GoMod
from beholden.scan.software.package_lock import PackageLock
from beholden.scan.software.pipfile_lock import PipfileLock
from beholden.scan.software.pom import PomXml
from beholden.scan.software.requirements_txt import RequirementsTxt
from beholden.scan.software.uv_lock import UvLock
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).resolve().parents[2] / "data"
CASES: Sequence[tuple[Scanner, str]] = (
    (CycloneDxJson(), "cyclonedx/shop.cdx.json"),
    (PackageLock(), "package-lock/v3.package-lock.json"),
    (PackageLock(), "package-lock/v1.package-lock.json"),
    (UvLock(), "uv-lock/uv.lock"),
    (RequirementsTxt(), "requirements-txt/requirements.txt"),
    (PipfileLock(), "pipfile-lock/Pipfile.lock"),
    (GoMod(), "go-mod/go.mod"),
    (PomXml(), "pom/pom.xml"),
)
SCANNERS = [scanner for scanner, _ in CASES]
by_case = pytest.mark.parametrize(("scanner", "fixture"), CASES, ids=[name for _, name in CASES])
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIELDS = """
    bomFormat components services purl bom-ref name group supplier manufacturer publisher authors type scope properties
    value endpoints data classification flow provider dependencies ref dependsOn metadata component compositions
    aggregate specVersion packages lockfileVersion version resolved link dev node_modules/a node_modules/@a/b
    devDependencies _meta sources url default develop index git markers extras path editable
"""
KEYS = FIELDS.split()
VALUES = (
    "CycloneDX", "pkg:npm/a@1", "pkg:docker/a?repository_url=h.example", "pkg:huggingface/a/b", "device", "1.6",
    "machine-learning-model", "https://u@h.example/x", "npm:a@1", "git@h.example:a/b", "\ud800", "", "==1.0", "shop",
)  # fmt: skip
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=40,
)


def run(scanner: Scanner, content: bytes, folder: Path) -> None:
    path = folder / "input"
    path.write_bytes(content)
    scanner.accepts(InputHead(PurePosixPath("input.txt"), content[:65_536], is_complete=True))
    try:
        batches = list(scanner.scan(Source(path, "input"), Watch()))
    except ScanError:
        return
    pa.Table.from_batches(batches, schema=OBSERVATION).validate(full=True)


@by_case
@given(seed=st.data())
@SETTINGS
def test_mutated_bytes_raise_nothing_but_scan_error(
    scanner: Scanner, fixture: str, tmp_path: Path, seed: st.DataObject
) -> None:
    content = (DATA / fixture).read_bytes()
    for _ in range(seed.draw(st.integers(1, 4))):
        start = seed.draw(st.integers(0, len(content)))
        stop = min(len(content), start + seed.draw(st.sampled_from([0, 1, 2, 10, 200, 100_000])))
        content = content[:start] + seed.draw(st.binary(max_size=8)) + content[stop:]
    run(scanner, content, tmp_path)


@pytest.mark.parametrize(
    ("scanner", "top"),
    [
        (CycloneDxJson(), {"bomFormat": "CycloneDX"}),
        (PackageLock(), {"lockfileVersion": 3}),
        (PackageLock(), {"lockfileVersion": 1}),
        (PipfileLock(), {"_meta": {}}),
    ],
    ids=["cyclonedx", "package-lock-3", "package-lock-1", "pipfile-lock"],
)
@given(tree=st.dictionaries(st.sampled_from(KEYS), TREES, max_size=6))
@SETTINGS
def test_fields_of_any_type_raise_nothing_but_scan_error(
    scanner: Scanner, top: dict[str, Any], tmp_path: Path, tree: dict[str, Any]
) -> None:
    run(scanner, json.dumps({**tree, **top}).encode(), tmp_path)


@by_case
def test_the_same_input_gives_the_same_rows(scanner: Scanner, fixture: str) -> None:
    first, second = (
        pa.Table.from_batches(list(scanner.scan(Source(DATA / fixture, "x"), Watch())), schema=OBSERVATION)
        for _ in range(2)
    )
    assert first.equals(second)
    assert first.num_rows > 0


@by_case
def test_a_reader_accepts_its_own_format_and_no_other_reader_does(scanner: Scanner, fixture: str) -> None:
    path = DATA / fixture
    head = InputHead(PurePosixPath(path.name), path.read_bytes(), is_complete=True)
    accepting = {type(other) for other in SCANNERS if other.accepts(head).accepted}
    assert accepting == {type(scanner)}
