"""Ids of the parties that the packs hold, so that a user's own table may name them."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

_PACKS = Path(__file__).parents[1] / "packs"


@cache
def pack_ids() -> frozenset[str]:
    """Id of every entity that the packs describe."""
    found: set[str] = set()
    for file in _PACKS.rglob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if "[[entities]]" in text:
            found.update(str(entity["id"]) for entity in tomllib.loads(text).get("entities", []))
    for file in _PACKS.rglob("entities.*.csv"):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        found.update(row["id"] for row in csv.DictReader(lines))
    return frozenset(found)
