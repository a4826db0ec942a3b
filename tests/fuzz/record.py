"""What a run of the fuzzer has done so far: JSON lines, appended to, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Tally:
    """Cases of one importer in one layout.

    Attributes:
        following: Seed of the next case.
        cases: How many were run.
        cpu_s: Processor time they took, building the files included.
        ended: How they ended: `rows`, or the code of an error.
        rows: Rows that came out.
        rejects: Records that were rejected.
        failed: Cases that failed, as `--case` takes them.
        most_mib: Most that memory grew in a case.
        most_s: Most processor time of a case.
    """

    following: int = 0
    cases: int = 0
    cpu_s: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    rejects: int = 0
    failed: list[str] = field(default_factory=list)
    most_mib: float = 0.0
    most_s: float = 0.0

    def add(self, line: dict[str, Any]) -> None:
        """Count what a line says."""
        self.following = max(self.following, line["following"])
        self.cases += line["cases"]
        self.cpu_s += line["cpu_s"]
        self.ended.update(line["ended"])
        self.rows += line["rows"]
        self.rejects += line["rejects"]
        self.failed += [failure["case"] for failure in line["failures"]]
        self.most_mib = max(self.most_mib, line["most_mib"])
        self.most_s = max(self.most_s, line["most_s"])


class Record:
    """The file, and what it says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tallies: dict[str, Tally] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._count(line)

    @property
    def cpu_s(self) -> float:
        """Processor time of all cases."""
        return sum(tally.cpu_s for tally in self.tallies.values())

    def tally(self, name: str) -> Tally:
        """Of `slug/layout`."""
        return self.tallies.setdefault(name, Tally())

    def add(self, line: dict[str, Any]) -> None:
        """Take down one batch."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=True) + "\n")
        self.tally(line["layout"]).add(line)

    def _count(self, text: str) -> None:
        try:
            line = json.loads(text)
        except ValueError:
            # The last line of a run that was killed while it wrote: its cases are run again.
            return
        self.tally(line["layout"]).add(line)
