"""Traffic from the log to the finding: what the three sums of it come to there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.builders import core_kb

from beholden.policy.profile import read_profile
from beholden.run.assess import assess
from beholden.schema.assessment import Assessment
from beholden.schema.result import Artefact

# Two addresses of Alibaba Cloud in one announced range, as its hosts print them.
FIRST, SECOND = "47.115.216.88", "47.115.216.90"
PROFILE = """
[organisation]
name = "Example"
roles = ["us-person"]

[[networks]]
cidr = "10.1.0.0/16"

[[networks]]
cidr = "10.99.0.0/16"
segment = "guest"
"""
NOON = 1_780_315_200  # 2026-06-01T12:00:00Z
A_DAY = 86_400


def record(host: str, remote: str, size: int, day: int = 0, port: int = 443) -> str:
    start = NOON + day * A_DAY
    ends = f"{host} {remote} {50_000 + size % 1000} {port}"
    return f"2 123456789012 eni-0aaaaaaaaaaaaaaaa {ends} 6 10 {size} {start} {start + 60} ACCEPT OK"


HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)


def assessed(folder: Path, logs: Sequence[Sequence[str]], as_of: str = "2026-08-01") -> Assessment:
    (folder / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    for number, lines in enumerate(logs):
        (folder / f"flow{number}.log").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    profile = read_profile(folder / "beholden.toml")
    return assess([folder], core_kb(), profile, as_of=date.fromisoformat(as_of))


def only_artefact(done: Assessment) -> Artefact:
    found = {
        finding.artefact.id: finding.artefact for finding in done.result.findings if finding.artefact.kind == "asn"
    }
    (artefact,) = found.values()
    return artefact


def sent(artefact: Artefact) -> dict[str, str]:
    return {item.what: item.amount for item in artefact.quantities}


def test_bytes_hosts_and_addresses_are_each_counted_once(tmp_path: Path) -> None:
    logs = [
        [record("10.1.0.5", FIRST, 5000), record("10.1.0.5", SECOND, 6000), record("10.1.0.6", FIRST, 7000)],
        [record("10.1.0.5", FIRST, 8000, day=1, port=8443)],
    ]
    artefact = only_artefact(assessed(tmp_path, logs))
    assert sent(artefact)["sent"] == "26000"
    assert artefact.count == 4
    assert [(item.value, item.count) for item in artefact.values.top] == [(FIRST, 3), (SECOND, 1)]
    assert [(item.value, item.count) for item in artefact.own_hosts.top] == [("10.1.0.5", 3), ("10.1.0.6", 1)]
    assert {place.file for place in artefact.locations} <= {"flow0.log", "flow1.log"}


def test_the_tables_count_the_sums_by_day_alone(tmp_path: Path) -> None:
    logs = [[record("10.1.0.5", FIRST, 5000), record("10.1.0.6", SECOND, 6000, day=1)]]
    evidence = assessed(tmp_path, logs).evidence
    by_grain = {
        grain: pc.sum(evidence.filter(pc.equal(evidence["grain"], grain))["count"]).as_py()
        for grain in ("day", "host", "value")
    }
    assert by_grain == {"day": 2, "host": 2, "value": 2}
    hosts = evidence.filter(pc.equal(evidence["grain"], "host"))
    assert set(hosts["own_host"].to_pylist()) == {"10.1.0.5", "10.1.0.6"}
    assert isinstance(evidence, pa.Table)


def test_guests_are_told_apart_by_the_network_that_the_sums_are_kept_by(tmp_path: Path) -> None:
    logs = [[record("10.1.0.5", FIRST, 5000), record("10.99.0.7", FIRST, 900_000)]]
    artefact = only_artefact(assessed(tmp_path, logs))
    assert artefact.segment == "own"
    assert sent(artefact)["sent"] == "5000"
    assert [item.value for item in artefact.own_hosts.top] == ["10.1.0.5"]


def test_what_guests_alone_did_is_of_their_segment(tmp_path: Path) -> None:
    artefact = only_artefact(assessed(tmp_path, [[record("10.99.0.7", FIRST, 900_000)]]))
    assert artefact.segment == "guest"
    assert [item.value for item in artefact.own_hosts.top] == ["10.99.0.7"]


@pytest.mark.parametrize(("as_of", "amount", "hosts"), [("2026-06-01", "5000", 1), ("2026-06-02", "11000", 2)])
def test_what_came_after_the_date_of_the_answer_has_not_happened(
    tmp_path: Path, as_of: str, amount: str, hosts: int
) -> None:
    logs = [[record("10.1.0.5", FIRST, 5000), record("10.1.0.6", FIRST, 6000, day=1)]]
    done = assessed(tmp_path, logs, as_of)
    artefact = only_artefact(done)
    assert sent(artefact)["sent"] == amount
    assert artefact.own_hosts.distinct == hosts
    later = [note for row in done.result.coverage for note in row.notes if "were not judged" in note]
    assert bool(later) is (hosts == 1)


def test_the_order_and_number_of_files_does_not_matter(tmp_path: Path) -> None:
    lines = [record(f"10.1.0.{n % 7}", FIRST if n % 3 else SECOND, 5000 + n, day=n % 4) for n in range(40)]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, several = assessed(tmp_path / "a", [lines]), assessed(tmp_path / "b", [lines[20:], lines[:20]])
    first, second = only_artefact(one), only_artefact(several)
    for name in ("values", "own_hosts", "quantities", "count", "first_seen", "last_seen"):
        assert getattr(first, name) == getattr(second, name), name
