"""OBSERVATION: what a scanner saw, before anyone asks whose it is."""

from __future__ import annotations

import pyarrow as pa

OBSERVATION: pa.Schema = pa.schema(
    [
        # What was seen. `value` is normalised per kind (see beholden.values), `raw` as printed (one sample).
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("raw", pa.string()),
        # What the place it was seen in says about the relation; null: the matched asset decides.
        pa.field("relation", pa.string()),
        pa.field("direction", pa.string(), nullable=False),  # vocabulary.Direction
        pa.field("certainty", pa.string(), nullable=False),  # confirmed | probable (intent only, not resolved …)
        pa.field("field", pa.string()),  # the field it came from: ssl.server_name, components[].purl …
        # Our side of it, and where the record says it belongs.
        pa.field("own_host", pa.string()),
        pa.field("unit", pa.string()),
        # Where: file below the input with '/', and up to five sample lines (1-based).
        pa.field("file", pa.string(), nullable=False),
        pa.field("lines", pa.list_(pa.int64())),
        # How often and when, in the user's records. `acted_on`: day of a dated act; null: standing relation.
        pa.field("count", pa.int64(), nullable=False),
        pa.field("first_seen", pa.timestamp("us", tz="UTC")),
        pa.field("last_seen", pa.timestamp("us", tz="UTC")),
        pa.field("acted_on", pa.date32()),
        # One measure per row. A record with two (sent and received) gives two rows, the second with count 0.
        pa.field("amount", pa.decimal128(38, 9)),
        pa.field("unit_of_amount", pa.string()),  # ISO 4217, By, 1
        pa.field("what", pa.string()),  # sent | received | replied | paid | invoiced | queries | …
        # What the record itself says of the terms: the day of the contract or acquisition, the licence it names.
        pa.field("contract_on", pa.date32()),
        pa.field("authorisation", pa.string()),
        # Of a declared data flow: vocabulary.Agreement and vocabulary.DataClass; `amount` counts persons or devices.
        pa.field("agreement", pa.string()),
        pa.field("data_class", pa.string()),
        # Of a product: where it is produced (ISO 3166-1 alpha-2, lower case) and when it was authorised.
        pa.field("produced_in", pa.string()),
        pa.field("authorised_on", pa.date32()),
        # Of traffic, which is summed three times over (vocabulary.Grain): `day` rows carry counts and amounts as any
        # row does, with one of our networks for `own_host`; `host` rows say which of our hosts took part; `value` rows
        # which addresses were reached, in `raw`. Their `value` is one address that stands for the operator's asset.
        # Null: the row is no such sum.
        pa.field("grain", pa.string()),
        # JSON object of small facts for the reader of a finding (version, scope, dev, hostname …), one sample.
        pa.field("detail", pa.string()),
    ]
)
GROUP_BY: tuple[str, ...] = (
    "kind", "value", "relation", "direction", "certainty", "field", "own_host", "unit", "file", "acted_on",
    "unit_of_amount", "what", "contract_on", "authorisation", "agreement", "data_class",
    "produced_in", "authorised_on", "grain",
)  # fmt: skip
MAX_LINES = 5
# `what` of declared data flows: how many persons or devices, and flows whose record does not say how many.
COUNTED = "persons or devices"
UNCOUNTED = "flows without a count"
