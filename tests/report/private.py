"""Parts of results that hold what is private, for the tests of pseudonyms."""

from __future__ import annotations

from typing import Any

from beholden.schema.acceptance import Waiver
from beholden.schema.result import Counted, Sample

KEY = b"an organisation's secret, 16 or more"


def make_hosts(*names: str) -> Sample:
    return Sample(distinct=len(names), top=[Counted(value=name, count=1) for name in names])


def make_waiver(**changes: Any) -> Waiver:
    values = {
        "id": "w-1",
        "reason": "",
        "owner": "",
        "approver": None,
        "created": "2026-01-01",
        "expires": "2027-01-01",
    }
    return Waiver(**(values | {"active": True} | changes))
