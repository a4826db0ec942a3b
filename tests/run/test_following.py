"""Logs that are followed come to what one scan of the finished files comes to, however they grow and rotate."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.builders import core_kb
from tests.builders_logs import (
    CONN_HEADER,
    DNS_HEADER,
    NAMED,
    PROFILE,
    WATCHED,
    conn_line,
    dns_line,
    eve_line,
    json_lines,
)

from beholden.errors import UsageError
from beholden.policy.profile import read_profile
from beholden.report.json import encode
from beholden.run.assess import assess
from beholden.run.following import Event, Following, add_up
from beholden.run.job import Job, Ready
from beholden.run.state_file import StateFile, Told
from beholden.run.streams import Portion, opened
from beholden.scan import scanners
from beholden.scan.source import Source
from beholden.schema.assessment import Assessment
from beholden.schema.result import ScanResult
from beholden.schema.vocabulary import Level

AS_OF = date(2026, 8, 1)
NOBODY = "198.51.100.9"
REMOTES = (WATCHED, NAMED, NOBODY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "logs"
    place.mkdir()
    (place / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    return place


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    kept = StateFile(tmp_path / "state")
    yield kept
    kept.close()


def ready_for(folder: Path) -> Ready:
    return Ready(read_profile(folder / "beholden.toml"), core_kb(), [], None)


def following(folder: Path, state: StateFile | None = None) -> Following:
    return Following(Job(paths=(str(folder),), as_of=AS_OF), ready_for(folder), scanners(), state)


def scanned(folder: Path) -> Assessment:
    ready = ready_for(folder)
    return assess([folder], ready.kb, ready.profile, as_of=AS_OF)


def end(followed: Following) -> ScanResult:
    followed.look(is_last=True)
    return followed.assessment(AS_OF).result


def amounts(result: ScanResult) -> dict[str, Any]:
    """What findings say, without the places where to look."""
    told = {}
    for finding in result.findings:
        item = finding.artefact
        measures = sorted((each.what, each.unit, each.amount) for each in item.quantities)
        told[finding.id] = (finding.level, item.count, item.first_seen, item.last_seen, measures)
    return told


def counts(result: ScanResult) -> tuple[int, Counter[str]]:
    """Records read, and what was counted instead of kept, over all files."""
    counted: Counter[str] = Counter()
    for row in result.coverage:
        counted.update({name: count for name, count in row.not_resolved.items() if name not in ("domain",)})
    return sum(row.records_read for row in result.coverage), counted


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as stream:
        stream.write(text.encode() if isinstance(text, str) else text)


def conns(first: int, last: int) -> str:
    return "".join(conn_line(3 + at % 7, REMOTES[at % 3], 4000 + at, at) for at in range(first, last))


def answers(first: int, last: int) -> str:
    return "".join(dns_line(3 + at % 7, second=at) for at in range(first, last))


def flows(first: int, last: int) -> str:
    return "".join(eve_line(3 + at % 7, REMOTES[at % 3], 4000 + at, at) for at in range(first, last))


TEXTS: dict[str, Callable[[], str]] = {
    "conn.log": lambda: CONN_HEADER + conns(0, 60) + "#close\t2026-06-01-13-00-00\n",
    "dns.log": lambda: DNS_HEADER + answers(0, 60),
    "eve.json": lambda: flows(0, 40) + "no json\n" + flows(40, 60),
    "j-conn.log": lambda: json_lines(CONN_HEADER, conns(60, 100)),
    "j-dns.log": lambda: json_lines(DNS_HEADER, answers(60, 100)),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("restarts", [pytest.param(False, id="one-run"), pytest.param(True, id="restarted-each-time")])
def test_logs_that_grow_come_to_what_one_scan_says(folder: Path, state: StateFile, seed: int, restarts: bool) -> None:
    chance = random.Random(seed)
    waiting = {name: text().encode() for name, text in TEXTS.items()}
    followed = following(folder, state)
    while waiting:
        for name in sorted(waiting, key=lambda name: "conn" in name):
            if chance.random() < 0.7:
                size = chance.randrange(1, 3000)
                append(folder / name, waiting[name][:size])
                waiting[name] = waiting[name][size:]
        waiting = {name: text for name, text in waiting.items() if text}
        # Names are told before the connections that go to them, as a resolver does.
        for name in ("dns.log", "j-dns.log"):
            if name in waiting and chance.random() < 0.9:
                append(folder / name, waiting.pop(name))
        if restarts:
            followed = following(folder, state)
        followed.look()
    result, plain = end(followed), scanned(folder).result
    assert plain.findings
    assert amounts(result) == amounts(plain)
    assert encode(result.coverage) == encode(plain.coverage)  # type: ignore[arg-type]


def test_places_are_lines_of_the_whole_log(folder: Path) -> None:
    log = folder / "conn.log"
    append(log, CONN_HEADER)
    followed = following(folder)
    for at in range(0, 40, 4):
        append(log, conns(at, at + 4))
        followed.look()
    append(log, "too\tfew\n")
    result, plain = end(followed), scanned(folder).result
    assert [each.artefact.locations for each in result.findings] == [each.artefact.locations for each in plain.findings]
    assert [row.notes for row in result.coverage] == [row.notes for row in plain.coverage]


def test_a_half_line_waits_for_its_end(folder: Path) -> None:
    log, line = folder / "conn.log", conn_line(5)
    log.write_text(CONN_HEADER + line + line[:30], encoding="utf-8")
    followed = following(folder)
    followed.look()
    assert counts(followed.assessment(AS_OF).result)[0] == 1
    append(log, line[30:])
    assert counts(end(followed))[0] == 2


def test_a_half_header_is_no_reason_to_give_a_log_up(folder: Path) -> None:
    log, text = folder / "conn.log", CONN_HEADER + conn_line(5)
    followed = following(folder)
    for cut in (4, 60, 200, len(text)):
        log.write_text(text[:cut], encoding="utf-8")
        followed.look()
    assert counts(end(followed))[0] == 1


def rotate_by_rename(log: Path) -> None:
    log.rename(log.with_name("conn.12.log"))


def rotate_by_copy(log: Path) -> None:
    shutil.copyfile(log, log.with_name("conn.log.1"))
    os.truncate(log, 0)


def rotate_and_compress(log: Path) -> None:
    content = log.read_bytes()
    log.unlink()
    log.with_name("conn.12.log.gz").write_bytes(gzip.compress(content))


@pytest.mark.parametrize("rotate", [rotate_by_rename, rotate_by_copy, rotate_and_compress])
@pytest.mark.parametrize("unseen", [pytest.param(0, id="all-seen"), pytest.param(6, id="some-not-seen-before")])
@pytest.mark.parametrize("restarts", [pytest.param(False, id="one-run"), pytest.param(True, id="restarted")])
def test_a_log_is_followed_through_rotation(
    folder: Path, state: StateFile, rotate: Callable[[Path], None], unseen: int, restarts: bool
) -> None:
    log = folder / "conn.log"
    append(folder / "dns.log", DNS_HEADER + answers(0, 40))
    append(log, CONN_HEADER + conns(0, 20))
    followed = following(folder, state)
    followed.look()
    append(log, conns(20, 20 + unseen))
    rotate(log)
    append(log, CONN_HEADER.replace("#path", "#open\t2026-06-01-13-00-00\n#path") + conns(30, 35))
    if restarts:
        followed = following(folder, state)
    followed.look()
    append(log, conns(35, 40))
    followed.look()
    result, plain = end(followed), scanned(folder).result
    assert amounts(result) == amounts(plain)
    assert counts(result) == counts(plain)


def test_a_log_that_is_compressed_after_it_was_renamed_is_not_read_twice(folder: Path) -> None:
    log, renamed, packed = folder / "conn.log", folder / "conn.12.log", folder / "conn.12.log.gz"
    append(log, CONN_HEADER + conns(0, 20))
    followed = following(folder)
    followed.look()
    log.rename(renamed)
    followed.look()
    packed.write_bytes(gzip.compress(renamed.read_bytes()))
    followed.look()
    told = {row.file: row.reasons for row in followed.assessment(AS_OF).result.coverage}
    assert told["conn.12.log.gz"] == {"holds what was read as conn.log": 1}
    renamed.unlink()
    followed.look()
    result = end(followed)
    assert counts(result)[0] == 20
    assert amounts(result) == amounts(scanned(folder).result)


def test_a_half_compressed_file_is_waited_for(folder: Path) -> None:
    packed = gzip.compress((CONN_HEADER + conns(0, 400)).encode())
    (folder / "conn.gz").write_bytes(packed[: len(packed) // 2])
    followed = following(folder)
    followed.look()
    assert counts(followed.assessment(AS_OF).result)[0] == 0
    (folder / "conn.gz").write_bytes(packed)
    assert counts(end(followed))[0] == 400


def test_what_was_read_of_a_log_that_is_gone_stays(folder: Path, state: StateFile) -> None:
    log = folder / "conn.log"
    append(log, CONN_HEADER + conns(0, 20))
    plain = scanned(folder).result
    following(folder, state).look()
    log.unlink()
    assert amounts(end(following(folder, state))) == amounts(plain)


def test_a_name_that_is_told_a_look_later_is_known_in_time(folder: Path) -> None:
    append(folder / "conn.log", CONN_HEADER)
    append(folder / "dns.log", DNS_HEADER)
    followed = following(folder)
    followed.look()
    append(folder / "conn.log", conn_line(4, NAMED, second=2))
    followed.look()
    append(folder / "dns.log", dns_line(4, second=1))
    followed.look()
    assert amounts(end(followed)) == amounts(scanned(folder).result)


def test_logs_of_one_name_that_followed_each_other_are_one_row_of_coverage(folder: Path) -> None:
    log = folder / "conn.log"
    append(log, CONN_HEADER + conns(0, 3))
    followed = following(folder)
    followed.look()
    log.unlink()
    append(log, CONN_HEADER.replace("#path", "#open\tlater\n#path") + conns(10, 12))
    (row,) = [row for row in end(followed).coverage if row.file == "conn.log"]
    assert row.records_read == 5
    assert row.notes == ["2 logs of this name followed each other: a line is of one of them"]


def test_a_file_that_is_no_such_log_is_told_and_not_read(folder: Path) -> None:
    (folder / "payments.csv").write_text("date,vendor,amount,currency\n2026-05-20,Example,1,USD\n", encoding="utf-8")
    (row,) = [row for row in end(following(folder)).coverage if row.file == "payments.csv"]
    assert (row.status, row.records_read) == ("no_reader", 0)
    assert "a scan without --follow reads it" in next(iter(row.reasons))


def test_a_finding_is_told_once_and_again_when_it_gets_worse(folder: Path, state: StateFile) -> None:
    append(folder / "conn.log", CONN_HEADER + conns(0, 3))
    followed = following(folder, state)
    followed.look()
    events = followed.events(followed.assessment(AS_OF))
    assert events
    assert {event.level_before for event in events} == {None}
    worst = min(events, key=lambda event: Level(event.finding.level).rank)
    # As if it had been less when it was told.
    milder = Event(msgspec.structs.replace(worst.finding, level=Level.INFO.value), None)
    followed.told([*(event for event in events if event is not worst), milder])
    again = following(folder, state)
    again.look()
    told = [(event.finding.id, event.level_before) for event in again.events(again.assessment(AS_OF))]
    is_worse = Level(worst.finding.level) is not Level.INFO
    assert told == ([(worst.finding.id, Level.INFO)] if is_worse else [])


def test_a_run_that_breaks_off_in_a_portion_counts_nothing_twice(
    folder: Path, state: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = folder / "conn.log"
    append(log, CONN_HEADER + conns(0, 20))
    following(folder, state).look()
    append(log, conns(20, 30))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("beholden.run.following.told_by", killed)
        with pytest.raises(KeyboardInterrupt):
            following(folder, state).look(is_last=True)
    result = end(following(folder, state))
    assert counts(result)[0] == 30
    assert amounts(result) == amounts(scanned(folder).result)


def test_many_looks_leave_few_pieces_in_a_state(
    folder: Path, state: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beholden.run.following._MOST_PIECES", 5)
    append(folder / "conn.log", CONN_HEADER)
    append(folder / "dns.log", DNS_HEADER)
    followed = following(folder, state)
    for at in range(20):
        append(folder / "dns.log", answers(at, at + 1))
        append(folder / "conn.log", conns(at, at + 1))
        followed.look()
    followed.look(is_last=True)
    for entry in state.entries("").values():
        assert len(list(state.batches(entry))) <= 12
    assert amounts(end(following(folder, state))) == amounts(scanned(folder).result)


def test_a_state_of_another_profile_is_begun_anew_and_says_so(folder: Path, state: StateFile) -> None:
    append(folder / "conn.log", CONN_HEADER + conns(0, 20))
    following(folder, state).look()
    (folder / "beholden.toml").write_text(PROFILE.replace("10.1.0.0/16", "10.1.0.0/17"), encoding="utf-8")
    followed = following(folder, state)
    assert followed.lost == "the program, what the base watches, or the profile changed"
    result = end(followed)
    assert counts(result)[0] == 20


def test_notes_of_portions_add_up() -> None:
    source = Source(Path("x"), "x")
    first = ["3 flows were left out", "plain", "lost 5 of 1,000 packets"]
    for notes in (first, ["4 flows were left out", "plain", "lost 9 of 3,000 packets"], ["1,200 bytes lost"]):
        add_up(Told(1, 0, {}, [], notes, {"ip": 2}), source)
    assert source.notes == ["7 flows were left out", "plain", "lost 9 of 3,000 packets", "1,200 bytes lost"]
    assert (source.records_read, source.not_resolved["ip"]) == (3, 6)


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("conn.log", lambda at: json_lines(CONN_HEADER, conns(at, at + 1))),
        ("dns.log", lambda at: json_lines(DNS_HEADER, answers(at, at + 1))),
        ("eve.json", lambda at: flows(at, at + 1)),
    ],
)
@pytest.mark.parametrize("odd", ["# restarted\n", "#separator \\x09\n", "#" * 70_000 + "\n"])
def test_a_line_that_is_no_header_is_not_put_before_what_follows(
    folder: Path, state: StateFile, name: str, records: Callable[[int], str], odd: str
) -> None:
    log = folder / name
    append(log, records(0))
    followed = following(folder, state)
    followed.look()
    append(log, odd)
    followed.look()
    for at in range(1, 5):
        append(log, odd + records(at) if at == 3 else records(at))
        followed.look()
    followed.look(is_last=True)
    assert all(len(stream.header) < 100 for stream in followed.streams)
    result, plain = end(following(folder, state)), scanned(folder).result
    assert encode(result.coverage) == encode(plain.coverage)  # type: ignore[arg-type]
    assert amounts(result) == amounts(plain)


def test_the_header_of_a_log_does_not_grow(folder: Path) -> None:
    log = folder / "conn.log"
    append(log, CONN_HEADER + conns(0, 3))
    followed = following(folder)
    followed.look()
    (before,) = followed.streams
    for at in range(3, 9):
        append(log, "# remark\n#path\tconn\n" + conns(at, at + 1))
        followed.look()
    result = end(followed)
    (after,) = followed.streams
    assert sorted(after.header.splitlines()) == sorted(before.header.splitlines())
    assert amounts(result) == amounts(scanned(folder).result)


@pytest.mark.parametrize("packed", [pytest.param(False, id="plain"), pytest.param(True, id="gzip")])
def test_a_log_that_stops_being_one_is_told_so_once(folder: Path, state: StateFile, packed: bool) -> None:
    log = folder / ("conn.gz" if packed else "conn.log")

    def add(text: str) -> None:
        append(log, gzip.compress(text.encode()) if packed else text)

    add(CONN_HEADER + conns(0, 3))
    followed = following(folder, state)
    followed.look()
    for at in range(3, 7):
        add("#fields\tts\tuid\n" + conns(at, at + 1))
        followed.look()
        followed = following(folder, state)
    followed.look(is_last=True)
    assessment = followed.assessment(AS_OF)
    assert assessment.has_rejects
    (row,) = [row for row in assessment.result.coverage if row.file == log.name]
    assert (row.status, row.records_read, row.reasons) == ("partial", 3, {"scan.malformed-input": 1})
    assert len(row.notes) == 1


@pytest.mark.parametrize("left", [0, 1, 400], ids=["emptied", "cut", "cut-in-a-line"])
@pytest.mark.parametrize("kept", [pytest.param(False, id="no-state"), pytest.param(True, id="state")])
def test_what_is_cut_off_while_it_is_read_is_read_from_its_copy(
    folder: Path, state: StateFile, monkeypatch: pytest.MonkeyPatch, left: int, kept: bool
) -> None:
    log, copy = folder / "conn.log", folder / "conn.log.1"
    append(log, CONN_HEADER + conns(0, 20))
    followed = following(folder, state if kept else None)
    followed.look()
    append(log, conns(20, 400))
    plain = scanned(folder).result

    @contextmanager
    def cut(portion: Portion) -> Iterator[Any]:
        with opened(portion) as given:
            shutil.copyfile(log, copy)
            os.truncate(log, portion.stream.offset + left if left else 0)
            yield given

    with monkeypatch.context() as broken:
        broken.setattr("beholden.run.following.opened", cut)
        followed.look(is_last=True)
    os.truncate(log, 0)
    assert counts(followed.assessment(AS_OF).result)[0] == 20
    result = end(followed)
    assert counts(result)[0] == 400
    assert amounts(result) == amounts(plain)


def test_a_file_that_was_cut_off_and_grew_again_before_it_is_opened_is_not_taken_for_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, copy = folder / "conn.log", folder / "conn.log.1"
    append(log, CONN_HEADER + conns(0, 20))
    followed = following(folder)
    followed.look()
    append(log, conns(20, 40))

    def cut(portion: Portion) -> Any:
        shutil.copyfile(log, copy)
        os.truncate(log, 0)
        append(log, CONN_HEADER.replace("#path", "#open\tlater\n#path") + conns(40, 100))
        return opened(portion)

    with monkeypatch.context() as broken:
        broken.setattr("beholden.run.following.opened", cut)
        followed.look(is_last=True)
    result = end(followed)
    assert counts(result)[0] == 100
    assert amounts(result) == amounts(scanned(folder).result)


def test_a_log_that_begins_like_one_that_has_a_header_only_is_read(folder: Path) -> None:
    append(folder / "a-conn.log", CONN_HEADER)
    followed = following(folder)
    followed.look()
    append(folder / "b-conn.log", CONN_HEADER + conns(0, 3))
    followed.look()
    append(folder / "b-conn.log", conns(3, 5))
    append(folder / "a-conn.log", conns(5, 9))
    result = end(followed)
    assert counts(result)[0] == 9
    assert encode(result.coverage) == encode(scanned(folder).result.coverage)  # type: ignore[arg-type]


def rejects(followed: Following) -> bool:
    followed.look(is_last=True)
    return followed.assessment(AS_OF).has_rejects


def test_a_named_file_that_nobody_reads_is_an_error_as_in_a_scan(folder: Path) -> None:
    (folder / "noise.bin").write_bytes(bytes(range(256)))
    job = Job(paths=(str(folder / "noise.bin"),), as_of=AS_OF)
    assert rejects(Following(job, ready_for(folder), scanners()))
    assert not rejects(following(folder))


def test_an_archive_that_stays_cut_off_is_rejected(folder: Path) -> None:
    packed = gzip.compress((CONN_HEADER + conns(0, 400)).encode())
    (folder / "conn.gz").write_bytes(packed[: len(packed) // 2])
    followed = following(folder)
    assert rejects(followed)
    status = {row.file: row.status for row in followed.assessment(AS_OF).result.coverage}
    assert status["conn.gz"] == "rejected"
    (folder / "conn.gz").write_bytes(packed)
    assert not rejects(followed)


def test_a_gap_in_a_rotated_set_is_told(folder: Path) -> None:
    for hour in (0, 1, 2, 3, 4, 5, 7, 8):
        append(folder / f"conn-2026-05-01-{hour:02}.log", CONN_HEADER + conns(hour * 3, hour * 3 + 3))
    result, plain = end(following(folder)), scanned(folder).result
    assert any("nothing was read for" in note for row in result.coverage for note in row.notes)
    assert [row.notes for row in result.coverage] == [row.notes for row in plain.coverage]


def test_places_are_the_same_live_and_resumed(folder: Path, state: StateFile) -> None:
    followed = following(folder, state)
    followed.look()
    # Flows are read at once, connections a look later.
    append(folder / "a-conn.log", CONN_HEADER + conns(0, 9))
    append(folder / "eve.json", flows(0, 9))
    followed.look()
    append(folder / "a-conn.log", conns(9, 12))
    followed.look()
    live = end(followed)
    assert encode(end(following(folder, state))) == encode(live)


FIXTURES = Path(__file__).resolve().parents[1] / "data"


@pytest.mark.parametrize(
    "name",
    ["zeek/conn.log", "zeek/conn.dotted.json", "zeek/dhcp.log", "zeek/dns.log", "zeek/http.log", "zeek/ssl.log",
     "zeek/x509.json", "zeek/x509.log", "suricata/eve.json"],
)  # fmt: skip
def test_a_log_read_line_by_line_comes_to_what_one_scan_says(folder: Path, name: str) -> None:
    log, (first, *lines) = folder / Path(name).name, (FIXTURES / name).read_bytes().splitlines(keepends=True)
    # Without networks of ours in it, private addresses are ours.
    (folder / "beholden.toml").write_text('[organisation]\nroles = ["us-person"]\n', encoding="utf-8")
    log.write_bytes(first)
    followed = following(folder)
    for line in lines:
        append(log, line)
        followed.look()
    if not log.read_bytes().endswith(b"\n"):
        append(log, b"\n")
    result, plain = end(followed), scanned(folder).result
    assert amounts(result).keys() == amounts(plain).keys()
    if name.startswith("zeek"):
        assert counts(result) == counts(plain)
        assert amounts(result) == amounts(plain)
    else:
        # What EVE prints in two events may be parted; flows are not.
        assert counts(result)[0] == counts(plain)[0]
        assert counts(result)[1]["netflow_beside_flow"] == counts(plain)[1]["netflow_beside_flow"] == 1


@contextmanager
def followed_and_edited(folder: Path, path: Path, *statements: str) -> Iterator[StateFile]:
    """A state that was changed between two runs."""
    append(folder / "conn.log", CONN_HEADER + conns(0, 20))
    kept = StateFile(path)
    following(folder, kept).look()
    kept.close()
    database = sqlite3.connect(path)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()
    kept = StateFile(path)
    yield kept
    kept.close()


@pytest.mark.parametrize(
    "mark", ['{"number":0}', "[", '{"number":0,"path":"x","reader":"x","place":[1,1],"offset":-1}']
)
def test_a_damaged_place_in_a_state_is_said_to_be_so(folder: Path, tmp_path: Path, mark: str) -> None:
    with (
        followed_and_edited(folder, tmp_path / "state", f"UPDATE input SET mark = '{mark}'") as kept,
        pytest.raises(UsageError, match="is damaged"),
    ):
        following(folder, kept)


@pytest.mark.parametrize(
    "statement",
    ["""UPDATE input SET mark = replace(mark, '"offset":', '"offset":1')""", "DELETE FROM piece"],
)
def test_a_state_that_was_edited_is_not_gone_on_with(folder: Path, tmp_path: Path, statement: str) -> None:
    with followed_and_edited(folder, tmp_path / "state", statement) as kept:
        followed = following(folder, kept)
        assert followed.lost == "what it held is damaged"
        assert counts(end(followed))[0] == 20
