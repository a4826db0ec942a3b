"""Lines of dnsmasq's query log as what they say: who asked what, where it was sent, what came of it.

Pi-hole writes the same log, with verdicts of its filter (`gravity blocked`, `exactly denied`) as further sources.

Source: dnsmasq(8), `--log-queries` and `--log-facility`; dnsmasq, `log_query` in src/cache.c, for the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_TAG = re.compile(
    r"(?:[^ ]+ ){0,8}?dnsmasq(?:\[(?P<pid>\d+)\]: |: | (?P<number>\d+) - (?:-|\[[^\]]*\]) )"
    r"(?:(?:UDP |TCP )?(?P<serial>\d+) (?:(?P<client>[0-9A-Fa-f:.%\w]+)/\d+ )?)?(?P<said>.*)",
    re.ASCII,
)
_ASKED = re.compile(r"query\[(?P<type>[^\] ]{1,16})\] (?P<name>.*) from (?P<client>[^ ]+)", re.ASCII)
_SENT = re.compile(
    r"(?P<source>forwarded|dnssec-[a-z]+\[[^\] ]+\]) (?P<name>.*) to (?P<server>[0-9A-Fa-f:.%\w]+)(?:#\d+)?(?: .*)?",
    re.ASCII,
)
_TOLD = re.compile(r"(?P<source>[^ ].*?) (?P<name>[^ ]+) is (?P<data>[^ ]+)(?: .*)?", re.ASCII)
_FILTERED = re.compile(r"\b(?:blocked|denied|blacklisted)\b|^special domain$", re.ASCII)
_FROM_ELSEWHERE = frozenset({"reply", "cached", "cached-stale"})
# `validation NAME is SECURE` tells of a signature; the others name no query.
_NO_ANSWER = frozenset({"validation", "ipset add", "nftset add", "non-query opcode"})


class Said(Enum):
    """What a line says."""

    ASKED = "a client asked"
    SENT = "a query was sent to another resolver"
    CHECKED = "a query of dnsmasq's own was sent to another resolver, to check a signature"
    TOLD = "somebody else's data were given"
    TOLD_BY_US = "data of ours were given: leases, hosts files, configuration"
    FILTERED = "a filter answered"


@dataclass(frozen=True, slots=True)
class Line:
    """One line on a query.

    Attributes:
        said: What it says.
        process: The process that wrote it; empty: not told.
        serial: Number of the query (`log-queries=extra`); empty: not told.
        name: What the query or the record is for.
        value: Type of the query, address of the resolver, or data of the record.
        client: Who asked; None: not told.
    """

    said: Said
    process: str
    serial: str
    name: str
    value: str
    client: str | None = None


def parse_line(text: str) -> Line | None:
    """Read a line without the time in front.

    Args:
        text: From the host or program on.

    Returns:
        None where it says nothing of a query, or is another program's.
    """
    tagged = _TAG.match(text)
    if tagged is None:
        return None
    process, serial, said = tagged["pid"] or tagged["number"] or "", tagged["serial"] or "", tagged["said"]
    if asked := _ASKED.fullmatch(said):
        rrtype = asked["type"].replace("type=", "TYPE")
        return Line(Said.ASKED, process, serial, asked["name"], rrtype, asked["client"])
    if sent := _SENT.fullmatch(said):
        kind = Said.SENT if sent["source"] == "forwarded" else Said.CHECKED
        return Line(kind, process, serial, sent["name"], sent["server"], tagged["client"])
    told = _TOLD.fullmatch(said)
    if told is None or told["source"] in _NO_ANSWER:
        return None
    return Line(_source(told["source"]), process, serial, told["name"], told["data"], tagged["client"])


def _source(words: str) -> Said:
    if words in _FROM_ELSEWHERE:
        return Said.TOLD
    return Said.FILTERED if _FILTERED.search(words) else Said.TOLD_BY_US
