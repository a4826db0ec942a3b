"""Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath` in one canonical spelling.

Source: the package-url specification and its type definitions.
    Names of pypi follow the simple-index rule (runs of `-`, `_` and `.` are one `-`), which the type definition only
    approximates: two spellings that the index serves as one package must meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from beholden.values import image

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPE = re.compile(r"[a-z][a-z0-9.+-]*", re.ASCII)
_QUALIFIER_KEY = re.compile(r"[a-z][a-z0-9._-]*", re.ASCII)
_PYPI_SEPARATORS = re.compile(r"[-_.]+")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MAX_LENGTH = 4096

# Case has no meaning in these types' (namespace, name); everything else keeps its case.
_LOWER_NAMESPACE = frozenset(
    {"alpm", "apk", "bitbucket", "composer", "deb", "github", "golang", "hex", "luarocks", "npm", "qpkg", "rpm"}
)
_LOWER_NAME = frozenset(
    {
        "alpm", "apk", "bitbucket", "bitnami", "composer", "deb", "github", "golang", "hex", "luarocks", "npm", "oci",
        "pub", "pypi",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Purl:
    """One package URL, its parts decoded and normalised; make it with `build` or `parse`."""

    type: str
    namespace: tuple[str, ...]
    name: str
    version: str | None = None
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str | None = None

    @property
    def base(self) -> str:
        """The package itself: without version, qualifiers and subpath."""
        return "/".join([f"pkg:{self.type}", *map(_encode, self.namespace), _encode(self.name)])

    def qualifier(self, key: str) -> str | None:
        """The value of a qualifier, e.g. `repository_url`; None where it is absent."""
        return dict(self.qualifiers).get(key)

    def __str__(self) -> str:
        version = f"@{_encode(self.version)}" if self.version else ""
        pairs = "&".join(f"{key}={_encode(value)}" for key, value in self.qualifiers)
        subpath = f"#{'/'.join(map(_encode, self.subpath.split('/')))}" if self.subpath else ""
        return self.base + version + (f"?{pairs}" if pairs else "") + subpath


def build(kind: str, name: str, *, namespace: Sequence[str] = (), version: str | None = None) -> Purl | None:
    """Make a package URL from the parts that a lockfile gives.

    Args:
        kind: Package type, e.g. `pypi`.
        name: Name, decoded; a path (`github.com/a/b`, `@scope/name`) is split into namespace and name.
        namespace: Segments before the name, e.g. the Maven group.
        version: As printed.

    Returns:
        The normalised URL, or None where type or name cannot be one.
    """
    segments = [part for text in (*namespace, name) for part in text.split("/") if part]
    kind = kind.lower()
    if not segments or not _TYPE.fullmatch(kind) or any(_is_bad(part) for part in segments):
        return None
    if version and _SURROGATE.search(version):
        return None
    *spaces, last = segments
    if kind in _LOWER_NAMESPACE:
        spaces = [part.lower() for part in spaces]
    if kind in _LOWER_NAME:
        last = last.lower()
    if kind == "pypi":
        last = _PYPI_SEPARATORS.sub("-", last)
    if kind in image.TYPES:
        # A reference pasted whole (`app:1.2@sha256:…`) is not a package of that name, a new one with every build.
        last, tag = image.without_tag(last)
        version = version or tag
        if not last:
            return None
    return Purl(kind, tuple(spaces), last, version or None)


def parse(text: str) -> Purl | None:
    """Read a package URL, also in spellings that tools commonly get wrong.

    Accepted beyond the specification: `pkg://`, an unencoded `@` before an npm scope, and separators of the path that
    were percent-encoded (`%40scope%2Fname`).

    Args:
        text: As printed.

    Returns:
        The normalised URL, or None where the text is not one.
    """
    text = text.strip()
    if len(text) > _MAX_LENGTH or text[:4].lower() != "pkg:":
        return None
    rest, _, subpath = text[4:].partition("#")
    rest, _, qualifiers = rest.partition("?")
    kind, _, path = rest.lstrip("/").partition("/")
    path, version = _split_version(path)
    made = build(kind, "/".join(map(unquote, path.split("/"))), version=unquote(version) if version else None)
    if made is None or (made.version and _UNPRINTABLE.search(made.version)):
        return None
    return Purl(
        made.type, made.namespace, made.name, made.version, _read_qualifiers(qualifiers), _read_subpath(subpath)
    )


def normalise(text: str) -> str | None:
    """The canonical spelling of a package URL; None where it is not one. Idempotent."""
    parsed = parse(text)
    return str(parsed) if parsed else None


def without_version(text: str) -> str | None:
    """The canonical spelling without version, qualifiers and subpath; None where it is not a package URL."""
    parsed = parse(text)
    return parsed.base if parsed else None


def version(text: str) -> str | None:
    """The version in a package URL; None where there is none or it is not a package URL."""
    parsed = parse(text)
    return parsed.version if parsed else None


def _split_version(path: str) -> tuple[str, str | None]:
    """Split at the last `@` that does not open a path segment: an npm scope is not a version."""
    position = len(path)
    while (position := path.rfind("@", 0, position)) > 0:
        if path[position - 1] != "/":
            return path[:position], path[position + 1 :]
    return path, None


def _read_qualifiers(text: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        key, value = key.lower(), unquote(value)
        if value and _QUALIFIER_KEY.fullmatch(key) and not _UNPRINTABLE.search(value):
            found.setdefault(key, value)
    return tuple(sorted(found.items()))


def _read_subpath(text: str) -> str | None:
    steps = unquote(text).split("/")
    kept = "/".join(step for step in steps if step not in ("", ".", ".."))
    return kept if kept and not _UNPRINTABLE.search(kept) else None


def _is_bad(segment: str) -> bool:
    return segment in (".", "..") or _UNPRINTABLE.search(segment) is not None


def _encode(text: str) -> str:
    return quote(text, safe=":")
