"""npm's `package-lock.json` and `npm-shrinkwrap.json`, lockfile versions 1, 2 and 3.

Source: npm documentation, "package-lock.json".
    Versions 2 and 3 list every installed folder under `packages`; version 1 nests `dependencies`. Version 2 keeps the
    old tree beside the list for old clients: only the list is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.hosts import is_address
from beholden.scan.software.json_document import JsonDocument, Lines
from beholden.scan.software.packages import add_package
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import facts, field_of, table_of, text_of
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_VERSION_KEY = re.compile(r'"lockfileVersion"\s*:\s*(\d+)')
_BUN = re.compile(r'"lockfileVersion"\s*:\s*\d+\s*,\s*(?:"configVersion"\s*:\s*\d+\s*,\s*)?"workspaces"\s*:\s*\{')
_FILE_NAMES = frozenset({"package-lock.json", "npm-shrinkwrap.json", ".package-lock.json"})
_NAME = re.compile(r"(?:@[^/\s@]+/)?[^/\s@]+")
_FOLDER = "node_modules/"
# Checked in this order: `devOptional` is reached from both sides, so production may install it.
_SCOPES = (("dev", "dev"), ("devOptional", "optional"), ("optional", "optional"), ("peer", "peer"))
_WANTED = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
# npm's own short forms for git hosts, as they stand in version 1 files.
_SHORT_FORMS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}


@dataclass(slots=True)
class _Reading:
    """One file being read."""

    source: Source
    rows: Rows
    lines: Lines
    mirrors: Tally = field(default_factory=Tally)

    def package(
        self, name: str | None, version: str | None, line: int | None, where: str, detail: dict[str, Any]
    ) -> None:
        purl = build("npm", name, version=version) if name and _NAME.fullmatch(name) else None
        if purl is None:
            self.source.reject(line, "package without a readable name", expected="name or @scope/name")
            return
        self.source.accept()
        raw = f"{name}@{version}" if version else name
        add_package(self.rows, purl, raw=raw, field=where, line=line, detail=detail)

    def served_from(self, address: str | None, where: str, line: int | None) -> None:
        if address is None:
            return
        kind, _, rest = address.partition(":")
        if kind in _SHORT_FORMS and not rest.startswith("//"):
            address = f"https://{_SHORT_FORMS[kind]}/{rest}"
        if address.startswith("file:") or not is_address(address):
            self.source.not_resolved["package from a local path"] += 1
        elif not self.mirrors.add_mirror(address, where, line):
            self.source.not_resolved["address without a host"] += 1


class PackageLock:
    """Reads npm lockfiles: installed packages, and the hosts that served them."""

    name = "package-lock"
    title = "npm lockfile (package-lock.json, npm-shrinkwrap.json; versions 1, 2, 3)"
    kinds = frozenset({Kind.PURL, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a JSON object with a numeric `lockfileVersion`."""
        text = head.text
        if not text.lstrip().startswith("{"):
            return Acceptance.no("not a JSON object")
        if _BUN.search(text):
            return Acceptance.no("a bun lockfile, which is not read", near=True)
        if match := _VERSION_KEY.search(text):
            return Acceptance.yes(f"has lockfileVersion {match[1][:9]}", strength=90)
        if head.name in _FILE_NAMES:
            return Acceptance.yes("named as an npm lockfile", strength=40)
        return Acceptance.no("has no lockfileVersion")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per installed package and one per host that served some."""
        document = JsonDocument.read(source)
        root = document.root
        if not isinstance(root, dict) or not ({"packages", "dependencies", "lockfileVersion"} & root.keys()):
            raise source.error("not an npm lockfile: expected an object with packages or dependencies")
        reading = _Reading(source, Rows(source.path), document.lines_of_keys())
        given = root.get("lockfileVersion")
        if given not in (1, 2, 3):
            source.note(f"Lockfile version {str(given)[:20]} is not 1, 2 or 3; read as the nearest known form.")
        if isinstance(root.get("packages"), dict):
            steps = _read_packages(root["packages"], reading)
        else:
            steps = _read_tree(root.get("dependencies", {}), reading)
        for _ in steps:
            yield from reading.rows.full()
        reading.mirrors.write(reading.rows)
        yield from reading.rows.rest()


def _read_packages(packages: dict[str, Any], reading: _Reading) -> Iterator[None]:
    """Read the flat list of versions 2 and 3."""
    own = {key for key in packages if _FOLDER not in f"/{key}"}
    wanted = {name for key in own for group in _WANTED for name in table_of(table_of(packages[key]).get(group))}
    for key, entry in packages.items():
        line = reading.lines.take(key)
        if not isinstance(entry, dict):
            reading.source.reject(line, "package entry is not an object", expected="an object")
        elif key in own:
            if key:
                reading.source.not_resolved["own workspace package"] += 1
            reading.source.accept()
        elif entry.get("link") is True:
            reading.source.not_resolved["link to a local folder"] += 1
            reading.source.accept()
        else:
            _read_folder(key, entry, line, wanted, reading)
        yield


def _read_folder(key: str, entry: dict[str, Any], line: int | None, wanted: set[str], reading: _Reading) -> None:
    parent, _, folder = key.rpartition(_FOLDER)
    folder_name = text_of(folder)
    name = field_of(entry, "name") or folder_name
    detail = facts(
        scope=_scope(entry),
        direct=folder in wanted and _FOLDER not in parent,
        alias=folder_name if name != folder_name else None,
        bundled=True if entry.get("inBundle") is True or entry.get("bundled") is True else None,
        extraneous=True if entry.get("extraneous") is True else None,
    )
    reading.package(name, field_of(entry, "version"), line, "packages[].name", detail)
    reading.served_from(field_of(entry, "resolved"), "packages[].resolved", line)


def _read_tree(tree: object, reading: _Reading) -> Iterator[None]:
    """Walk the nested tree of version 1 in document order, without recursion."""
    if not isinstance(tree, dict):
        reading.source.reject(None, "dependencies is not an object", expected="an object")
        return
    reading.source.note("Version 1 lockfiles do not say which packages are direct dependencies.")
    open_levels = [iter(tree.items())]
    while open_levels:
        step = next(open_levels[-1], None)
        if step is None:
            open_levels.pop()
            continue
        name, entry = step
        line = reading.lines.take(name)
        if not isinstance(entry, dict):
            reading.source.reject(line, "package entry is not an object", expected="an object")
            continue
        _read_nested(name, entry, line, reading)
        yield
        nested = entry.get("dependencies")
        if isinstance(nested, dict):
            open_levels.append(iter(nested.items()))


def _read_nested(key: str, entry: dict[str, Any], line: int | None, reading: _Reading) -> None:
    name, version = text_of(key), field_of(entry, "version")
    alias = None
    if version and version.startswith("npm:"):
        alias = name
        name, _, version = version.removeprefix("npm:").rpartition("@")
    detail = facts(scope=_scope(entry), alias=alias, bundled=True if entry.get("bundled") is True else None)
    is_elsewhere = version is not None and (":" in version or is_address(version))
    if is_elsewhere:  # the version of a git, file or URL dependency is its address
        reading.package(name, None, line, "dependencies", detail)
        reading.served_from(field_of(entry, "resolved") or version, "dependencies.resolved", line)
        return
    reading.package(name, version, line, "dependencies", detail)
    reading.served_from(field_of(entry, "resolved"), "dependencies.resolved", line)


def _scope(entry: dict[str, Any]) -> str:
    return next((scope for flag, scope in _SCOPES if entry.get(flag) is True), "prod")
