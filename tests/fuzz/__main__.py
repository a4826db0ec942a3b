"""Mutate publications for hours and look at what importers make of them: `python -m tests.fuzz --hours 4`.

A run that was stopped or killed goes on where it was: everything it has done is in the state file. `--hours` counts the
processor time of all runs with one state file together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.fuzz.cases import Case, files
from tests.fuzz.judge import judge
from tests.fuzz.record import Record
from tests.fuzz.seeds import Files, layouts

_BATCH, _BATCH_S = 40, 8.0
# Real time without a word from the child: far above what a case may take, so that only a hang gets there.
_SILENCE_S = 60.0


def main() -> int:
    """Run cases; 1 where one failed, 0 otherwise."""
    options = _options()
    if options.case is not None:
        return _one(Case.called(options.case), options.failures)
    record = Record(options.state)
    wanted = [f"{slug}/{layout}" for slug, layout in layouts() if options.source in (None, slug)]
    child = _Child()
    failed = 0
    try:
        while record.cpu_s < options.hours * 3600:
            # Who had the least time is next.
            name = min(wanted, key=lambda one: record.tally(one).cpu_s)
            line = child.batch(name, max(options.first, record.tally(name).following))
            for failure in line["failures"]:
                failed += 1
                print(f"{failure['case']}: {failure['what']}", file=sys.stderr, flush=True)
                _save(Case.called(failure["case"]), options.failures)
            record.add(line)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
    finally:
        child.end()
    print(_report(record, wanted))
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("--hours", type=float, default=4.0, help="processor time of all runs together; 0 only reports")
    parser.add_argument("--state", type=Path, default=Path("build/fuzz/state.jsonl"), help="what was done so far")
    parser.add_argument(
        "--failures", type=Path, default=Path("build/fuzz/failures"), help="folder for files that failed"
    )
    parser.add_argument(
        "--first", type=int, default=0, metavar="SEED", help="where a new state begins: runs side by side share no case"
    )
    parser.add_argument("--source", help="only this importer")
    parser.add_argument("--case", metavar="SLUG/LAYOUT/SEED", help="run one case, write its files, say how it ended")
    options = parser.parse_args()
    options.state.parent.mkdir(parents=True, exist_ok=True)
    return options


def _one(case: Case, folder: Path) -> int:
    place = _save(case, folder)
    verdict = judge(case.slug, files(case), place / "run", is_compiled=case.is_compiled)
    print(f"{case}: {verdict.ended}, {verdict.rows} rows, {verdict.rejects} rejects, {verdict.seconds:.2f} s")
    print(f"files: {place}", *verdict.failures, sep="\n")
    return 1 if verdict.failures else 0


def _save(case: Case, folder: Path) -> Path:
    """Write the files of a case."""
    place = folder / str(case).replace("/", "-")
    place.mkdir(parents=True, exist_ok=True)
    given: Files = files(case)
    for at, (name, data) in enumerate(given):
        plain = "".join(letter if letter.isalnum() or letter in ".-_" else "_" for letter in name)
        (place / f"{at}-{plain[-80:]}").write_bytes(data)
    return place


class _Child:
    """A process that runs cases; a new one where the last hung or died."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.fuzz.work"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._lines = queue.SimpleQueue()
        assert process.stdout is not None
        # A thread, because a pipe that is read by lines cannot be waited for.
        threading.Thread(target=_collect, args=(process.stdout, self._lines), daemon=True).start()
        return process

    def batch(self, name: str, first: int) -> dict[str, Any]:
        """Run a batch of cases of a layout; the line for the record."""
        found: dict[str, Any] = {"layout": name, "following": first, "cases": 0, "cpu_s": 0.0, "rows": 0, "rejects": 0}
        found |= {"failures": [], "most_mib": 0.0, "most_s": 0.0, "at": int(time.time())}
        ended: Counter[str] = Counter()
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name} {first} {_BATCH} {_BATCH_S}\n")
        begun = first
        while True:
            said = self._said()
            if said is None:
                found["failures"].append({"case": f"{name}/{begun}", "what": self._gone()})
                found |= {"following": begun + 1, "cases": found["cases"] + 1}
                ended["hang or crash"] += 1
                break
            if "done" in said:
                break
            if "begins" in said:
                begun = said["begins"]
                continue
            found["following"] = begun + 1
            found["cases"] += 1
            for sums in ("cpu_s", "rows", "rejects"):
                found[sums] += said[sums]
            found["most_mib"] = max(found["most_mib"], said["mib"])
            found["most_s"] = max(found["most_s"], said["seconds"])
            ended[said["ended"]] += 1
            found["failures"] += [{"case": f"{name}/{begun}", "what": what} for what in said["failures"][:1]]
        return found | {"ended": dict(sorted(ended.items())), "cpu_s": round(found["cpu_s"], 3)}

    def _said(self) -> dict[str, Any] | None:
        """What the child says next; None where it hangs or is gone."""
        try:
            line = self._lines.get(timeout=_SILENCE_S)
        except queue.Empty:
            return None
        return json.loads(line) if line else None

    def _gone(self) -> str:
        """Put a new child in the place of this one; what became of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            # One that closed its output is about to end.
            self._process.wait(timeout=2)
        code = self._process.poll()
        self.end()
        self._process = self._started()
        return f"hang: nothing for {_SILENCE_S:.0f} s" if code is None else f"crash: the process ended with {code}"

    def end(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.wait()


def _collect(stream: Iterable[str], lines: queue.SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)
    lines.put("")


def _report(record: Record, wanted: list[str]) -> str:
    """A table: cases, time, how they ended, by layout."""
    lines = [f"{'layout':<42}{'cases':>9}{'cpu s':>9}{'rows':>8}{'errors':>8}{'failed':>8}{'MiB':>6}{'s':>6}"]
    for name in wanted:
        tally = record.tally(name)
        rows = tally.ended["rows"]
        lines.append(
            f"{name:<42}{tally.cases:>9}{tally.cpu_s:>9.0f}{rows:>8}{tally.cases - rows:>8}{len(tally.failed):>8}"
            f"{tally.most_mib:>6.0f}{tally.most_s:>6.1f}"
        )
    tallies = [record.tally(name) for name in wanted]
    lines.append(
        f"{'all':<42}{sum(tally.cases for tally in tallies):>9}{sum(tally.cpu_s for tally in tallies):>9.0f}"
        f"{sum(tally.ended['rows'] for tally in tallies):>8}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
