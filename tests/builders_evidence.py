"""EVIDENCE tables with honest defaults."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from beholden.schema.assessment import EVIDENCE


def make_evidence(*rows: dict[str, Any]) -> pa.Table:
    """One row for each given; what it does not say is a device on our own network."""
    given: dict[str, Any] = {
        "artefact_id": "a1",
        "operator_id": "hikvision",
        "segment": "own",
        "kind": "mac",
        "value": "44:19:b6:00:00:01",
        "direction": "none",
        "certainty": "confirmed",
        "file": "dhcp/dhcpd.leases",
        "count": 1,
    }
    return pa.Table.from_pylist([given | row for row in rows], schema=EVIDENCE)
