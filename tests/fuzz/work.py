"""A child that runs cases one after the other, with a bound on its address space, and tells of each as it goes.

Its input is one line per batch: `slug/layout first count seconds`; its output one JSON line before and after each case.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.cases import Case, files
from tests.fuzz.judge import judge
from tests.fuzz.seeds import real

# Beyond what is mapped when all importers are loaded; a case that needs it gets a MemoryError, which is a failure.
_MOST_BYTES = 1 << 30


def main() -> None:
    """Run batches until the input ends."""
    bounded = False
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        for line in sys.stdin:
            name, first, count, seconds = line.split()
            slug, layout = name.split("/")
            real(slug, layout)
            if not bounded:
                _warm(slug, layout, Path(place))
                _bound()
                bounded = True
            deadline = time.process_time() + float(seconds)
            for seed in range(int(first), int(first) + int(count)):
                _run(Case(slug, layout, seed), Path(place))
                if time.process_time() > deadline:
                    break
            _tell({"done": True})


def _run(case: Case, place: Path) -> None:
    _tell({"begins": case.seed})
    began = time.process_time()
    try:
        given = files(case)
    except MemoryError:
        # The change itself took too much of what is left here; no importer has seen the case.
        unseen = {"cpu_s": time.process_time() - began, "ended": "not made", "rows": 0, "rejects": 0, "failures": []}
        _tell({"ends": case.seed, **unseen, "mib": 0, "seconds": 0})
        return
    verdict = judge(case.slug, given, place / "case", is_compiled=case.is_compiled)
    _tell(
        {
            "ends": case.seed,
            "cpu_s": time.process_time() - began,
            "ended": verdict.ended or "failure",
            "rows": verdict.rows,
            "rejects": verdict.rejects,
            "failures": verdict.failures,
            "mib": verdict.mib,
            "seconds": verdict.seconds,
        }
    )


def _warm(slug: str, layout: str, place: Path) -> None:
    """Load what is loaded once, so that it counts for no case."""
    judge(slug, files(Case(slug, layout, 0)), place / "case")


def _bound() -> None:
    with contextlib.suppress(OSError, ValueError):
        mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + _MOST_BYTES, mapped + _MOST_BYTES))


def _tell(what: dict[str, object]) -> None:
    print(json.dumps(what, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    # A run that was stopped reads no more.
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
