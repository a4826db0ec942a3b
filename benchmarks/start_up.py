"""Start-up: how long a user waits, as wall time beside an empty interpreter in the same interleaved rounds.

Run with `make bench`. The machine is noisy: read the medians and ratios of one run, not single times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
ROOT = Path(__file__).resolve().parents[1]
BEHOLDEN = Path(sys.executable).with_name("beholden")


def commands() -> dict[str, list[str]]:
    """What is timed, by name."""
    scan = [str(BEHOLDEN), "scan", str(ROOT / "examples" / "northport"), "--as-of", "2026-08-01", "--allow-incomplete"]
    return {
        "empty interpreter": [sys.executable, "-c", "pass"],
        "beholden --version": [str(BEHOLDEN), "--version"],
        "beholden scan examples/northport": scan,
        "the same to JSON": [*scan, "--format", "json"],
        "beholden show alibaba": [str(BEHOLDEN), "show", "alibaba", "--as-of", "2026-07-06"],
    }


def wall(command: list[str], env: dict[str, str]) -> float:
    """Seconds of one run, process start included."""
    started = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Time every command in interleaved rounds, then the first build of the core base."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "BEHOLDEN_HOME": folder}
        # An installed program has its byte code; without it, much of the time would be compiling our source.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        show = commands()["beholden show alibaba"]
        first = wall(show, env)
        rounds: dict[str, list[float]] = {name: [] for name in commands()}
        for _ in range(ROUNDS):
            for name, command in commands().items():
                rounds[name].append(wall(command, env))
        builds = [wall(show, {**env, "BEHOLDEN_HOME": f"{folder}/fresh-{number}"}) for number in range(3)]
    base = statistics.median(rounds["empty interpreter"])
    print(f"{'median of ' + str(ROUNDS) + ' rounds':40} {'ms':>8} {'x empty':>8}")
    for name, times in rounds.items():
        median = statistics.median(times)
        print(f"{name:40} {median * 1000:8.0f} {median / base:8.1f}")
    median = statistics.median([first, *builds])
    print(f"{'show with the core base built first':40} {median * 1000:8.0f} {median / base:8.1f}")


if __name__ == "__main__":
    main()
