"""The HTML report in a real browser: what loads, what fits, what an accessibility engine says, what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.builders_report import full_result, make_large
from tests.builders_result import make_artefact, make_finding, make_many, make_result
from tests.rendering import rendered

from beholden.report.html import HtmlReport
from beholden.schema.result import EntityRef, Location, ScanResult

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OPEN_ALL = "document.querySelectorAll('details').forEach(item => { item.open = true })"
TWICE = "html { font-size: 200% !important }"

Opener = Callable[..., Any]


@pytest.fixture
def opened(peer: Callable[[str], ModuleType], chromium: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens a result as a page; every request and every complaint of the browser is kept on it."""
    playwright = peer("playwright.sync_api").sync_playwright()
    with playwright as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=FLAGS)

        def load(result: ScanResult, **context: Any) -> Any:
            path = tmp_path / "report.html"
            path.write_bytes(rendered(HtmlReport(), result))
            page = browser.new_context(**context).new_page()
            page.asked, page.complaints = [], []
            page.on("request", lambda request: page.asked.append(request.url))
            page.on("console", lambda message: page.complaints.append(message.text))
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.goto(path.as_uri())
            return page

        yield load
        browser.close()


def _unbroken() -> ScanResult:
    """Values without a blank, longer than any screen is wide."""
    long = "a" * 300
    party = EntityRef(id=long, schema="Company", caption=long, jurisdictions=["cn"])
    artefact = make_artefact(value=long, locations=[Location(file=f"{long}/{long}.log", line=1)])
    return make_result([make_finding(operator=party, listed_entity=party, artefact=artefact, why=long)])


def test_page_asks_for_nothing_and_the_browser_has_no_complaint(opened: Opener) -> None:
    page = opened(full_result())
    page.evaluate(OPEN_ALL)
    page.wait_for_timeout(200)
    assert page.asked == [page.url]
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Opener, peer: Callable[[str], ModuleType], scheme: str) -> None:
    axe = peer("axe_playwright_python.sync_playwright").Axe()
    page = opened(full_result(), color_scheme=scheme, bypass_csp=True)
    page.evaluate(OPEN_ALL)
    response = axe.run(page).response
    assert "color-contrast" in {item["id"] for item in response["passes"]}  # the engine did look
    serious = [
        (item["id"], node["html"][:120])
        for item in response["violations"]
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]
    assert serious == []


@pytest.mark.parametrize(
    ("width", "style"),
    [pytest.param(320, "", id="narrow phone"), pytest.param(640, TWICE, id="text at 200 %")],
)
@pytest.mark.parametrize("result", [full_result(), _unbroken()], ids=["everything", "unbroken words"])
def test_page_never_scrolls_sideways(opened: Opener, width: int, style: str, result: ScanResult) -> None:
    page = opened(result, viewport={"width": width, "height": 800})
    if style:
        page.add_style_tag(content=style)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_scheme_is_dark_and_light_is_light(opened: Opener) -> None:
    def brightness(scheme: str) -> int:
        colour = opened(full_result(), color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.strip("rgb()").split(","))

    assert brightness("dark") < 150 < 600 < brightness("light")


def test_link_to_a_finding_opens_its_line(opened: Opener) -> None:
    page = opened(full_result())
    assert not page.locator("#finding-f-0004").is_visible()
    page.locator("section[aria-labelledby=questions] a[href='#finding-f-0004']").click()
    page.locator("#finding-f-0004").wait_for(state="visible", timeout=5000)


def test_print_shows_the_body_of_every_finding(opened: Opener) -> None:
    result = full_result()
    page = opened(result)
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    for finding in result.findings:
        body = page.locator(f"#finding-{finding.id} .why")
        assert body.is_visible()
        assert body.bounding_box()["height"] > 10
    assert page.locator("section[aria-labelledby=timeline] table").is_visible()


def test_printed_file_has_pages_and_fits_their_width(opened: Opener) -> None:
    page = opened(full_result(), viewport={"width": 688, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") > 5


def test_paper_leaves_out_a_crowd_of_info_lines_and_says_so(opened: Opener) -> None:
    page = opened(make_many(400))
    page.emulate_media(media="print")
    assert not page.locator("details.line.info").first.is_visible()
    assert page.locator("details.line.prohibited .why").first.is_visible()
    assert "at level info not printed" in page.locator("p.paper").first.inner_text()


def test_ten_thousand_findings_open(opened: Opener) -> None:
    """The time is for `benchmarks/report_open.py`; here, that the page is whole and a line opens."""
    page = opened(make_large(10_000))
    assert page.locator("div.under").count() == 10_000
    line = page.locator("details.line.prohibited").first
    line.locator("summary").click()
    assert line.locator(".why").first.is_visible()
    assert page.complaints == []
