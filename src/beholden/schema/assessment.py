"""What a run gives: the result document, and every row of the records that its findings rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from beholden.schema.result import ScanResult

# OBSERVATION, joined with the artefact of the findings that it belongs to (`Artefact.id`) and placed in our networks.
EVIDENCE: pa.Schema = pa.schema(
    [
        pa.field("artefact_id", pa.string(), nullable=False),
        pa.field("operator_id", pa.string(), nullable=False),
        pa.field("segment", pa.string()),  # own | guest | tenant | carried; null: in our inventory or books
        pa.field("placed_in_unit", pa.string()),  # id of the unit, by network or by what the record says
        *OBSERVATION,
    ]
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A finished run.

    Attributes:
        result: The document.
        evidence: EVIDENCE: rows that led somewhere, all of them, where the document holds capped samples.
        has_rejects: Whether something that should have been read was not.
    """

    result: ScanResult
    evidence: pa.Table = field(default_factory=EVIDENCE.empty_table)
    has_rejects: bool = False
