"""What reports say of signals: figures, whose host it was, what else it may be; and whose name they hide."""

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from tests.builders_result import make_result, make_signal
from tests.rendering import rendered

from beholden.report.html import HtmlReport
from beholden.report.markdown import MarkdownReport
from beholden.report.privacy import for_sharing
from beholden.report.signal_words import SIGNALS, acted, evenness, ordinary, services, spans
from beholden.report.terminal import render_terminal
from beholden.schema.result import ScanResult
from beholden.schema.signal import Signal

OURS, THEIRS = "10.20.0.8", "203.0.113.9"


def with_signals(*signals: Signal) -> ScanResult:
    return replace(make_result([]), signals=list(signals))


def on_terminal(result: ScanResult) -> str:
    out = io.StringIO()
    render_terminal(result, out, colour=False, width=None)
    return out.getvalue()


@pytest.mark.parametrize(
    ("way", "source", "said"),
    [
        ("outwards", OURS, f"{OURS} (ours) acted on others"),
        ("inwards", THEIRS, f"{THEIRS} acted on hosts of ours"),
        ("within", OURS, f"{OURS} (ours) acted on other hosts of ours"),
        ("a way of later", OURS, OURS),
    ],
)
def test_who_acted_on_whom(way: str, source: str, said: str) -> None:
    assert acted(make_signal(way=way, source=source)) == said


def test_every_figure_is_in_the_words() -> None:
    signal = make_signal(names=5)
    text = f"{evenness(signal)} | {services(signal)} | {ordinary(signal)} | {spans(signal)}"
    for figure in ("0.21", "0.64", "19 s", "412 more without an answer", "5 names", "443/tcp (20,117)", "a crawler"):
        assert figure in text
    assert "2026-05-01T08:00:00+00:00 to 2026-05-01T10:09:59+00:00, by zeek connections" in text


def test_the_terminal_tells_the_figures_and_the_first_records() -> None:
    text = on_terminal(with_signals(make_signal()))
    for part in (SIGNALS, f"{OURS} (ours) acted on others", "31,204 requests", "may as well be", "vpc/flow.log.gz:17"):
        assert part in text


def test_the_terminal_shows_so_many_and_says_how_many_more() -> None:
    text = on_terminal(with_signals(*(make_signal(longest_gap=gap) for gap in range(25))))
    assert text.count("(ours) acted on others") == 20
    assert "and 5 more sessions" in text


@pytest.mark.parametrize("report", [HtmlReport(), MarkdownReport()])
def test_files_for_sharing_hide_our_host_and_not_theirs(report: HtmlReport | MarkdownReport) -> None:
    result = with_signals(make_signal(), make_signal(way="inwards", source=THEIRS))
    text = rendered(report, result).decode()
    assert OURS not in text
    assert THEIRS in text


def test_a_host_of_ours_is_hidden_wherever_it_stands_and_a_public_address_too() -> None:
    ours = "198.51.100.7"
    result = with_signals(make_signal(source=ours), make_signal(way="inwards", source=THEIRS))
    shown = for_sharing(result)
    assert shown.signals[0].source.startswith("host-")
    assert shown.signals[1].source == THEIRS
    assert shown.signals[0].why == result.signals[0].why
    assert shown.signals[0].may_be == result.signals[0].may_be


def test_neither_gate_nor_summary_counts_signals() -> None:
    without, with_one = make_result([]), with_signals(make_signal())
    assert with_one.summary == without.summary
    assert "No findings." in on_terminal(with_one)
