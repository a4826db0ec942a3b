"""What a state hands to later stages, which take its numbers for offsets and codes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from beholden.run.state_rows import decode, encode
from beholden.run.streams import Stream
from beholden.schema.traffic import CONTACT


def contacts(**changed: object) -> pa.RecordBatch:
    row: dict[str, object] = {
        field.name: [1] if field.name == "lines" else None if field.nullable else 1 for field in CONTACT
    }
    return pa.RecordBatch.from_pylist([{**row, **changed}], schema=CONTACT)


def test_sound_rows_come_back() -> None:
    assert decode(encode([contacts()])) == [contacts()]


def with_bad_offsets() -> pa.RecordBatch:
    # The last one fits, so that a look at the ends alone finds nothing.
    offsets = pa.array([0, 2**30, 3], pa.int32()).buffers()[1]
    bad = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"tcp")])
    both = pa.RecordBatch.from_pylist(contacts().to_pylist() * 2, schema=CONTACT)
    return both.set_column(CONTACT.get_field_index("protocol"), CONTACT.field("protocol"), bad)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(contacts(verdict=9), id="no-verdict"),
        pytest.param(contacts(port=70_000), id="no-port"),
        pytest.param(contacts(count=None), id="nothing-where-something-is-expected"),
        pytest.param(contacts(lines=[None]), id="nothing-in-a-list"),
        pytest.param(with_bad_offsets(), id="offsets-beyond-the-end"),
        pytest.param(pa.RecordBatch.from_pydict({"x": [1]}), id="unknown-kind"),
    ],
)
def test_rows_that_no_reader_gives_are_refused(batch: pa.RecordBatch) -> None:
    with pytest.raises((ValueError, pa.ArrowException)):
        decode(encode([batch]))


@pytest.mark.parametrize(
    "changed", [{"offset": -1}, {"tail_bytes": 9}, {"head_bytes": -1}, {"lines": 9}, {"number": -1}]
)
def test_a_stream_with_places_that_no_log_has_is_refused(changed: dict[str, int]) -> None:
    plain: dict[str, Any] = {"number": 0, "path": "x", "reader": "x", "place": (1, 1), "offset": 8}
    with pytest.raises(ValueError, match="places"):
        Stream(**(plain | changed))
