"""NAMING: which name stood for an address, to whom, from when to when; beside the observations of a log."""

from __future__ import annotations

import pyarrow as pa

NAMING: pa.Schema = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),  # normalised host name
        pa.field("address", pa.binary(16), nullable=False),  # IPv4 mapped
        # Who was told, or spoke to the name; null: the record does not say, anybody of ours.
        pa.field("client", pa.binary(16)),
        # `until` is the end of the answer's life (TTL), or `since` where the record is of one moment (a handshake):
        # traffic that runs at that moment is meant.
        pa.field("since", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("until", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("told_by", pa.string(), nullable=False),  # vocabulary.NameEvidence
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
    ]
)
