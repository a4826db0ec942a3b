from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan.network import json_stream
from beholden.scan.network.json_stream import json_records
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def _read(tmp_path: Path, data: bytes, holder: str | None = None) -> tuple[list[tuple[int, object]], int]:
    path = tmp_path / "input.json"
    path.write_bytes(data)
    source = Source(path, "input.json")
    return list(json_records(source, holder)), source.records_rejected


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"a":1}\n{"a":2}\n', [(1, {"a": 1}), (2, {"a": 2})]),
        (b'\xef\xbb\xbf[{"a":1},\n {"a":2}]\n', [(1, {"a": 1}), (2, {"a": 2})]),
        (b'{\n"a": 1\n}\n{\n"a": 2\n}', [(1, {"a": 1}), (4, {"a": 2})]),
        (b"[]", []),
        (b"", []),
    ],
)
def test_objects_are_found_however_they_are_strung_together(
    tmp_path: Path, data: bytes, found: list[tuple[int, object]]
) -> None:
    assert _read(tmp_path, data) == (found, 0)


def test_records_of_a_document_are_its_items_and_the_rest_is_passed_over(tmp_path: Path) -> None:
    data = b'{"records": [{"a":1},\n{"b":[2]}], "next": "x", "more": [1, {"a": 3}]}\n{"records":[{"c":1}]}'
    found, rejected = _read(tmp_path, data, "records")
    assert (found, rejected) == ([(1, {"a": 1}), (2, {"b": [2]}), (3, {"c": 1})], 0)


def test_wrong_lines_are_rejected_and_those_after_them_read(tmp_path: Path) -> None:
    data = b'{"a":1}\nnonsense\n{"a":\n' + b'{"n":' + b"9" * 5000 + b'}\n{"a":2}\n'
    found, rejected = _read(tmp_path, data)
    assert ([value for _, value in found], rejected) == ([{"a": 1}, {"a": 2}], 3)


@pytest.mark.parametrize("data", [b'{"a":' * 50_000, b"[" * 50_000, b'{"a":[\n' * 50_000, b"{\n" * 50_000])
def test_endless_nesting_ends(tmp_path: Path, data: bytes) -> None:
    try:
        found, rejected = _read(tmp_path, data)
    except ScanError:
        return
    assert not found
    assert rejected >= 1


def test_an_object_beyond_reason_is_an_error_and_what_came_before_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "MAX_OBJECT_CHARS", 1_000_000)
    path = tmp_path / "input.json"
    path.write_bytes(b'{"a":1}\n{"a":"' + b"x" * 3_000_000)
    records = json_records(Source(path, "input.json"))
    assert next(records) == (1, {"a": 1})
    with pytest.raises(ScanError, match="1,000,000 characters"):
        next(records)


@given(
    data=st.lists(st.sampled_from([b'{"records":[', b'{"a":1}', b"]", b"}", b",", b"\n", b'"', b"[", b"\xff", b":"]))
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_pieces_of_json_end_in_objects_rejects_or_a_scan_error(tmp_path: Path, data: list[bytes]) -> None:
    for holder in (None, "records"):
        try:
            found, _ = _read(tmp_path, b"".join(data), holder)
        except ScanError:
            continue
        assert all(isinstance(value, dict) for _, value in found)
