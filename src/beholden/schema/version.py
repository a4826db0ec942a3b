"""Schema versions, MODEL.REVISION.ADDITION, with one changelog line per value."""

from __future__ import annotations

KB_SCHEMA = "1.0.0"  # 1.0.0: first tables
REPORT_SCHEMA = "1.0.0"  # 1.0.0: first result document
