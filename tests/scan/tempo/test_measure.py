"""Planted sessions: those like an agent's are told, those of persons and of ordinary machines are not."""

from __future__ import annotations

import dataclasses
import random
import sqlite3
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.samples import DATA, SAMPLES
from tests.contract.test_scanner_contract import mutated
from tests.scan.tempo import actors
from tests.scan.tempo.actors import BEGIN, HOST, Act, zeek_log

from beholden.scan import SCANNERS
from beholden.scan.interface import Watch
from beholden.scan.network.route53 import Route53Resolver
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.network.zeek_x509 import ZeekX509
from beholden.scan.software.go_mod import GoMod
from beholden.scan.source import Source
from beholden.scan.tempo import measure
from beholden.scan.tempo.limits import LIMITS, Limits
from beholden.scan.tempo.measure import Tempo
from beholden.scan.tempo.requests import Records, Request, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hypothesis.strategies import DataObject

    from beholden.scan.interface import Scanner
    from beholden.schema.signal import Signal


def measured(*files: Path, limits: Limits = LIMITS, watch: Watch = Watch()) -> list[Signal]:  # noqa: B008 (frozen)
    tempo = Tempo(watch, limits)
    for file in files:
        tempo.read(Source(file, file.name), ZeekConn())
    return tempo.signals()


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., list[Signal]]:
    """Signals of what one host did."""

    def tell(acts: Iterator[Act] | list[Act], limits: Limits = LIMITS, host: str = HOST) -> list[Signal]:
        return measured(zeek_log(tmp_path / "conn.log", acts, host), limits=limits)

    return tell


def test_a_session_like_an_agents_is_told_with_its_figures(told: Callable[..., list[Signal]]) -> None:
    acts = sorted(actors.agent())
    [signal] = told(acts)
    answered = [act for act in acts if act.came is not None]
    assert (signal.kind, signal.way, signal.source, signal.records) == (
        "tempo",
        "outwards",
        HOST,
        "zeek_connections",
    )
    assert signal.requests == len(answered)
    assert signal.unanswered == len(acts) - len(answered)
    assert signal.targets == len({act.target for act in answered})
    assert signal.services == len({act.port for act in answered}) == 8
    assert signal.doors == len({(act.target, act.port) for act in answered})
    assert signal.names == 0
    assert signal.begin == "2026-05-01T08:00:00+00:00"
    assert float(signal.slowest_per_second) >= 1
    assert [(place.file, place.line) for place in signal.places[:1]] == [
        ("conn.log", next(line for line, act in enumerate(acts, 4) if act.came is not None))
    ]
    assert f"{signal.requests:,} requests" in signal.why
    assert any("gateway" in text for text in signal.may_be)


@pytest.mark.parametrize(("reads", "seconds"), [(25, 3_600), (8, 3_600), (3, 3_600)])
def test_a_person_is_not_told_however_fast_they_click(
    told: Callable[..., list[Signal]], reads: float, seconds: int
) -> None:
    assert told(sorted(actors.person(seconds, reads))) == []


# What each machine lacks: without that limit alone it would be told.
MACHINES: dict[str, tuple[Callable[[], Iterator[Act]], dict[str, Any]]] = {
    "resolver": (actors.resolver, {"services": 1}),
    "monitoring": (actors.monitoring, {"fresh": 0.0}),
    "backup": (actors.backup, {"targets": 3, "fresh": 0.0}),
    "worm": (actors.worm, {"services": 1}),
    "flood": (actors.flood, {"services": 1, "targets": 1, "fresh": 0.0}),
    "updates": (actors.updates, {"length": 0, "window": 60, "pace": 60, "fresh": 0.0}),
    "crawler": (actors.crawler, {"services": 3}),
    "peer to peer": (actors.peer_to_peer, {"share": 0.0}),
    "bursts": (actors.bursts, {"variation": 2.0}),
}


@pytest.mark.parametrize("name", MACHINES)
def test_an_ordinary_machine_is_told_apart_by_what_it_lacks(told: Callable[..., list[Signal]], name: str) -> None:
    acts, without = MACHINES[name]
    assert told(acts()) == []
    assert len(told(acts(), dataclasses.replace(LIMITS, **without))) == 1


def test_a_scan_is_told_apart_because_nothing_answers(told: Callable[..., list[Signal]]) -> None:
    assert told(actors.port_scan()) == []
    everything_open = [act._replace(came=80) for act in actors.port_scan()]
    assert len(told(everything_open, dataclasses.replace(LIMITS, share=0.0))) == 1


def test_a_gateway_is_told_and_named_as_what_it_may_be(told: Callable[..., list[Signal]]) -> None:
    [signal] = told(actors.gateway())
    assert "a gateway, proxy or VPN, behind which many persons and machines share one address" in signal.may_be


def test_the_three_ways_are_told_apart(tmp_path: Path) -> None:
    acts = sorted(actors.agent())
    ours = [act._replace(target=actors.inside(int(act.target.rpartition(".")[2]))) for act in acts]
    files = [
        zeek_log(tmp_path / "out.log", acts, "10.20.0.1"),
        zeek_log(tmp_path / "in.log", ours, "203.0.113.9"),
        zeek_log(tmp_path / "within.log", ours, "10.20.0.2"),
        zeek_log(tmp_path / "carried.log", acts, "203.0.113.10"),
    ]
    found = [(signal.way, signal.source) for signal in measured(*files)]
    assert found == [("inwards", "203.0.113.9"), ("outwards", "10.20.0.1"), ("within", "10.20.0.2")]


def test_neither_order_nor_files_matter(tmp_path: Path) -> None:
    acts = sorted(actors.agent())
    [whole] = measured(zeek_log(tmp_path / "whole.log", acts))
    random.Random(5).shuffle(acts)
    parts = [zeek_log(tmp_path / f"{part}.log", acts[part::3]) for part in range(3)]
    results = [measured(*(parts[part] for part in order)) for order in ((0, 1, 2), (2, 0, 1))]
    assert results[0] == results[1]
    [split] = results[0]
    assert {**_as_dict(split), "places": []} == {**_as_dict(whole), "places": []}


def _as_dict(signal: Signal) -> dict[str, Any]:
    return {name: getattr(signal, name) for name in signal.__struct_fields__}


def _requests(records: Records, acts: Iterable[Act]) -> Iterator[Request]:
    for line, act in enumerate(acts, 1):
        second = BEGIN + int(act.at)
        yield Request(records, Way.OUTWARDS, HOST, act.target, act.port, second, act.came is not None, line)


def test_what_two_logs_tell_of_one_session_is_told_once_and_not_added(tmp_path: Path) -> None:
    acts = sorted(actors.agent())
    tempo = Tempo(Watch())
    half = [act for act in acts if act.port != 22]
    tempo.add(_requests(Records.ZEEK_REQUESTS, half), Source(tmp_path, "http.log"))
    tempo.add(_requests(Records.ZEEK_CONNECTIONS, acts), Source(tmp_path, "conn.log"))
    [signal] = tempo.signals()
    assert signal.records == "zeek_connections"
    assert signal.requests == sum(act.came is not None for act in acts)


def test_two_sessions_with_a_pause_between_are_two_signals(told: Callable[..., list[Signal]]) -> None:
    acts = sorted(actors.agent(1_500))
    again = [act._replace(at=act.at + 1_500 + 300) for act in acts]
    assert len(told([*acts, *again])) == 2


def test_memory_does_not_grow_with_the_number_of_sources(tmp_path: Path) -> None:
    def many(sources: int) -> Iterator[Request]:
        for number in range(sources):
            source = f"198.{18 + number // 65_536}.{number // 256 % 256}.{number % 256}"
            yield Request(Records.ZEEK_CONNECTIONS, Way.INWARDS, source, "10.0.0.1", 443, BEGIN + number, True, number)

    def peak(sources: int) -> int:
        tempo = Tempo(Watch())
        tracemalloc.start()
        tempo.add(many(sources), Source(tmp_path, "conn.log"))
        assert tempo.signals() == []
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert tempo.source_hours() == sources
        return most

    # Both are more than is held at once.
    assert peak(60_000) < 1.2 * peak(25_000)


def test_a_full_disk_is_told_and_gives_no_half_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(tmp_path, "conn.log")
    tempo = Tempo(Watch())
    tempo.add(_requests(Records.ZEEK_CONNECTIONS, actors.agent()), source)

    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(tempo._store, "settle", full)
    assert tempo.signals() == []
    assert source.notes[-1] == "tempo was not measured, in no file of this run: database or disk is full"
    other = Source(tmp_path, "other.log")
    tempo.add([], other)
    assert other.notes == []


@pytest.mark.parametrize(
    ("scanner", "note"),
    [
        (VpcFlow(), "tempo was not measured: a record sums up a window of a minute or more, which is too coarse"),
        (Route53Resolver(), "tempo was not measured: single requests are not read from this format"),
        (ZeekX509(), None),
        (GoMod(), None),
    ],
)
def test_a_format_that_is_not_measured_says_so(tmp_path: Path, scanner: Any, note: str | None) -> None:
    source = Source(tmp_path, "some.log")
    Tempo(Watch()).read(source, scanner)
    assert source.notes == ([] if note is None else [note])


def test_a_log_that_breaks_off_is_measured_up_to_there_and_not_rejected_twice(tmp_path: Path) -> None:
    file = zeek_log(tmp_path / "conn.log", actors.agent())
    text = file.read_text()
    file.write_text(text + "cut\n#fields\tts\n" + text)
    source = Source(file, "conn.log")
    tempo = Tempo(Watch())
    tempo.read(source, ZeekConn())
    assert len(tempo.signals()) == 1
    assert source.records_rejected == 0
    assert source.notes == [f"tempo: {text.count(chr(10)) - 3:,} requests or connections were measured"]


MEASURED = [scanner for scanner in SCANNERS if scanner.name in measure.READERS]


def test_every_reader_that_is_measured_is_one() -> None:
    assert {scanner.name for scanner in MEASURED} == set(measure.READERS)


@pytest.mark.parametrize("scanner", MEASURED, ids=lambda scanner: scanner.name)
@given(draw=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_stop_it(scanner: Scanner, draw: DataObject, tmp_path: Path) -> None:
    sample = draw.draw(st.sampled_from(SAMPLES[scanner.name]))
    file = tmp_path / "input"
    file.write_bytes(mutated((DATA / sample).read_bytes(), draw))
    source, tempo = Source(file, "input"), Tempo(Watch(), Limits(length=0, window=1, pace=0, targets=0, services=0))
    tempo.read(source, scanner)
    assert source.records_rejected == 0
    for signal in tempo.signals():
        assert signal.requests > 0
        assert signal.begin <= signal.end
        msgspec.json.encode(signal)
    assert source.notes[0].startswith("tempo: ")


@pytest.mark.parametrize("scanner", MEASURED, ids=lambda scanner: scanner.name)
def test_a_whole_sample_tells_of_requests(scanner: Scanner) -> None:
    file = DATA / SAMPLES[scanner.name][0]
    source = Source(file, file.name)
    Tempo(Watch()).read(source, scanner)
    assert source.notes != ["tempo: 0 requests or connections were measured"]
