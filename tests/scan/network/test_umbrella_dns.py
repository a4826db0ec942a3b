from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read

from beholden.scan.network.umbrella_dns import UmbrellaDns

if TYPE_CHECKING:
    from pathlib import Path

LOG = DATA / "umbrella" / "dns.csv"


def counts(result: Read) -> dict[str, int]:
    return {key: count for key, count in result.source.not_resolved.items() if count}


def test_queries_of_our_identities() -> None:
    result = read(UmbrellaDns(), LOG)
    assert [(row["value"], row["own_host"], int(row["amount"]), str(row["acted_on"])) for row in result.rows] == [
        ("shop.example.com", "10.0.0.5", 2, "2026-05-01"),
        ("api.example.org", None, 1, "2026-05-01"),
    ]
    assert counts(result) == {"dns_blocked": 1, "dns_no_such_name": 1}


def test_the_optional_header_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "dns.csv"
    header = ",".join(f'"Column {number}"' for number in range(13))
    path.write_text(f"{header}\n{LOG.read_text()}")
    assert accepts(UmbrellaDns(), path.read_bytes()).accepted
    source = read(UmbrellaDns(), path).source
    assert (source.records_read, source.records_rejected) == (5, 0)


ROW = '"2026-05-01 08:00:00","a","a","10.0.0.5","198.51.100.7","Allowed","1 (A)","NOERROR","shop.example.com.",""'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("2026-05-01", "2026-05-41"), "time out of range"),
        (ROW.replace("2026-05-01 08:00:00", "yesterday"), "time out of range"),
        (ROW.replace("Allowed", "Perhaps"), "unknown action"),
        ('"2026-05-01 08:00:00","a"', "wrong column count"),
        (ROW.replace("shop", "a" * 100_000), "wrong column count"),
        ('"2026-05-01 08:00:00', "wrong column count"),
    ],
)
def test_bad_records_are_rejected(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "dns.csv"
    path.write_text(f"{ROW}\n{row}\n")
    source = read(UmbrellaDns(), path).source
    assert (source.records_read, dict(source.reasons)) == (1, {reason: 1})


@pytest.mark.parametrize("other", ["", "date,vendor,amount\n2026-05-01,a,5", ",".join("abcdefghijklm"), "a\nb"])
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(UmbrellaDns(), other.encode()).accepted
