"""Whatever a user points it at: a clear answer, the rest still read, bounded memory, never a traceback."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.command import Answer, run_process

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"
MOST_MIB = 600
MIB = 2**20
GOOD = "neighbour/go.mod"


def lines_of(fixture: str) -> list[str]:
    return (DATA / fixture).read_text(encoding="utf-8").splitlines()


def long_log(fixture: str, header: int) -> bytes:
    """A fixture with its records often enough that a cut leaves many of them."""
    lines = [line for line in lines_of(fixture) if not line.startswith("#close")]
    return ("\n".join(lines[:header] + lines[header:] * 200) + "\n").encode()


def write_cut_gzip(path: Path, content: bytes) -> None:
    packed = gzip.compress(content, mtime=0)
    path.write_bytes(packed[: len(packed) * 2 // 3])


def write_bomb(path: Path, start: bytes, filler: bytes, mebibytes: int) -> None:
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(start)
        for _ in range(mebibytes):
            stream.write(filler * MIB)


def write_huge_line(path: Path, mebibytes: int) -> None:
    """A good log, one line without end in sight (a hole on disk), and a good record behind it."""
    log = (DATA / "zeek/conn.log").read_bytes()
    with path.open("wb") as stream:
        stream.write(log)
        stream.seek(mebibytes * MIB, os.SEEK_CUR)
        stream.write(b"x\n" + log.splitlines()[7] + b"\n")


def nested(before: bytes, depth: int = 100_000, after: bytes = b"}") -> bytes:
    return before + b"[" * depth + b"]" * depth + after


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(64 * MIB))


def content(data: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(data)

    return make


def cut(fixture: str, header: int) -> Callable[[Path], None]:
    return lambda path: write_cut_gzip(path, long_log(fixture, header))


@dataclass(frozen=True)
class Bad:
    """One bad file and what must be said of it.

    Attributes:
        name: Of the file.
        make: Writes it.
        status: In its coverage.
        says: Words of its reasons and notes.
        is_failure: Whether a folder that holds it exits 3; a file that nobody claims does not.
        keeps: Whether records before and after the bad place are read.
    """

    name: str
    make: Callable[[Path], None]
    status: str
    says: tuple[str, ...]
    is_failure: bool = True
    keeps: bool = False


CONN = (DATA / "zeek/conn.log").read_bytes()
CONN_JSON = lines_of("zeek/conn.dotted.json")[0].encode()
ROUTE_53 = lines_of("route53/resolver.json")[0].encode()
CUT = ("compressed data is damaged after line",)
DEEP = ("nested too deep",)
BOUND = ("expands more than 300 times",)
CASES = {
    "empty-file": Bad("conn.log", content(b""), "no_reader", ("empty file",), is_failure=False),
    "cut-gz-zeek-conn": Bad("conn.log.gz", cut("zeek/conn.log", 7), "partial", CUT, keeps=True),
    "cut-gz-zeek-dns": Bad("dns.log.gz", cut("zeek/dns.log", 7), "partial", CUT, keeps=True),
    "cut-gz-zeek-ssl": Bad("ssl.log.gz", cut("zeek/ssl.log", 7), "partial", CUT, keeps=True),
    "cut-gz-zeek-json": Bad("conn.json.gz", cut("zeek/conn.dotted.json", 0), "partial", CUT, keeps=True),
    "cut-gz-vpc-flow": Bad("vpc.log.gz", cut("vpcflow/default.log", 1), "partial", CUT, keeps=True),
    "cut-gz-unbound": Bad("unbound.log.gz", cut("unbound/unbound.log", 0), "partial", CUT, keeps=True),
    "cut-gz-squid": Bad("access.log.gz", cut("squid/access.log", 0), "partial", CUT, keeps=True),
    "cut-gz-leases": Bad("dhcpd.leases.gz", cut("dhcpd/dhcpd.leases", 0), "partial", CUT, keeps=True),
    "cut-gz-ledger": Bad("kreditoren.csv.gz", cut("ledger/kreditoren.csv", 1), "partial", CUT, keeps=True),
    "cut-gz-document": Bad(
        "package-lock.json.gz",
        lambda path: write_cut_gzip(path, (DATA / "package-lock/v3.package-lock.json").read_bytes()),
        "rejected",
        ("package-lock.json.gz", "compressed data is damaged"),
    ),
    "gz-with-rubbish-behind": Bad("conn.log.gz", content(gzip.compress(CONN) + b"rubbish"), "partial", CUT, keeps=True),
    "gz-header-only": Bad(
        "conn.log.gz", content(gzip.compress(CONN)[:12]), "rejected", ("compressed data is damaged",)
    ),
    "wrong-columns-zeek": Bad(
        "conn.log",
        content(CONN + b"1.0\tC1\t10.0.0.5\n"),
        "partial",
        ("wrong column count", "conn.log:23:"),
        keeps=True,
    ),
    "wrong-columns-vpc": Bad(
        "vpc.log",
        content((DATA / "vpcflow/default.log").read_bytes() + b"2 123456789012 eni-0a 10.0.0.5\n"),
        "partial",
        ("wrong column count", "vpc.log:14:"),
        keeps=True,
    ),
    "wrong-columns-ledger": Bad(
        "paid.csv",
        content(b"date,vendor,amount\n2026-01-05,Example Ltd\n2026-01-06,Sample GmbH,5.00\n"),
        "partial",
        ("wrong column count", "paid.csv:2:", "expected 3 columns"),
        keeps=True,
    ),
    "amounts-and-dates-out-of-range": Bad(
        "paid.csv",
        content(
            b"date,vendor,amount\n2026-01-05,Example Ltd,1e99999\n2026-01-05,Example Ltd," + b"9" * 60 + b"\n"
            b"99999-01-05,Example Ltd,5.00\n2026-01-06,Sample GmbH,5.00\n"
        ),
        "read",
        ("2 rows count without amount", "line 2", "1 rows count without date", "line 4"),
        is_failure=False,
        keeps=True,
    ),
    "huge-line-of-64-mib": Bad(
        "conn.log", lambda path: write_huge_line(path, 64), "partial", ("line too long", "conn.log:23:"), keeps=True
    ),
    "huge-string-in-document": Bad(
        "package-lock.json",
        content(b'{"lockfileVersion":3,"packages":{"a":"' + b"x" * (64 * MIB) + b'"'),
        "rejected",
        ("package-lock.json:1:", "not valid JSON"),
    ),
    "gz-bomb-of-zeros": Bad(
        "zeros.gz",
        lambda path: write_bomb(path, b"", b"\0", 1024),
        "no_reader",
        ("binary content",),
        is_failure=False,
    ),
    "gz-bomb-behind-a-log": Bad(
        "conn.log.gz", lambda path: write_bomb(path, CONN, b"0", 1024), "partial", BOUND, keeps=True
    ),
    "gz-bomb-in-a-document": Bad(
        "bom.json.gz",
        lambda path: write_bomb(path, b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[', b" ", 200),
        "rejected",
        BOUND,
    ),
    "zip": Bad("logs.zip", write_zip, "no_reader", ("zip archive", "unpack it first"), is_failure=False),
    "wrong-columns-squid": Bad(
        "access.log",
        content((DATA / "squid/access.log").read_bytes() + b"1777622478.000 100 10.0.0.6 TCP_MISS/200\n"),
        "partial",
        ("not an access record", "access.log:19:"),
        keeps=True,
    ),
    "damaged-pihole-database": Bad(
        "pihole-FTL.db",
        content((DATA / "pihole/pihole-FTL.db").read_bytes()[:8192] + b"\xff" * 16_384),
        "rejected",
        ("pihole-FTL.db", "SQLite"),
    ),
    "deep-package-lock": Bad(
        "package-lock.json", content(nested(b'{"lockfileVersion":3,"packages":')), "rejected", DEEP
    ),
    "deep-cyclonedx": Bad(
        "bom.json", content(nested(b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":')), "rejected", DEEP
    ),
    "deep-zeek-json": Bad(
        "conn.log",
        content(CONN_JSON + b"\n" + nested(CONN_JSON[:-1] + b',"x":') + b"\n" + CONN_JSON + b"\n"),
        "partial",
        ("conn.log:2:", "not a JSON object"),
        keeps=True,
    ),
    "deep-route-53": Bad(
        "resolver.json",
        content(ROUTE_53 + b"\n" + nested(ROUTE_53[:-1] + b',"x":') + b"\n" + ROUTE_53 + b"\n"),
        "partial",
        ("resolver.json:2:", "not a JSON object"),
        keeps=True,
    ),
    "deep-xml": Bad(
        "pom.xml",
        content(b'<project xmlns="http://maven.apache.org/POM/4.0.0">' + b"<a>" * 100_000 + b"</a>" * 100_000),
        "rejected",
        ("pom.xml:1:", "depth"),
    ),
    "xml-that-reads-other-files": Bad(
        "pom.xml",
        content(
            b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
            b'<project xmlns="http://maven.apache.org/POM/4.0.0"><groupId>&a;</groupId></project>'
        ),
        "rejected",
        ("document type declarations are refused",),
    ),
    "number-of-5000-digits": Bad(
        "bom.json",
        content(b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[' + b"1" * 5000 + b"]}"),
        "rejected",
        ("bom.json", "5000 digits"),
    ),
    "cut-json": Bad(
        "bom.json",
        content(b'{"bomFormat":"CycloneDX",\n"specVersion":"1.6",\n"components":['),
        "rejected",
        ("bom.json:3:", "not valid JSON"),
    ),
    "nul-bytes-in-a-log": Bad(
        "conn.log", content(CONN + b"a\0b\n"), "partial", ("NUL bytes", "conn.log:23:"), keeps=True
    ),
    "nul-bytes-only": Bad("conn.log", content(bytes(100_000)), "no_reader", ("binary content",), is_failure=False),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose good file must be read whatever lies beside it; it sorts last."""
    place = tmp_path / "input"
    good = place / GOOD
    good.parent.mkdir(parents=True)
    good.write_text("module example.com/shop\n\nrequire github.com/aliyun/credentials-go v1.4.5\n", encoding="utf-8")
    return place


def scan(*arguments: str | bytes | Path, before: tuple[str, ...] = ()) -> Answer:
    return run_process("scan", *arguments, "--as-of", "2026-08-01", "--format", "json", before=before)


def assert_civil(answer: Answer) -> None:
    assert "Traceback" not in answer.err
    assert "bug:" not in answer.err
    assert answer.peak_mib < MOST_MIB


def assert_neighbour_read(answer: Answer) -> None:
    assert answer.coverage[GOOD]["status"] == "read"
    assert [row["artefact"]["value"] for row in answer.document["findings"]][:1] == [
        "pkg:golang/github.com/aliyun/credentials-go"
    ]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bad_content_is_said_and_the_rest_is_read(case: Bad, folder: Path) -> None:
    case.make(folder / case.name)
    answer = scan(folder)
    assert_civil(answer)
    assert answer.code == (3 if case.is_failure else 0)
    row = answer.coverage[case.name]
    assert row["status"] == case.status
    said = " ".join([*row["reasons"], *row["notes"]])
    assert [words for words in case.says if words not in said] == []
    assert (row["records_read"] > 0) is case.keeps
    assert_neighbour_read(answer)


@pytest.mark.parametrize("name", ["cut-gz-zeek-conn", "deep-cyclonedx", "wrong-columns-ledger"])
def test_allow_incomplete_forgives_what_was_rejected(name: str, folder: Path) -> None:
    case = CASES[name]
    case.make(folder / case.name)
    answer = scan(folder, "--allow-incomplete")
    assert answer.code == 0
    assert answer.coverage[case.name]["status"] == case.status


@pytest.mark.parametrize("name", ["empty-file", "zip", "gz-bomb-of-zeros", "nul-bytes-only"])
def test_a_file_that_nobody_claims_is_a_failure_once_the_user_names_it(name: str, folder: Path) -> None:
    case = CASES[name]
    case.make(folder / case.name)
    assert scan(folder / case.name).code == 3
    assert scan(folder / case.name, "--allow-incomplete").code == 0


@pytest.mark.skipif(os.environ.get("BEHOLDEN_SLOW") != "1", reason="reads 2 GiB; set BEHOLDEN_SLOW=1")
def test_a_line_of_two_gibibytes_costs_no_memory(folder: Path) -> None:
    write_huge_line(folder / "conn.log", 2048)
    answer = scan(folder)
    assert_civil(answer)
    assert "conn.log:23: line too long" in " ".join(answer.coverage["conn.log"]["notes"])
    assert_neighbour_read(answer)


def test_links_are_listed_and_never_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    shutil.copy(folder / GOOD, tmp_path / "outside/go.mod")
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "file.mod").symlink_to(tmp_path / "outside/go.mod")
    (folder / "broken").symlink_to(tmp_path / "nothing")
    answer = scan(folder)
    assert answer.code == 0
    links = {file: row for file, row in answer.coverage.items() if file != GOOD}
    assert set(links) == {"loop", "out", "file.mod", "broken"}
    assert {(row["status"], *row["reasons"]) for row in links.values()} == {
        ("no_reader", "symbolic link, not followed")
    }
    assert_neighbour_read(answer)


def test_a_tree_deeper_than_the_stack_is_walked(folder: Path) -> None:
    below = folder
    here = Path.cwd()
    try:
        os.chdir(below)
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        Path("go.mod").write_text("module example.com/deep\n", encoding="utf-8")
    finally:
        os.chdir(here)
    answer = scan(folder)
    _remove_deep(folder / "d")
    assert_civil(answer)
    assert answer.coverage[f"{'d/' * 1200}go.mod"]["reader"] == "go-mod"
    assert_neighbour_read(answer)


def _remove_deep(top: Path) -> None:
    """What pytest's own cleaning cannot: it recurses."""
    here = Path.cwd()
    depth = 0
    try:
        os.chdir(top)
        while Path("d").is_dir():
            os.chdir("d")
            depth += 1
        Path("go.mod").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
    finally:
        os.chdir(here)


def test_pipes_and_sockets_are_listed_and_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.log")
    monkeypatch.chdir(folder)  # a socket's address may be 108 bytes at most
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.log")
        answer = scan(folder)
    assert answer.code == 0
    for name in ("pipe.log", "socket.log"):
        assert answer.coverage[name]["reasons"] == {"not a regular file (device, pipe or socket)": 1}
    assert_neighbour_read(answer)
    assert scan(folder / "pipe.log").code == 3


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_named_device_is_refused(path: str) -> None:
    answer = scan(path)
    assert_civil(answer)
    assert answer.code == 3
    assert answer.document["coverage"][0]["status"] == "rejected"


def test_a_file_whose_reading_fails_is_an_error_with_its_cause(folder: Path) -> None:
    # Regular by its mode, and reading its start fails for everybody, root included.
    answer = scan(folder, "/proc/self/mem")
    assert_civil(answer)
    assert answer.code == 3
    row = answer.coverage["/proc/self/mem"]
    assert row["status"] == "rejected"
    assert "Input/output error" in row["notes"][0]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_opened_is_an_error_and_the_rest_is_read(what: str, folder: Path) -> None:
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root reads everything, and there is no setpriv to give that up")
        before = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    secret = folder / "secret"
    if what == "file":
        secret.write_text("date,vendor,amount\n", encoding="utf-8")
    else:
        secret.mkdir()
    secret.chmod(0)
    try:
        answer = scan(folder, before=before)
    finally:
        secret.chmod(0o700)
    assert_civil(answer)
    assert answer.code == 3
    row = answer.coverage["secret" if what == "file" else "secret/"]
    assert row["status"] == "rejected"
    assert "permission denied" in next(iter(row["reasons"])).casefold()
    assert_neighbour_read(answer)


def test_a_file_name_that_is_not_utf8_is_read_in_a_folder_and_when_named(folder: Path) -> None:
    raw = os.fsencode(folder) + b"/caf\xe9.mod"
    shutil.copy(os.fsencode(folder / GOOD), raw)
    assert scan(folder).coverage["caf\ufffd.mod"]["status"] == "read"
    named = scan(raw)
    assert_civil(named)
    assert named.coverage["caf\ufffd.mod"]["status"] == "read"
    both = scan(raw, folder / GOOD)
    assert_civil(both)
    assert f"{folder.as_posix()}/caf\ufffd.mod" in both.coverage


def test_a_file_name_cannot_steer_the_terminal(folder: Path) -> None:
    shutil.copy(folder / GOOD, folder / "\x1b[2J\rgone\nline.mod")
    answer = run_process("scan", folder, "--as-of", "2026-08-01")
    assert answer.code == 0
    assert b"\x1b" not in answer.out
    assert b"\r" not in answer.out
    assert "\ufffd[2J\ufffdgone\ufffdline.mod" in scan(folder).coverage


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        pytest.param(
            '[organisation]\nname = "Shop"\nroles = [\n  "us-person",\n  "us-persson",\n]\n',
            ("beholden.toml:5", "us-persson", "us-person"),
            id="unknown-role",
        ),
        pytest.param('[[networks]]\ncidr = "10.0.0.0/33"\n', ("beholden.toml:2", "10.0.0.0/33"), id="wrong-network"),
        pytest.param(
            '[[networks]]\ncidr = "10.0.0.0/8"\nsegment = "mine"\n', ("beholden.toml:3", "own"), id="unknown-segment"
        ),
        pytest.param(
            '[[networks]]\ncidr = "10.0.0.0/8"\nunit = "nowhere"\n', ("beholden.toml:3", "nowhere"), id="unknown-unit"
        ),
        pytest.param('[[overlay]]\npath = "../../x.toml"\n', ("beholden.toml:2", "../../x.toml"), id="overlay-outside"),
        pytest.param('[organisation\nname = "Shop"\n', ("beholden.toml", "line 1"), id="not-toml"),
        pytest.param("[organisation]\nrols = []\n", ("beholden.toml", "rols"), id="unknown-key"),
    ],
)
def test_a_wrong_profile_stops_before_anything_is_read(profile: str, says: tuple[str, ...], folder: Path) -> None:
    (folder / "beholden.toml").write_text(profile, encoding="utf-8")
    answer = scan(folder)
    assert_civil(answer)
    assert (answer.code, answer.out) == (2, b"")
    assert [words for words in says if words not in answer.err] == []


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b'[organisation]\nname = "caf\xe9"\n', id="not-utf8"),
        pytest.param(b"x = " + b"[" * 100_000, id="nested-deep"),
    ],
)
def test_a_profile_that_is_no_text_of_ours_is_a_usage_error(profile: bytes, folder: Path) -> None:
    (folder / "beholden.toml").write_bytes(profile)
    answer = scan(folder)
    assert_civil(answer)
    assert answer.code == 2
    assert "beholden.toml" in answer.err


def test_a_mapping_of_an_unknown_column_is_said_where_it_does_not_apply(folder: Path) -> None:
    (folder / "beholden.toml").write_text('[columns."*.csv"]\nvendr = "Kreditor"\n', encoding="utf-8")
    shutil.copy(DATA / "ledger/kreditoren.csv", folder / "kreditoren.csv")
    answer = scan(folder)
    notes = " ".join(answer.coverage["kreditoren.csv"]["notes"])
    assert "vendr = 'Kreditor'" in notes
    assert "did not apply" in notes


def test_a_mapping_makes_a_ledger_of_headers_that_no_table_knows(folder: Path) -> None:
    (folder / "beholden.toml").write_text(
        '[columns."*.csv"]\nvendor = "Gegenseite"\namount = "Wert"\n', encoding="utf-8"
    )
    (folder / "buch.csv").write_text("Gegenseite;Wert\nHuawei Technologies Co., Ltd.;5,00\n", encoding="utf-8")
    answer = scan(folder)
    assert answer.coverage["buch.csv"]["reader"] == "ledger-csv"
    assert "huawei" in {row["operator"]["id"] for row in answer.document["findings"]}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("nowhere/at/all",), "nowhere/at/all: no such file", id="missing-path"),
        pytest.param((".", "--as-of", "2026-13-01"), "'2026-13-01' is not a date; expected YYYY-MM-DD", id="bad-date"),
        pytest.param((".", "--known-at", "yesterday"), "expected YYYY-MM-DD", id="bad-known-at"),
        pytest.param((".", "--role", "us-persson"), "us-persson", id="bad-role"),
        pytest.param((".", "--profile", "nowhere.toml"), "nowhere.toml: no such file", id="missing-profile"),
        pytest.param((".", "--max-age", "-1"), "--max-age", id="negative-age"),
        pytest.param((".", "--fail-on", "bad"), "--fail-on", id="unknown-level"),
        pytest.param((), "PATH", id="no-path"),
    ],
)
def test_a_wrong_command_line_says_what_was_expected(arguments: tuple[str, ...], says: str, folder: Path) -> None:
    answer = run_process("scan", *arguments, cwd=folder)
    assert_civil(answer)
    assert (answer.code, answer.out) == (2, b"")
    assert says in answer.err
