"""The documentation: it builds without a warning, nothing lacks its place, nothing is stale, nothing is fetched."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import click
import pytest

from beholden.cli import EXIT_BUG, cli
from beholden.compile import open_core
from beholden.errors import BeholdenError
from beholden.report.registry import REPORTS
from beholden.run.base_info import base_info
from beholden.scan import SCANNERS
from beholden.schema.vocabulary import Relation, Role
from beholden.sources import every_source

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
DAY = date(2026, 8, 1)
MAX_LINES = 400
WRITTEN = sorted([*DOCS.glob("**/*.md"), *ROOT.glob("*.md"), ROOT / "examples" / "northport" / "README.md"])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"""(?:code=|code: str = )["']([a-z]+\.[a-z-]+)["']""")
_CODE_ROW = re.compile(r"^\| (`[^|]+`) \| (\d+) \|", re.MULTILINE)


class _Page(HTMLParser):
    """Ids, links and fetched addresses of a built page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.fetched: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.ids.add(has.get("id", ""))
        if tag == "a":
            self.links.add(has.get("href", ""))
        elif tag == "meta" and has.get("http-equiv") == "Content-Security-Policy":
            self.policy = has["content"]
        elif tag in ("script", "link", "img", "iframe", "source", "video", "audio", "object", "embed"):
            self.fetched += [has[name] for name in ("src", "href", "srcset", "data") if name in has]


@pytest.fixture
def site(peer: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once a session with warnings as errors, for a day that is fixed."""
    peer("mkdocs")
    peer("material")
    peer("mkdocstrings")
    base = tmp_path_factory.getbasetemp()
    # Workers of one session share the folder above theirs; without workers that folder is shared with other sessions.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "site"
    with (shared / "site.lock").open("w") as lock:
        # The first to come builds.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
            env = {**os.environ, "SOURCE_DATE_EPOCH": str(int(noon.timestamp())), "NO_MKDOCS_2_WARNING": "1"}
            command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            (shared / "site.log").write_text(f"{done.returncode}\n{done.stderr}", encoding="utf-8")
            folder.mkdir(exist_ok=True)
    code, _, log = (shared / "site.log").read_text(encoding="utf-8").partition("\n")
    assert code == "0", log
    return folder


def page(site: Path, path: str) -> _Page:
    return _Page((site / path).read_text(encoding="utf-8"))


def text(site: Path, path: str) -> str:
    return (site / path).read_text(encoding="utf-8")


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{path} {name}")


def test_every_command_and_option_has_its_place(site: Path) -> None:
    shown = text(site, "reference/commands.html")
    # A section goes from one command's heading to the next.
    sections = dict(re.findall(r'<h2 id="([^"]+)">(.*?)(?=<h2 |</article>)', shown, re.DOTALL))
    for path, command in commands(cli, "beholden"):
        section = sections[path.replace(" ", "-")]
        options = [option for option in command.params if isinstance(option, click.Option)]
        missing = [name for option in options for name in option.opts if f"<code>{name}</code>" not in section]
        assert missing == [], path


def test_every_reader_and_report_has_its_place(site: Path) -> None:
    assert {scanner.name for scanner in SCANNERS} <= page(site, "reference/readers.html").ids
    assert {report.name for report in REPORTS} <= page(site, "reference/reports.html").ids


def test_every_publication_has_its_place_with_licence_addresses_and_layouts(site: Path) -> None:
    found = page(site, "reference/publications.html")
    shown = text(site, "reference/publications.html")
    # A section goes from one publication's heading to the next.
    sections = dict(re.findall(r'<h2 id="([^"]+)">(.*?)(?=<h2 |</article>)', shown, re.DOTALL))
    for source in every_source():
        told = source.descriptor
        section = sections[told.slug]
        assert f"<td>may be passed on</td>\n<td>{'yes' if told.may_pass_on else 'no'}</td>" in section, told.slug
        assert {address.url for address in told.addresses} <= found.links, told.slug
        assert [one.name for one in told.layouts if f"<td><code>{one.name}</code></td>" not in section] == []
        untried = sum(one.tried_on is None for one in told.layouts)
        assert section.count("untried on a real file") == untried, told.slug


def test_every_role_and_relation_has_its_place(site: Path) -> None:
    shown = text(site, "reference/vocabulary.html")
    assert [word for word in (*Role, *Relation) if f"<td><code>{word}</code></td>" not in shown] == []


def test_every_list_and_rule_has_its_page_with_its_status_on_the_day_of_the_build(site: Path) -> None:
    info = base_info(open_core(), as_of=DAY, known_at=None)
    for rule in info.rules:
        shown = text(site, f"reference/regimes/{rule.regime}.html")
        part = shown if rule.kind == "rule" else shown.partition(f'id="{rule.id}"')[2]
        found = re.search(rf"status on {DAY}</td>\s*<td><code>(\w+)</code>", part)
        assert found is not None, rule.id
        assert found[1] == rule.status, rule.id


def test_every_page_of_a_list_shows_issuer_citation_copy_and_grade(site: Path) -> None:
    kb = open_core()
    for row in base_info(kb, as_of=DAY, known_at=None).sources:
        if row.kind != "list":
            continue
        shown = re.sub(r"\s+", " ", text(site, f"reference/regimes/{row.id}.html"))
        regime = kb.regimes[row.id]
        assert f"<td>loaded</td> <td>{'yes' if row.loaded else 'no'}</td>" in shown, row.id
        assert f"<td>checked until</td> <td>{row.checked_until or '–'}</td>" in shown, row.id
        assert f"<td>edition</td> <td>{row.edition or '–'}</td>" in shown, row.id
        assert f"<td>grade</td> <td>{regime.grade}</td>" in shown, row.id
        assert "<td>issuer</td>" in shown, row.id
        assert "<td>citation</td>" in shown, row.id


def raised() -> set[str]:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "beholden").glob("**/*.py")]
    return {code for source in sources for code in _CODE.findall(source)}


def described() -> dict[str, str]:
    rows = _CODE_ROW.findall((DOCS / "reference" / "errors.md").read_text(encoding="utf-8"))
    return {code: exit_code for codes, exit_code in rows for code in re.findall(r"`([^`]+)`", codes)}


def test_every_error_code_of_the_source_has_its_line() -> None:
    assert sorted(raised() - described().keys()) == []


def test_no_error_code_is_described_that_nothing_raises() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").glob("**/*.py"))
    assert [code for code in described() if f'"{code}"' not in source] == []


def test_the_exit_codes_page_has_every_code_an_error_can_end_with() -> None:
    listed = re.findall(
        r"^\| (\d+) \|", (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    ends = {kind.exit_code for kind in BeholdenError.__subclasses__()}
    assert {int(code) for code in listed} == {0, 1, EXIT_BUG, *ends}


def test_every_page_is_in_the_navigation(site: Path) -> None:
    linked = page(site, "index.html").links
    pages = {path.relative_to(site).as_posix() for path in site.glob("**/*.html")} - {"404.html", "index.html"}
    assert sorted(pages - linked) == []


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for path in site.glob("**/*.html"):
        built = _Page(path.read_text(encoding="utf-8"))
        assert [address for address in built.fetched if re.match(r"(https?:)?//", address)] == [], path
        assert built.policy.startswith("default-src 'self' file: data: blob:"), path
        assert "http" not in built.policy


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_of_written_pages_lead_somewhere(path: Path) -> None:
    prose = _FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = [link.partition("#")[0] for link in _LINK.findall(prose) if not re.match(r"[a-z]+:", link)]
    gone = [target for target in targets if target and not (path.parent / target).exists()]
    # Generated pages exist in the site only; MkDocs checks links to them while it builds.
    if path.is_relative_to(DOCS):
        generated = re.compile(
            r"reference/(commands|readers|reports|publications|vocabulary|python-\w+|regimes/[\w-]+)\.md"
        )
        gone = [target for target in gone if not generated.search((path.parent / target).resolve().as_posix())]
    assert gone == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_written_pages_are_short(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MAX_LINES


def test_the_help_in_the_readme_is_that_of_the_program() -> None:
    run = "import sys; sys.argv[0] = 'beholden'; from beholden.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", run, "--help"], env={**os.environ, "COLUMNS": "100"}, capture_output=True, check=True
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(Usage: beholden .*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert shown is not None
    assert shown[1] == done.stdout.decode()


def test_the_search_answers_on_a_page_opened_as_a_file(
    site: Path, peer: Callable[[str], ModuleType], chromium: str
) -> None:
    playwright = peer("playwright.sync_api")
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        tab = browser.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((site / "index.html").as_uri())
        # The search loads its index when somebody turns to it.
        tab.focus("input.md-search__input")
        tab.keyboard.type("us-889-b")
        # While it is typed, the list shows what the first letters mean.
        result = tab.wait_for_selector(".md-search-result__item a[href*='us-889']", timeout=30_000)
        assert result.get_attribute("href").startswith("file:")
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        browser.close()
