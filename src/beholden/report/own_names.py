"""What in a result is ours (hosts, addresses, accounts, interfaces, devices), and how it reads in files for sharing."""

from __future__ import annotations

import ipaddress
import json
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from beholden.schema.signal import INWARDS
from beholden.schema.vocabulary import Kind
from beholden.values import domain
from beholden.values.mac import parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from beholden.report.pseudonyms import Pseudonyms
    from beholden.schema.result import ScanResult

# What readers call things of ours in their details, and the stem of what stands for them.
_OWN_DETAILS = {
    **dict.fromkeys(
        ("hostname", "host_name", "client_fqdn", "fqdn", "own_host", "hosts", "switch", "printed_by"), "host"
    ),
    **dict.fromkeys(("account", "account_id"), "account"),
    **dict.fromkeys(("interface", "interface_id"), "interface"),
    "ssid": "wifi",
    **dict.fromkeys(("user", "user_name", "username", "login", "email"), "user"),
}
_SEPARATED_MAC = (
    r"[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
)
# Twelve bare digits are a MAC where a letter is among them; Go versions and image digests hold such digits, too.
_BARE_MAC = r"(?<!\d{14}-)(?<!sha256:)(?<![0-9A-Za-z])[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_EMAIL = r"[\w.+-]{1,64}@(?!\d)(?:[\w-]{1,63}\.){1,9}[A-Za-z]{2,63}"  # bounded: a text may be one long word
_PACKAGE = r"pkg:\S+"
_MARKED = re.compile(
    rf"{_PACKAGE}|(?P<mac>(?<![0-9A-Fa-f:.-])(?:{_SEPARATED_MAC})(?![0-9A-Fa-f]|[:-][0-9A-Fa-f]|::)|{_BARE_MAC})"
    rf"|(?P<email>{_EMAIL})"
)
# In a file name a dash also joins; a letter tells the address from a time.
_MAC_AFTER_DASH = re.compile(
    r"(?<=-)(?=[0-9-]*[A-Fa-f])[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}(?![0-9A-Fa-f]|-[0-9A-Fa-f]{2}(?![0-9A-Za-z]))"
)
_VERSION = re.compile(r"@[^/]*$")
_REGISTRY = re.compile(r"\.[A-Za-z]{2,}(?::\d+)?$|:\d+$|^localhost$")
_TOKEN = re.compile(rf"{_PACKAGE}|[\w.:%-]+")
_MASK = re.compile(r"/\d{1,3}\b")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_ATOM_ENDS = re.compile(r"[0-9A-Za-z](?![0-9A-Za-z])|[^\x00-\x7f]$")
_ATOM_STARTS = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]")
_MAX_ATOMS = 12
_TELLING_DIGITS = 9  # a number of an account; a date has eight
# Names that no public register gives out (RFC 6762, 8375 and customs), and addresses that no public network routes.
_INTERNAL_SUFFIXES = (".local", ".lan", ".internal", ".localdomain", ".home.arpa")
_INTERNAL_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10"),
    )
)
_NAMED_KINDS = frozenset({Kind.MODEL, Kind.CPE, Kind.CVE})  # no host of ours stands in such a name
_SOFTWARE_KINDS = frozenset({Kind.PURL, Kind.IMAGE, Kind.MODEL, Kind.CPE, Kind.CVE})


class OwnNames:
    """The own names of a result; every text of it is asked against them.

    Args:
        result: Every own host, account and interface in it is known from the start, in the order of the document.
        pseudonyms: Gives what stands for them.
        evidence: EVIDENCE: whatever the samples of the result have no room for is known, too.
    """

    def __init__(self, result: ScanResult, pseudonyms: Pseudonyms, evidence: pa.Table | None = None) -> None:
        self._pseudonyms = pseudonyms
        self._macs: set[str] = set()
        self._names: dict[str, str] = {}
        self._tokens: dict[str, str] = {}  # texts are made of the same few thousand words
        # Words of the law and of the parties: a host may be called so, and they must read the same then.
        things = _evidenced_things(evidence)
        words = frozenset((*_public_words(result), *_software_words(result, things)))
        for stem, value in (*_own_values(result), *_own_evidence(evidence)):
            label = self.label(stem, value)
            name = normal_host(value)
            if _is_telling(name) and name not in words:
                self._names[name] = label
        for finding in result.findings:
            if finding.artefact.kind == Kind.MAC:
                written = (finding.artefact.value, *(item.value for item in finding.artefact.values.top))
                self._macs.update(mac for text in written if (mac := parse_mac(text)))
        self._macs.update(mac for kind, text in things if kind == Kind.MAC and (mac := parse_mac(text)))

    def label(self, stem: str, value: str) -> str:
        """Return what stands for a value that is ours by the field it stands in."""
        if not value.strip():
            return value
        return self._pseudonyms.label(stem, normal_host(value) if stem == "host" else value.strip().casefold())

    def details(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts beside a value without what is ours by its key; the rest is left to `text`."""
        private = dict(_own_keys(detail))
        return {key: self._own(private[key], item) if key in private else item for key, item in detail.items()}

    def value(self, text: str, kind: str) -> str:
        """Return a value of an artefact; versions of software look like addresses and are none."""
        if kind == Kind.MAC and parse_mac(text):
            return self._pseudonyms.mac(text)
        is_name = kind in _NAMED_KINDS or (kind in _SOFTWARE_KINDS and "@" in text)
        return text if is_name else self.text(text)

    def text(self, text: str) -> str:
        """Return running text without own hosts, internal addresses, full MACs and e-mail addresses."""
        marked = _MARKED.sub(self._mark, text)
        return _TOKEN.sub(lambda found: self._token(found, marked), marked)

    def file(self, path: str) -> str:
        """Return a file name without own hosts, internal addresses and full MACs, whatever surrounds them."""
        marked = _MAC_AFTER_DASH.sub(lambda found: self._pseudonyms.mac(found.group()), _MARKED.sub(self._mark, path))
        return "/".join(self._component(part) for part in marked.split("/"))

    def _own(self, stem: str, item: object) -> object:
        if isinstance(item, list):
            return [self._own(stem, inner) for inner in item]
        return self.label(stem, str(item))

    def _mark(self, found: re.Match[str]) -> str:
        if found["email"]:
            is_service = found["email"].startswith("git@")
            return found["email"] if is_service else self._pseudonyms.label("user", found["email"].casefold())
        if not found["mac"]:
            return found.group()
        digits = found["mac"]
        is_number = digits.isdigit() and parse_mac(digits) not in self._macs  # an account, an amount
        return digits if is_number else self._pseudonyms.mac(digits)

    def _token(self, found: re.Match[str], text: str) -> str:
        token = found.group()
        shown = self._tokens.get(token)
        if shown is None:
            shown = self._tokens[token] = self._package(token) if token.startswith("pkg:") else self._named(token)
        if shown != token and (mask := _MASK.match(text, found.end())) and _is_network(token + mask.group()):
            return token
        return shown

    def _package(self, purl: str) -> str:
        package, mark, qualifiers = purl.partition("?")  # of a package's address only these may name a host of ours
        return package + mark + (self.text(unquote(qualifiers)) if mark else "")

    def _named(self, token: str) -> str:
        name = token.strip(".:%-")
        start = token.find(name)
        label = self._label_of(name)
        if label is None:
            # An address with its port, `10.20.0.8:443`, or a span of addresses.
            separator = "-" if name.count("-") == 1 and name.count(".") == 6 else ":"
            label = separator.join(self._label_of(part) or part for part in name.split(separator))
        return token[:start] + label + token[start + len(name) :]

    def _label_of(self, name: str) -> str | None:
        """Return what stands for a name; None: it is not ours."""
        normal = normal_host(name)
        is_internal = _is_internal(normal) or normal.endswith(_INTERNAL_SUFFIXES)
        return self._names.get(normal) or (self.label("host", name) if is_internal else None)

    def _component(self, part: str) -> str:
        """Replace names in one part of a path, the longest first: host names stand between dashes and dots there."""
        starts = [found.start() for found in _ATOM_STARTS.finditer(part)]
        ends = [found.end() for found in _ATOM_ENDS.finditer(part)]
        shown, done = "", 0
        for start in starts:
            if start < done:
                continue
            for end in reversed([end for end in ends if end > start][:_MAX_ATOMS]):
                name = normal_host(part[start:end])
                label = self._names.get(name) or (self.label("host", name) if _is_internal(name) else None)
                if label is not None:
                    shown, done = shown + part[done:start] + label, end
                    break
        return shown + part[done:]


@lru_cache(maxsize=65_536)
def normal_host(name: str) -> str:
    """Return the one spelling of a host: canonical address, or lower-case name without the root's dot."""
    text = unicodedata.normalize("NFKC", name).strip().rstrip(".").casefold()
    if text.count(":") > 1 or _IPV4.fullmatch(text):
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return text
        mapped = address.ipv4_mapped if address.version == 6 else None
        return str(mapped or address)
    return text if text.isascii() else domain.normalise(text) or text


def _own_values(result: ScanResult) -> Iterator[tuple[str, str]]:
    for finding in result.findings:
        yield from (("host", item.value) for item in finding.artefact.own_hosts.top)
        for detail in finding.artefact.details:
            yield from _own_in(detail)
    yield from (("host", signal.source) for signal in result.signals if signal.way != INWARDS)


def _own_evidence(evidence: pa.Table | None) -> Iterator[tuple[str, str]]:
    """Give what is ours in the rows behind the findings; rows of one lease or flow repeat each other."""
    if evidence is None:
        return
    yield from (("host", host) for host in evidence["own_host"].unique().to_pylist() if host)
    for text in evidence["detail"].unique().to_pylist():
        detail = json.loads(text) if text else None
        if isinstance(detail, dict):
            yield from _own_in(detail)


def _evidenced_things(evidence: pa.Table | None) -> list[tuple[str, str]]:
    if evidence is None:
        return []
    things = evidence.group_by(["kind", "value"]).aggregate([])
    return list(zip(things["kind"].to_pylist(), things["value"].to_pylist(), strict=True))


def _own_in(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    private = dict(_own_keys(detail))
    for key, stem in private.items():
        values = detail[key] if isinstance(detail[key], list) else [detail[key]]
        yield from ((stem, str(value)) for value in values)
    for value in detail.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from _own_in(inner)


def _own_keys(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the keys whose values are ours, with the stem of the pseudonym."""
    for key, value in detail.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in values):
            continue
        if key in _OWN_DETAILS:
            yield key, _OWN_DETAILS[key]
        elif key == "server" and detail.get("via") == "proxy":
            yield key, "host"


def _public_words(result: ScanResult) -> Iterator[str]:
    """Give the words of what the knowledge base brings, and the names under which operators are reached."""
    seen: set[str | None] = {None}
    for text in _public_texts(result):
        if text not in seen:
            seen.add(text)
            yield from (normal_host(found.group().strip(".:%-")) for found in _TOKEN.finditer(str(text)))


def _public_texts(result: ScanResult) -> Iterator[str | None]:
    yield from (source.id for source in result.kb.sources)
    for claim in result.claims:
        yield from (claim.text, claim.speaker)
    for source in result.sources.values():
        yield from (source.get("title"), source.get("publisher"))
    for finding in result.findings:
        yield from (finding.id, finding.artefact.relation)
        if finding.artefact.kind == Kind.DOMAIN:
            yield finding.artefact.value
        if (entry := finding.listing) is not None:
            yield from (entry.regime, entry.listed_as, entry.basis, entry.citation)
        for entity in (finding.operator, finding.listed_entity):
            yield from (entity.id, entity.caption)
        for rule in finding.consequences:
            yield from (rule.id, rule.citation, *(duty.text for duty in rule.duties))
        yield from (hop.to for hop in finding.path if hop.hop == "listed_on" or hop.hop.startswith("owned_by"))


def _software_words(result: ScanResult, things: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Give the names of models, images and packages: they are public, and a host may be called as one."""
    named = {
        (finding.artefact.kind, text)
        for finding in result.findings
        for text in (finding.artefact.value, *(item.value for item in finding.artefact.values.top))
    }
    for kind, text in named.union(things):
        if kind not in _SOFTWARE_KINDS:
            continue
        name = _VERSION.sub("", text.partition("?")[0])
        registry, mark, rest = name.partition("/")
        if mark and registry.startswith("pkg:"):
            registry, mark, rest = rest.partition("/")
            name = f"{registry}{mark}{rest}"
        # Before the first stroke an image has its registry, and a Go module its forge: both may be hosts of ours.
        if mark and _REGISTRY.search(registry):
            name = rest
        for found in _TOKEN.finditer(name):
            word = found.group().strip(".:%-")
            yield from map(normal_host, {word, *word.split(":")})


def _is_telling(name: str) -> bool:
    """Whether a word is a name of ours wherever it stands: a plain word, or a short number, may be anyone's."""
    if "." in name or ":" in name or (name.isdigit() and len(name) >= _TELLING_DIGITS):
        return True
    return any(map(str.isalpha, name)) and any(mark.isdigit() or mark in "-_" for mark in name)


def _is_internal(name: str) -> bool:
    if name.count(":") < 2 and not _IPV4.fullmatch(name):
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in _INTERNAL_NETWORKS)


def _is_network(text: str) -> bool:
    """Whether it is a whole range, `10.20.0.0/16`, and no host in one."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return False
    return network.num_addresses > 1
