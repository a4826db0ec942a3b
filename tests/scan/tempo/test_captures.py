"""How often ordinary traffic is told: measured on every capture there is, each by itself."""

from __future__ import annotations

import csv
import dataclasses
import ipaddress
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.conftest import SHARED, lacking

from beholden.scan import scanners
from beholden.scan.detect import detect
from beholden.scan.interface import Watch
from beholden.scan.network.sides import Sides
from beholden.scan.source import Source
from beholden.scan.tempo.limits import LIMITS, Limits
from beholden.scan.tempo.measure import Tempo
from beholden.scan.tempo.requests import UDP_SERVICES, Records, Request, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

INPUTS = "data/inputs"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "measure-tempo.md"
FOLDERS = ("netflow", "ocsf", "pcap", "suricata", "vpcflow", "zeek")
# The address that was watched there; its logs of requests do not say so.
WATCHED = {"zeek/rita-missing_host": (ipaddress.ip_network("64.225.56.201/32"),)}
# The same traffic as zeek/zed-tsv, once more.
SECOND_COPIES = frozenset({"zeek/zed-json"})
AT_MOST_PER_THOUSAND_HOURS = 1.0


class Measured(NamedTuple):
    hours: int
    requests: int
    signals: int


def captures(inputs: Path) -> Iterator[tuple[str, list[Path]]]:
    """Files that tell of one capture: those of one folder of Zeek logs, else each file."""
    parts: dict[str, list[Path]] = {}
    for folder in FOLDERS:
        for path in sorted((inputs / folder).rglob("*")):
            if path.is_file():
                is_set = folder == "zeek" and path.parent != inputs / "zeek"
                name = (path.parent if is_set else path).relative_to(inputs).as_posix()
                parts.setdefault(name, []).append(path)
    yield from ((name, files) for name, files in parts.items() if name not in SECOND_COPIES)


def measure(inputs: Path, limits: Limits) -> dict[str, Measured]:
    found = {}
    for name, files in captures(inputs):
        networks = next((own for start, own in WATCHED.items() if name.startswith(start)), ())
        watch = Watch(own_networks=networks)
        tempo, before = Tempo(watch, limits), 0
        for file in files:
            source = Source(file, file.relative_to(inputs).as_posix())
            if file.suffix == ".binetflow":
                tempo.add(argus(file, Sides(watch)), source)
            elif (scanner := detect(source, scanners()).scanner) is not None:
                tempo.read(source, scanner)
            before += sum(int(note.split()[1].replace(",", "")) for note in source.notes if note.startswith("tempo: "))
        signals = tempo.signals()
        found[name] = Measured(tempo.source_hours(), before, len(signals))
    return found


def argus(file: Path, sides: Sides) -> Iterator[Request]:
    """Flows of an Argus text, which has no reader yet."""
    with file.open(newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        for line, row in enumerate(csv.DictReader(stream, delimiter="\t" if "\t" in first else ","), 2):
            way = way_of(sides, row["SrcAddr"], row["DstAddr"])
            if way is None or row["Proto"] not in ("tcp", "udp"):
                continue
            seen = datetime.strptime(row["StartTime"], "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
            service = int(row["Dport"], 0) + (UDP_SERVICES if row["Proto"] == "udp" else 0)
            is_answered = int(row["TotBytes"]) > int(row["SrcBytes"])
            yield Request(
                Records.SURICATA_FLOWS,
                way,
                row["SrcAddr"],
                row["DstAddr"],
                service,
                int(seen.timestamp()),
                is_answered,
                line,
            )


@pytest.fixture(scope="module")
def inputs() -> Path:
    if not (SHARED / INPUTS).is_dir():
        lacking(f"needs ../shared/{INPUTS}, which is not beside this checkout")
    return SHARED / INPUTS


@pytest.fixture(scope="module")
def measured(inputs: Path) -> dict[str, Measured]:
    return measure(inputs, LIMITS)


def test_ordinary_traffic_is_hardly_ever_told(measured: dict[str, Measured]) -> None:
    hours = sum(one.hours for one in measured.values())
    signals = {name: one.signals for name, one in measured.items() if one.signals}
    # With fewer hours, none told would say nothing about one in a thousand.
    assert hours > 3_000
    assert 1_000 * sum(signals.values()) / hours <= AT_MOST_PER_THOUSAND_HOURS, signals
    assert signals == {}


def test_what_the_page_says_was_measured_is_what_was(measured: dict[str, Measured]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    total = Counter[str]()
    for one in measured.values():
        total.update(hours=one.hours, requests=one.requests)
    assert f"{total['hours']:,} source-hours" in page
    assert f"{total['requests']:,} requests" in page


@pytest.mark.parametrize(
    ("loosened", "told"),
    [
        # Clients of one resolver, at one address and one service.
        ({"length": 600, "targets": 1, "services": 1, "variation": 9.0, "fresh": 0.0}, 9),
        ({"length": 600, "services": 1, "variation": 9.0, "fresh": 0.0}, 0),
        # At half the pace: a person's computer that loads pages without a pause, and a server of a contest.
        ({"length": 600, "pace": 300, "services": 1, "variation": 9.0, "fresh": 0.0}, 2),
        ({"length": 600, "pace": 300, "services": 1}, 0),
    ],
    ids=["pace-alone", "pace-and-targets", "half-pace-and-targets", "half-pace-without-services"],
)
def test_how_near_ordinary_traffic_comes(inputs: Path, loosened: dict[str, Any], told: int) -> None:
    found = measure(inputs, dataclasses.replace(LIMITS, **loosened))
    assert sum(one.signals for one in found.values()) == told
