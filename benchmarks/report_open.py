"""The HTML report of a large result: its size, how long it takes to write, and how long a browser takes to open it.

Run with `make bench` where Chromium and Playwright are installed (`make peers`). "Open" is the time from asking for the
page to the first frame after the load event, layout included, with a fresh browser for every round. The machine is
noisy: read the medians.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.builders_report import make_large  # noqa: E402 (after the path)
from tests.rendering import rendered  # noqa: E402

from beholden.report.html import HtmlReport  # noqa: E402

FINDINGS = (100, 1_000, 10_000)
ROUNDS = 5
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
# Two frames after load: the first layout has been made and painted.
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def opened(chromium: str, page_file: Path) -> float:
    """Return the seconds a fresh browser takes to open a page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        start = time.perf_counter()
        page.goto(page_file.as_uri(), wait_until="load", timeout=120_000)
        page.evaluate(PAINTED)
        taken = time.perf_counter() - start
        browser.close()
    return taken


def main() -> None:
    """Print a line per size."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    print(f"{'findings':>8} {'bytes':>12} {'per finding':>12} {'write s':>8} {'open s (median)':>16} {'worst':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for count in FINDINGS:
            result = make_large(count)
            writing = []
            for _ in range(ROUNDS if count < FINDINGS[-1] else 3):
                start = time.perf_counter()
                page = rendered(HtmlReport(), result)
                writing.append(time.perf_counter() - start)
            page_file = Path(folder) / f"{count}.html"
            page_file.write_bytes(page)
            opening = [opened(chromium, page_file) for _ in range(ROUNDS)] if chromium else []
            median = f"{statistics.median(opening):.2f}" if opening else "no browser"
            worst = f"{max(opening):.2f}" if opening else ""
            write = statistics.median(writing)
            print(f"{count:>8,} {len(page):>12,} {len(page) // count:>12,} {write:>8.2f} {median:>16} {worst:>6}")


if __name__ == "__main__":
    main()
