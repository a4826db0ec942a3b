"""`scan --detect tempo` on the command line: what it adds, and what it leaves as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here
from tests.scan.tempo.actors import HOST, agent, monitoring, zeek_log

DAY = ("--as-of", "2026-08-01")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Logs of one host like an agent's, and of one that monitors; the working folder is beside them."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "logs"
    folder.mkdir()
    zeek_log(folder / "conn.log", agent())
    zeek_log(folder / "conn.2.log", monitoring(), "10.20.0.9")
    return folder


def scan(*more: str) -> Answer:
    return run_here("scan", "logs", *DAY, *more)


def document(*more: str) -> dict[str, Any]:
    answer = scan("--format", "json", *more)
    assert answer.code == 0, answer.err
    return answer.document


@pytest.mark.usefixtures("logs")
def test_the_option_adds_signals_and_notes_and_nothing_else() -> None:
    without, detected = document(), document("--detect", "tempo")
    assert without["signals"] == []
    [signal] = detected["signals"]
    assert (signal["source"], signal["way"]) == (HOST, "outwards")
    assert {place["file"] for place in signal["places"]} == {"conn.log"}
    noted = {row["file"]: row["notes"][-1] for row in detected["coverage"]}
    assert noted["conn.2.log"] == "tempo: 14,400 requests or connections were measured"
    for row in (*without["coverage"], *detected["coverage"]):
        row["notes"] = [note for note in row["notes"] if not note.startswith("tempo")]
    assert {**detected, "signals": []} == without


@pytest.mark.usefixtures("logs")
def test_the_same_run_gives_the_same_bytes() -> None:
    assert scan("--format", "json", "--detect", "tempo").out == scan("--format", "json", "--detect", "tempo").out


@pytest.mark.usefixtures("logs")
def test_a_signal_stops_no_gate() -> None:
    assert scan("--detect", "tempo", "--fail-on", "info").code == 0


@pytest.mark.usefixtures("logs")
def test_reports_tell_it_as_behaviour_and_hide_whose_host_it_was() -> None:
    shown = scan("--detect", "tempo", "-o", "r.html", "-o", "r.md").out.decode()
    said = "This is behaviour, not a finding"
    assert said in shown
    assert f"{HOST} (ours) acted on others" in shown
    for file in ("r.html", "r.md"):
        text = Path(file).read_text(encoding="utf-8")
        assert said in text
        assert "acted on others" in text
        assert HOST not in text


@pytest.mark.usefixtures("logs")
def test_without_a_signal_reports_have_no_section_for_it() -> None:
    shown = scan("-o", "r.html", "-o", "r.md").out.decode()
    texts = [shown, *(Path(file).read_text(encoding="utf-8") for file in ("r.html", "r.md"))]
    assert ["This is behaviour" in text for text in texts] == [False] * 3


@pytest.mark.usefixtures("logs")
def test_a_receipt_says_what_was_looked_for_and_verifies() -> None:
    assert scan("--detect", "tempo", "--receipt", "receipt.json").code == 0
    assert json.loads(Path("receipt.json").read_bytes())["options"]["detect"] == ["tempo"]
    assert run_here("kb", "verify", "receipt.json").code == 0


@pytest.mark.usefixtures("logs")
def test_what_cannot_be_detected_is_a_usage_error() -> None:
    answer = scan("--detect", "mood")
    assert answer.code == 2
    assert "tempo" in answer.err
