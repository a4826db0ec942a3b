"""The lines of a pip requirements file: continuation, comments, options, specifiers, URLs and paths."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.software.hosts import is_address, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_HEAD = re.compile(rf"({_NAME})\s*(?:\[([^\[\]]*)\])?\s*(.*)", re.ASCII | re.DOTALL)
_SPECIFIERS = re.compile(
    r"\(?\s*(?:(?:===|~=|==|!=|<=|>=|<|>)\s*[^\s,;()]+\s*(?:,\s*(?=[~=!<>])|(?=\)|$)))+\)?", re.ASCII
)
_PIN = re.compile(r"={2,3}\s*([^\s,*]+)")
_PER_REQUIREMENT = re.compile(r"\s--(?:hash|config-settings?|global-option|install-option)(?:[=\s].*)?$")
_EGG = re.compile(rf"[#&]egg=({_NAME})", re.ASCII)
_WHEEL = re.compile(rf"({_NAME})-([^-/]+)(?:-\d[^-/]*)?-[^-/]+-[^-/]+-[^-/]+\.whl", re.ASCII)
_SDIST = re.compile(rf"({_NAME})-(\d[^/-]*)\.(?:tar\.gz|tar\.bz2|tgz|zip)", re.ASCII)
_OPTION = re.compile(r"(--?[A-Za-z][A-Za-z-]*)(?:\s*=\s*|\s+|$)(.*)", re.ASCII | re.DOTALL)
_SHORT_WITH_VALUE = re.compile(r"(-[rcief])(\S.*)", re.ASCII | re.DOTALL)
_PATH = re.compile(r"\.{0,2}[/\\]|\.{1,2}(?:\[|$)|[A-Za-z]:[/\\]|file:", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_ARCHIVE = re.compile(r"\S+\.(?:whl|tar\.gz|tar\.bz2|tgz|zip)", re.ASCII)
_OPTIONS = frozenset(
    {
        "-i", "--index-url", "--pypi-url", "--extra-index-url", "--no-index", "-c", "--constraint", "-r",
        "--requirement", "-f", "--find-links", "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes",
        "--pre", "--trusted-host", "--use-feature", "--always-unzip", "-z", "--process-dependency-links",
    }
)  # fmt: skip
_MAX_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Option:
    """A line that sets something for the whole file."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line that asks for a package.

    Attributes:
        printed: As printed, without markers, hashes and secrets.
        name: Project name; None for a URL or path that does not tell.
        specifier: Version specifier as printed; empty without one.
        address: URL or local path, where the line gives one.
    """

    printed: str
    name: str | None
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str | None = None
    address: str | None = None
    known_version: str | None = None
    is_editable: bool = False
    is_hashed: bool = False

    @property
    def is_pinned(self) -> bool:
        """Whether exactly one version fits."""
        return self.known_version is not None or _PIN.fullmatch(self.specifier) is not None

    @property
    def version(self) -> str | None:
        """The pinned version, or the specifier where it is a range; None without either."""
        pin = _PIN.fullmatch(self.specifier)
        return pin[1] if pin else (self.known_version or self.specifier or None)


def decoded(data: bytes) -> str:
    """The text of a file; PowerShell's redirection writes UTF-16, which pip reads by its mark."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").encode("utf-8", "replace").decode("utf-8")
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give (number of the first line, text): continuations joined, comments and empty lines left out."""
    held: list[str] = []
    start = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        is_comment = line.lstrip().startswith("#")
        start = start or number
        if line.endswith("\\") and not is_comment:
            held.append(line[:-1])
            continue
        # A comment inside a continued requirement ends it, as pip has it.
        held.append("" if is_comment else line)
        whole = _COMMENT.sub("", " ".join(held) if len(held) > 1 else held[0]).strip()
        if whole:
            yield start, whole
        held, start = [], 0
    if held and (whole := _COMMENT.sub("", " ".join(held)).strip()):
        yield start, whole


def read_line(text: str) -> Option | Requirement | None:
    """Read one logical line; None where it is none that pip knows."""
    if len(text) > _MAX_LINE or "\x00" in text:
        return None
    if text.startswith("-"):
        return _read_option(text)
    is_hashed = "--hash" in text
    text = _PER_REQUIREMENT.sub("", text).strip() if " --" in text else text
    is_archive = "://" not in text and _ARCHIVE.fullmatch(text.partition(";")[0].strip()) is not None
    if is_archive or _PATH.match(text) or _URL.match(text):
        return _read_location(text, is_hashed=is_hashed)
    return _read_specifier(text, is_hashed=is_hashed)


def _read_option(text: str) -> Option | Requirement | None:
    match = _OPTION.fullmatch(text)
    if not match or match[1] not in _OPTIONS | {"-e", "--editable"}:
        match = _SHORT_WITH_VALUE.fullmatch(text)
    if not match:
        return None
    name, value = match[1], match[2].strip().strip("\"'")
    if name in ("-e", "--editable"):
        return _read_location(value, is_editable=True) if value else None
    return Option(name, value)


def _read_location(text: str, *, is_editable: bool = False, is_hashed: bool = False) -> Requirement:
    place, _, marker = text.partition(" ;") if " ;" in text else text.partition("; ")
    place = place.strip()
    name, known_version = _named_by(place)
    return Requirement(
        without_secrets(place) if is_address(place) else place,
        name,
        marker=marker.strip() or None,
        address=place,
        known_version=known_version,
        is_editable=is_editable,
        is_hashed=is_hashed,
    )


def _named_by(place: str) -> tuple[str | None, str | None]:
    """The project name and version that an address tells: its `egg`, or the name of a wheel or source archive."""
    if egg := _EGG.search(place):
        return egg[1], None
    file = place.partition("#")[0].partition("?")[0].replace("\\", "/").rpartition("/")[2]
    match = _WHEEL.fullmatch(file) or _SDIST.fullmatch(file)
    return (match[1], match[2]) if match else (None, None)


def _read_specifier(text: str, *, is_hashed: bool) -> Requirement | None:
    match = _HEAD.fullmatch(text)
    if not match:
        return None
    name, extras, rest = match[1], match[2], match[3].strip()
    asked = tuple(part.strip() for part in (extras or "").split(",") if part.strip())
    label = f"{name}[{','.join(asked)}]" if asked else name
    if rest.startswith("@"):
        location = _read_location(rest[1:].strip())
        if not location.address:
            return None
        printed = f"{label} @ {location.printed}"
        return Requirement(
            printed, name, "", asked, location.marker, location.address, location.known_version, is_hashed=is_hashed
        )
    specifier, _, marker = rest.partition(";")
    specifier = specifier.strip()
    if specifier and not _SPECIFIERS.fullmatch(specifier):
        return None
    specifier = specifier.strip("() ")
    return Requirement(label + specifier, name, specifier, asked, marker.strip() or None, is_hashed=is_hashed)
