"""Pseudonyms for files meant for sharing: persons, own hosts and accounts, full MACs (DESIGN section 1, promise 6).

What is replaced depends on the field, never on the word alone: a host may be called `Hikvision` or `section`, and the
law, the parties and the claims must read the same then.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from beholden.report.paths import with_shareable_paths
from beholden.report.persons import Persons
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.result import Artefact, Coverage, Finding, Sample, ScanResult

_MAC = re.compile(
    r"(?<![0-9A-Fa-f:.-])(?:"
    r"(?P<oui>[0-9A-Fa-f]{2}(?P<sep>[:-])[0-9A-Fa-f]{2}(?P=sep)[0-9A-Fa-f]{2})(?:(?P=sep)[0-9A-Fa-f]{2}){3}"
    r"|(?P<cisco>[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{2})[0-9A-Fa-f]{2}\.[0-9A-Fa-f]{4}"
    r")(?![0-9A-Fa-f]|[:-][0-9A-Fa-f])"
)
_BARE_MAC = re.compile(r"([0-9A-Fa-f]{6})[0-9A-Fa-f]{6}")
_TOKEN = re.compile(r"[\w.:%-]+")
# What readers call things of ours in their details, and the stem of what stands for them.
_OWN_DETAILS = {
    "hostname": "host",
    "host_name": "host",
    "client_fqdn": "host",
    "fqdn": "host",
    "own_host": "host",
    "account": "account",
    "account_id": "account",
    "interface": "interface",
    "interface_id": "interface",
}


def for_sharing(result: ScanResult) -> ScanResult:
    """Return the result with pseudonyms; the same result gives the same pseudonyms."""
    own, persons = _Own(result), Persons(result)
    shown = with_shareable_paths(result)
    summary = replace(
        shown.summary,
        by_entity=[replace(row, entity=persons.entity(row.entity)) for row in shown.summary.by_entity],
    )
    return replace(
        shown,
        summary=summary,
        findings=[own.finding(persons.finding(finding)) for finding in shown.findings],
        signals=[own.details(signal) for signal in shown.signals],
        coverage=[own.coverage(row) for row in shown.coverage],
    )


class _Own:
    """What is ours in a result, and what stands for it."""

    def __init__(self, result: ScanResult) -> None:
        self._shown: dict[str, str] = {}  # large results repeat most of their texts
        self._labels: dict[str, dict[str, str]] = {"host": {}, "account": {}, "interface": {}}
        for finding in result.findings:
            for item in finding.artefact.own_hosts.top:
                self._label("host", item.value)
            for detail in finding.artefact.details:
                for stem, value in _own_in(detail):
                    self._label(stem, value)
        for signal in result.signals:
            for stem, value in _own_in(signal):
                self._label(stem, value)
        hosts = self._labels["host"]
        self._addresses = {name: label for name, label in hosts.items() if _is_address(name)}
        # A word without a dot may be anyone's, a maker's name too; only whole host names are known in running text.
        self._names = {name: label for name, label in hosts.items() if "." in name or name in self._addresses}

    def finding(self, finding: Finding) -> Finding:
        """Return the finding; its parties, listing and rules stay as the knowledge base has them."""
        return replace(
            finding,
            artefact=self._artefact(finding.artefact),
            why=self._text(finding.why),
            questions=[self._text(question) for question in finding.questions],
            path=[replace(hop, from_=self._text(hop.from_), to=self._text(hop.to)) for hop in finding.path],
            waiver=replace(finding.waiver, reason=self._text(finding.waiver.reason)) if finding.waiver else None,
        )

    def coverage(self, row: Coverage) -> Coverage:
        """Return what became of a file, without own hosts in what the reader says."""
        reasons: dict[str, int] = {}
        for reason, count in row.reasons.items():
            shown = self._text(reason, self._names)
            reasons[shown] = reasons.get(shown, 0) + count
        return replace(row, reasons=reasons, notes=[self._text(note, self._names) for note in row.notes])

    def details(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts beside a value: what is ours by its key goes, of the rest only own addresses."""
        private = dict(_own_by_key(detail))
        return {
            key: self._label(private[key], str(value)) if key in private else self._plain(value)
            for key, value in detail.items()
        }

    def _plain(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        return self.details(value) if isinstance(value, dict) else value

    def _artefact(self, artefact: Artefact) -> Artefact:
        is_mac = artefact.kind == Kind.MAC
        hosts = [replace(item, value=self._label("host", item.value)) for item in artefact.own_hosts.top]
        return replace(
            artefact,
            value=self._value(artefact.value, is_mac=is_mac),
            values=self._sample(artefact.values, is_mac=is_mac),
            own_hosts=replace(artefact.own_hosts, top=hosts),
            details=[self.details(detail) for detail in artefact.details],
        )

    def _sample(self, sample: Sample, *, is_mac: bool) -> Sample:
        return replace(sample, top=[replace(item, value=self._value(item.value, is_mac=is_mac)) for item in sample.top])

    def _value(self, value: str, *, is_mac: bool) -> str:
        bare = _BARE_MAC.fullmatch(value) if is_mac else None
        return f"{bare[1]}······" if bare else self._text(value)

    def _text(self, text: str, names: Mapping[str, str] | None = None) -> str:
        if names is not None:
            return _hidden(text, names)
        shown = self._shown.get(text)
        if shown is None:
            shown = self._shown[text] = _hidden(text, self._addresses)
        return shown

    def _label(self, stem: str, value: str) -> str:
        labels = self._labels[stem]
        return labels.setdefault(value.lower(), f"{stem}-{len(labels) + 1}") if value.strip() else value


def _own_in(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((stem, str(detail[key])) for key, stem in _own_by_key(detail))
    for value in detail.values():
        if isinstance(value, dict):
            yield from _own_in(value)


def _own_by_key(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the keys whose values are ours, with the stem of the pseudonym."""
    for key, value in detail.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            continue
        if key in _OWN_DETAILS:
            yield key, _OWN_DETAILS[key]
        elif key == "server" and detail.get("via") == "proxy":
            yield key, "host"


def _hidden(text: str, known: Mapping[str, str]) -> str:
    return _TOKEN.sub(lambda found: _token(found.group(), known), _MAC.sub(_mask, text))


def _token(token: str, known: Mapping[str, str]) -> str:
    bare = token.rstrip(".:%-")
    if bare.lower() in known:
        return known[bare.lower()] + token[len(bare) :]
    # An address with its port: `10.20.0.8:443`.
    return ":".join(known.get(part.lower(), part) for part in token.split(":"))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _mask(found: re.Match[str]) -> str:
    if found["cisco"]:
        return f"{found['cisco']}··.····"
    return found["oui"] + f"{found['sep']}··" * 3
