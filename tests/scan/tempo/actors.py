"""Invented actors: what one source did in an hour, as connections that a sensor would have logged."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = 1_777_622_400  # 2026-05-01T08:00:00Z
HOUR = 3_600
HOST = "10.20.0.8"
_COLUMNS = "ts id.orig_h id.resp_h id.resp_p proto conn_state resp_bytes"


class Act(NamedTuple):
    """One connection; `came` are the bytes of the answer, None: it was refused."""

    at: float
    target: str
    port: int
    came: int | None = 900
    proto: str = "tcp"


def outside(number: int) -> str:
    """An address of the internet, from the ranges for documentation and benchmarks."""
    return f"198.18.{number // 250 % 250}.{number % 250 + 1}"


def inside(number: int) -> str:
    """An address of ours."""
    return f"10.30.{number // 250}.{number % 250 + 1}"


def agent(seconds: int = HOUR) -> Iterator[Act]:
    """Runs tools for a while, thinks for seconds, goes on: thirty targets, one after the other and some again."""
    rng = random.Random(1)
    ports = (22, 80, 443, 445, 3306, 3389, 5432, 8080)
    at = 0.0
    while at < seconds:
        run = at + rng.uniform(20, 60)
        reached = 1 + int(29 * at / seconds)
        while at < min(run, seconds):
            at += rng.expovariate(4)
            target = rng.choice((reached, rng.randint(0, reached)))
            yield Act(at, outside(target), rng.choice(ports), None if rng.random() < 0.2 else 700)
        at += rng.uniform(2, 15)


def person(seconds: int = HOUR, reads: float = 25) -> Iterator[Act]:
    """Opens pages: each is a burst, then it is read."""
    rng = random.Random(2)
    at = 0.0
    while at < seconds:
        for _ in range(rng.randint(8, 60)):
            when, target = at + rng.expovariate(1), outside(int(rng.paretovariate(0.5)) % 400)
            port, proto = rng.choice(((443, "tcp"), (443, "tcp"), (443, "udp"), (80, "tcp"), (53, "udp")))
            yield Act(when, target, port, proto=proto)
        at += rng.expovariate(1 / reads)


def resolver() -> Iterator[Act]:
    """Asks name servers all over the internet."""
    rng = random.Random(3)
    yield from (Act(at / 6, outside(rng.randrange(3_000)), 53, 200, "udp") for at in range(6 * HOUR))


def monitoring() -> Iterator[Act]:
    """Asks each of forty hosts for six services once a minute."""
    for minute in range(HOUR // 60):
        for check in range(240):
            port = (22, 80, 443, 3306, 5432, 9100)[check % 6]
            yield Act(minute * 60 + check / 4, inside(check // 6), port)


def backup() -> Iterator[Act]:
    """Fetches file by file from three stores, by as many services as they have."""
    ports = (22, 443, 445, 873, 2049, 10_000)
    yield from (Act(at / 5, inside(at % 3), ports[at // 3 % 6]) for at in range(5 * HOUR))


def worm() -> Iterator[Act]:
    """Knocks at one service of as many hosts as it can."""
    rng = random.Random(4)
    for at in range(12 * HOUR):
        yield Act(at / 12, outside(rng.randrange(60_000)), 445, 300 if rng.random() < 0.2 else None)


def port_scan() -> Iterator[Act]:
    """Tries every port of twenty hosts; few are open."""
    for at in range(10 * HOUR):
        port = 1 + at % 65_000
        yield Act(at / 10, inside(at % 20), port, 80 if port in (22, 80, 443, 3389, 8080) else None)


def flood() -> Iterator[Act]:
    """Opens one service of one host again and again."""
    yield from (Act(at / 10, outside(1), 443) for at in range(10 * HOUR))


def updates() -> Iterator[Act]:
    """Once an hour, for five minutes, everything at once."""
    rng = random.Random(5)
    yield from (Act(at / 20, outside(rng.randrange(40)), rng.choice((80, 443, 53, 123, 8080))) for at in range(6_000))


def crawler() -> Iterator[Act]:
    """Fetches pages from the whole web."""
    rng = random.Random(6)
    yield from (Act(at / 8, outside(rng.randrange(20_000)), rng.choice((443, 443, 80, 53))) for at in range(8 * HOUR))


def peer_to_peer() -> Iterator[Act]:
    """Talks to peers, each at a port of its own."""
    rng = random.Random(7)
    for at in range(4 * HOUR):
        peer = rng.randrange(2_000)
        yield Act(at / 4, outside(peer), 10_000 + peer * 17 % 40_000)


def bursts() -> Iterator[Act]:
    """Does in one minute of three what others do in three: broad and fast, and not even."""
    rng = random.Random(8)
    for minute in range(0, HOUR // 60, 3):
        for _ in range(900):
            at = minute * 60 + rng.uniform(0, 65)
            yield Act(at, outside(minute + rng.randrange(5)), rng.choice((22, 80, 443, 3306, 8080, 8443)))


def gateway() -> Iterator[Act]:
    """A hundred people and their devices behind one address."""
    rng = random.Random(9)
    services = ((443, "tcp"),) * 12 + (
        (443, "udp"),
        (80, "tcp"),
        (53, "udp"),
        (123, "udp"),
        (993, "tcp"),
        (5228, "tcp"),
    )
    for at in sorted(rng.uniform(0, HOUR) for _ in range(12 * HOUR)):
        port, proto = rng.choice(services)
        yield Act(at, outside(int(rng.paretovariate(0.4)) % 9_000), port, proto=proto)


def zeek_log(path: Path, acts: Iterator[Act] | list[Act], host: str = HOST) -> Path:
    """Write what a host did as Zeek's conn log."""
    lines = ["#separator \\x09", "#path\tconn", "#fields\t" + _COLUMNS.replace(" ", "\t")]
    for act in acts:
        state, came = ("REJ", "0") if act.came is None else ("SF", str(act.came))
        cells = (f"{BEGIN + act.at:.6f}", host, act.target, str(act.port), act.proto, state, came)
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path
