"""MATCH: observation value → operator, with the hops that lead there."""

from __future__ import annotations

import pyarrow as pa

HOP: pa.DataType = pa.struct(
    [
        pa.field("from", pa.string()),
        pa.field("to", pa.string()),
        pa.field("hop", pa.string()),
        pa.field("source", pa.string()),
        pa.field("grade", pa.string()),
        pa.field("valid_from", pa.date32()),
        pa.field("valid_to", pa.date32()),
        pa.field("note", pa.string()),
    ]
)

# What matchers are asked: distinct values, with the days between which they were seen.
QUERY: pa.Schema = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("relation", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("first_day", pa.date32()),
        pa.field("last_day", pa.date32()),
    ]
)

MATCH: pa.Schema = pa.schema(
    [
        # The key of the query it answers.
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("asked_relation", pa.string()),
        # The answer.
        pa.field("entity_id", pa.string(), nullable=False),
        pa.field("relation", pa.string(), nullable=False),
        # The operator's asset that matched: what a finding is keyed on.
        pa.field("artefact_kind", pa.string(), nullable=False),
        pa.field("artefact_value", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("decision", pa.string(), nullable=False),  # confirmed | probable
        pa.field("features", pa.string()),  # JSON object
        pa.field("question", pa.string()),
        # Matches with a choice exclude one another: per observation the least one counts whose asset hop holds.
        pa.field("choice", pa.int32()),
        # The asset hop holds in [valid_from, valid_to); outside it the match is probable.
        pa.field("valid_from", pa.date32()),
        pa.field("valid_to", pa.date32()),
        pa.field("hops", pa.list_(HOP)),
    ]
)
