from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.pihole_file import NOON, ROWS, STORAGE, build, build_old
from tests.scan.network.reading import DATA, Read, accepts, read

from beholden.errors import ScanError
from beholden.scan.interface import Watch
from beholden.scan.network import pihole_database
from beholden.scan.network.pihole_database import PiholeDatabase
from beholden.scan.network.pihole_status import type_of
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

FIXTURE = DATA / "pihole" / "pihole-FTL.db"


def counts(result: Read) -> dict[str, int]:
    return {key: count for key, count in result.source.not_resolved.items() if count}


def queries(result: Read) -> dict[tuple[str, str | None], int]:
    rows = [row for row in result.rows if row["field"] == "dns.query"]
    return {(row["value"], row["own_host"]): int(row["amount"]) for row in rows}


EXPECTED = {
    ("shop.example.com", "192.168.1.5"): 2,
    ("shop.example.com", "192.168.1.6"): 1,
    ("api.example.org", "192.168.1.6"): 1,
    ("slow.example.org", "192.168.1.6"): 1,
    ("typed.example.org", None): 1,
}


def test_queries_that_were_let_through() -> None:
    result = read(PiholeDatabase(), FIXTURE)
    assert queries(result) == EXPECTED
    assert {(str(row["acted_on"]), row["certainty"]) for row in result.rows if row["kind"] == "domain"} == {
        ("2026-05-01", "probable")
    }
    assert result.source.records_read == len(ROWS)


def test_whom_it_forwards_to_is_a_resolver_that_we_use() -> None:
    rows = [row for row in read(PiholeDatabase(), FIXTURE).rows if row["field"] == "dns.resolver"]
    assert [(row["value"], row["relation"], row["own_host"], row["certainty"], int(row["amount"])) for row in rows] == [
        ("223.5.5.5", None, None, "confirmed", 3),
        ("223.5.5.5", None, None, "probable", 1),
    ]


def test_what_is_no_service_in_use_is_counted_and_told() -> None:
    result = read(PiholeDatabase(), FIXTURE)
    assert counts(result) == {
        "dns_blocked": 2,
        "dns_no_such_name": 1,
        "dns_reverse_lookup": 1,
        "dns_hidden_by_privacy_level": 1,
        "dns_status_not_known": 1,
        "dns_queries_from_outside": 1,
    }
    assert any("privacy level" in note for note in result.source.notes)


def test_the_table_of_old_versions_has_texts_and_no_type_of_the_reply(tmp_path: Path) -> None:
    result = read(PiholeDatabase(), build_old(tmp_path / "pihole-FTL.db", ROWS))
    assert queries(result) == {**EXPECTED, ("gone.example.net", "192.168.1.6"): 1}
    assert accepts(PiholeDatabase(), (tmp_path / "pihole-FTL.db").read_bytes()).accepted


@pytest.mark.parametrize("wal", [False, True])
def test_a_packed_copy_gives_the_same(tmp_path: Path, *, wal: bool) -> None:
    plain = build(tmp_path / "pihole-FTL.db", ROWS, wal=wal)
    packed = tmp_path / "pihole-FTL.db.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert queries(read(PiholeDatabase(), plain)) == queries(read(PiholeDatabase(), packed)) == EXPECTED


def test_numbers_are_looked_up_for_some_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pihole_database, "_CHUNK", 2)
    assert queries(read(PiholeDatabase(), build(tmp_path / "x.db", ROWS))) == EXPECTED


def test_nothing_is_written_beside_the_database(tmp_path: Path) -> None:
    path = build(tmp_path / "pihole-FTL.db", ROWS, wal=True)
    before = path.read_bytes()
    read(PiholeDatabase(), path)
    assert [file.name for file in tmp_path.iterdir()] == ["pihole-FTL.db"]
    assert path.read_bytes() == before


def test_a_journal_beside_it_is_told(tmp_path: Path) -> None:
    path = build(tmp_path / "pihole-FTL.db", ROWS)
    (tmp_path / "pihole-FTL.db-wal").write_bytes(b"x")
    assert any("journal" in note for note in read(PiholeDatabase(), path).source.notes)


def altered(path: Path, *statements: str) -> Path:
    build(path, ROWS)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE query_storage SET timestamp = -1 WHERE id = 1", "time out of range"),
        ("UPDATE query_storage SET timestamp = 1e300 WHERE id = 1", "time out of range"),
        ("UPDATE query_storage SET timestamp = 'soon' WHERE id = 1", "time out of range"),
        ("UPDATE query_storage SET status = 'x' WHERE id = 1", "not a query of Pi-hole"),
        ("UPDATE query_storage SET domain = 99999 WHERE id = 1", "name or client missing"),
        ("UPDATE query_storage SET domain = x'00ff' || zeroblob(5000) WHERE id = 1", "name or client missing"),
        ("UPDATE domain_by_id SET domain = hex(zeroblob(2000)) WHERE id = 4", "name or client missing"),
        ("UPDATE query_storage SET client = 1.5 WHERE id = 1", "name or client missing"),
    ],
)
def test_bad_rows_are_rejected_and_the_rest_is_read(tmp_path: Path, statement: str, reason: str) -> None:
    source = read(PiholeDatabase(), altered(tmp_path / "x.db", statement)).source
    assert (source.records_read, dict(source.reasons)) == (len(ROWS) - 1, {reason: 1})


HOSTILE = {
    "a view in place of the table": (
        STORAGE.replace("CREATE TABLE query_storage", "CREATE TABLE other") + "CREATE VIEW query_storage AS "
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS timestamp FROM n;"
    ),
    "a computed column": STORAGE.replace("dnssec INTEGER", "dnssec INTEGER, computed AS (hex(zeroblob(100000000)))"),
    "no linking table": STORAGE.replace("domain_by_id", "elsewhere_by_id")
    + ("INSERT INTO query_storage VALUES (1, 1777622400, 1, 2, 1, 1, NULL, NULL, 4, 0, 0);"),
    "a column is missing": STORAGE.replace("client INTEGER NOT NULL,", ""),
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_database_that_is_not_plain_tables_is_refused(tmp_path: Path, script: str) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            script.replace("CREATE VIEW queries AS SELECT id, timestamp", "CREATE VIEW q AS SELECT id, id")
        )
    with pytest.raises(ScanError):
        read(PiholeDatabase(), path)


def test_the_view_of_the_file_is_never_run(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id FROM n"
    path = altered(tmp_path / "x.db", "DROP VIEW queries", f"CREATE VIEW queries AS {endless}")
    assert queries(read(PiholeDatabase(), path)) == EXPECTED


def test_what_was_read_before_damage_is_given(tmp_path: Path) -> None:
    path = build_old(
        tmp_path / "x.db", [(1, 2, f"h{number}.example", "192.168.1.5", None, 4) for number in range(3000)]
    )
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 20 : 4096 * 21] = b"\xff" * 4096
    path.write_bytes(damaged)
    source = Source(path, "x.db")
    batches: list[pa.RecordBatch] = []
    with pytest.raises(ScanError):
        batches.extend(PiholeDatabase().scan(source, Watch()))
    assert sum(batch.num_rows for batch in batches) == source.records_read > 0


def test_types() -> None:
    assert [type_of(number) for number in (1, 2, 16, 14, 165, 0, 17, -5)] == [
        "A", "AAAA", "HTTPS", "OTHER", "TYPE65", "OTHER", "OTHER", "OTHER",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other", [b"", b"SQLite format 3\x00" + b"\0" * 4080, b"query_storage domain_by_id client_by_id"]
)
def test_other_files_are_refused(other: bytes) -> None:
    assert not accepts(PiholeDatabase(), other).accepted


def test_the_fixture_is_what_its_builder_writes(tmp_path: Path) -> None:
    assert read(PiholeDatabase(), build(tmp_path / "pihole-FTL.db", ROWS)).rows == read(PiholeDatabase(), FIXTURE).rows
    assert NOON == 1_777_622_400
