"""The lines of a pip requirements file: continuation, comments, options, specifiers, URLs and paths."""

from __future__ import annotations

import codecs
import re
import shlex
from collections import deque
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
_SHORT_WITH_VALUE = re.compile(r"(-[rcief])(\S.*)", re.ASCII | re.DOTALL)
_PATH = re.compile(r"\.{0,2}[/\\]|\.{1,2}(?:\[|$)|[A-Za-z]:[/\\]|file:", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_ARCHIVE = re.compile(r"\S+\.(?:whl|tar\.gz|tar\.bz2|tgz|zip)", re.ASCII)
_FLAGS = frozenset(
    {"--no-index", "--prefer-binary", "--require-hashes", "--pre", "--always-unzip", "-z", "--process-dependency-links"}
)
_WITH_VALUE = frozenset(
    {
        "-i", "--index-url", "--pypi-url", "--extra-index-url", "-c", "--constraint", "-r", "--requirement", "-f",
        "--find-links", "--no-binary", "--only-binary", "--trusted-host", "--use-feature",
    }
)  # fmt: skip
_EDITABLE = frozenset({"-e", "--editable"})
_OPTIONS = _FLAGS | _WITH_VALUE | _EDITABLE
_MAX_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Option:
    """What sets something for the whole file; a line may hold several."""

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


def read_line(text: str) -> Iterator[Option | Requirement | None]:
    """Give what one logical line holds: a requirement, or each of its options; None for what pip would not know."""
    if len(text) > _MAX_LINE or "\x00" in text:
        yield None
    elif text.startswith("-"):
        yield from _read_options(text)
    else:
        yield _read_requirement(text)


def _read_requirement(text: str) -> Requirement | None:
    is_hashed = "--hash" in text
    text = _PER_REQUIREMENT.sub("", text).strip() if " --" in text else text
    is_archive = "://" not in text and _ARCHIVE.fullmatch(text.partition(";")[0].strip()) is not None
    if is_archive or _PATH.match(text) or _URL.match(text):
        return _read_location(text, is_hashed=is_hashed)
    return _read_specifier(text, is_hashed=is_hashed)


def _read_options(text: str) -> Iterator[Option | Requirement | None]:
    words = _words(text)
    if words is None:
        yield None
        return
    while words:
        name, value = _option(words.popleft())
        if name in _EDITABLE:
            # A marker follows in words of its own.
            value = " ".join([*([value] if value else ()), *_taken_before_an_option(words)])
            value = _PER_REQUIREMENT.sub("", value).strip()
            yield _read_location(value, is_editable=True) if value else None
        elif name in _WITH_VALUE:
            if value is None and words and _option(words[0])[0] is None:
                value = words.popleft()
            yield Option(name, value) if value else None
        elif name in _FLAGS and value is None:
            yield Option(name, "")
        else:
            _taken_before_an_option(words)
            yield None


def _words(text: str) -> deque[str] | None:
    """The words of a line as a shell would part them, but with backslashes kept; None for an open quotation mark."""
    if '"' not in text and "'" not in text:
        return deque(text.split())
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        return deque(lexer)
    except ValueError:
        return None


def _option(word: str) -> tuple[str | None, str | None]:
    """The option that a word names, and the value that is attached to it; no name where it is none of pip's."""
    name, equals, value = word.partition("=")
    if name in _OPTIONS:
        return name, value if equals else None
    match = _SHORT_WITH_VALUE.fullmatch(word)
    return (match[1], match[2]) if match else (None, None)


def _taken_before_an_option(words: deque[str]) -> list[str]:
    taken = []
    while words and _option(words[0])[0] is None:
        taken.append(words.popleft())
    return taken


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
