"""Go's `go.mod`.

Source: Go Modules Reference, "go.mod files".
    Since Go 1.17 the file lists every module that the build needs. `go.sum` is not a dependency list: it keeps unused
    versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.bounded_lines import bounded_lines
from beholden.scan.software.packages import add_package
from beholden.scan.software.text import MAX_TEXT, facts, text_of
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_WORD = re.compile(r'"[^"]*+"|`[^`]*+`|=>|[()]|[^\s()"`]+')
_MODULE_LINE = re.compile(r"^module[ \t]+(?:[^\s{;(]+[ \t]*(?://.*)?$|\()", re.MULTILINE)
_OTHER_LINE = re.compile(r"^(?:go[ \t]+\d|require[ \t]|replace[ \t]|toolchain[ \t])", re.MULTILINE)
_MODULE_PATH = re.compile(r"[A-Za-z0-9_.~!+-]+(?:/[A-Za-z0-9_.~!+-]+)*", re.ASCII)
_LOCAL = re.compile(r"\.{1,2}(?:[/\\]|$)|/|[A-Za-z]:[/\\]")
_IGNORED = frozenset({"module", "go", "toolchain", "godebug", "exclude", "retract", "tool", "ignore"})
_REPLACED = "required module that another one replaces"


@dataclass(frozen=True, slots=True)
class _Require:
    line: int
    path: str
    version: str
    is_indirect: bool


@dataclass(frozen=True, slots=True)
class _Replace:
    line: int
    old_path: str
    old_version: str | None
    new_path: str
    new_version: str | None

    @property
    def is_local(self) -> bool:
        return self.new_version is None and _LOCAL.match(self.new_path) is not None


@dataclass(slots=True)
class _Module:
    requires: list[_Require] = field(default_factory=list)
    replaces: list[_Replace] = field(default_factory=list)
    _by_path: dict[str, list[_Replace]] = field(default_factory=dict)

    def replacement(self, require: _Require) -> _Replace | None:
        """The replacement in effect; one for the exact version wins over one for all versions."""
        fitting = [
            item
            for item in self._by_path.get(require.path, ())
            if item.old_version is None or item.old_version == require.version
        ]
        return max(fitting, key=lambda item: item.old_version is not None, default=None)

    def add_replace(self, item: _Replace) -> None:
        self.replaces.append(item)
        self._by_path.setdefault(item.old_path, []).append(item)


class GoMod:
    """Reads `go.mod`: required modules, and what replaces them."""

    name = "go-mod"
    title = "Go module file (go.mod)"
    kinds = frozenset({Kind.PURL})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a `module` line beside another directive of go.mod."""
        text = head.text.replace("\r\n", "\n")
        if not _MODULE_LINE.search(text):
            return Acceptance.no("has no `module <path>` line")
        if head.name.endswith("go.mod"):
            return Acceptance.yes("has a module line and the name of a Go module file", strength=95)
        if _OTHER_LINE.search(text):
            return Acceptance.yes("has module and go or require lines", strength=70)
        return Acceptance.no("has no go, require, replace or toolchain line beside `module`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per required or replacing module."""
        module = _read(source)
        rows = Rows(source.path)
        effective: set[_Replace] = set()
        for require in module.requires:
            replacement = module.replacement(require)
            if replacement is not None:
                effective.add(replacement)
            _add_required(require, replacement, rows, source)
            yield from rows.full()
        for item in module.replaces:
            _add_replacing(item, item in effective, rows, source)
            yield from rows.full()
        yield from rows.rest()


def _read(source: Source) -> _Module:
    module, block = _Module(), ""
    for number, text in bounded_lines(source):
        code, _, comment = text.partition("//")  # no module path holds two slashes in a row
        words = [_unquoted(word) for word in _WORD.findall(code)]
        if not words:
            continue
        if words == [")"]:
            if not block:
                source.reject(number, "closing bracket without a block")
            block = ""
        elif len(words) == 2 and words[1] == "(" and not block:
            block = words[0]
        elif block:
            _read_directive(block, words, comment, number, module, source)
        else:
            _read_directive(words[0], words[1:], comment, number, module, source)
    if block:
        source.reject(None, "block is not closed", expected=f"a line with ) after {block[:20]} (")
    return module


def _read_directive(verb: str, words: list[str], comment: str, line: int, module: _Module, source: Source) -> None:
    if verb in _IGNORED:
        if verb == "tool":
            source.note("Tool lines name packages of modules that the require lines already list.")
        return
    if verb == "require":
        if len(words) == 2 and _is_path(words[0]):
            source.accept()
            is_indirect = comment.strip().partition(";")[0].strip() == "indirect"
            module.requires.append(_Require(line, words[0], words[1], is_indirect))
        else:
            source.reject(line, "unreadable require line", expected="require <module path> <version>")
    elif verb == "replace":
        replace = _replace(words, line)
        if replace is None:
            source.reject(line, "unreadable replace line", expected="replace <path> [version] => <path> [version]")
        else:
            source.accept()
            module.add_replace(replace)
    else:
        source.reject(line, "unknown directive", expected="a directive of go.mod")


def _replace(words: list[str], line: int) -> _Replace | None:
    if words.count("=>") != 1:
        return None
    arrow = words.index("=>")
    old, new = words[:arrow], words[arrow + 1 :]
    if not (1 <= len(old) <= 2 and 1 <= len(new) <= 2 and _is_path(old[0])):
        return None
    replace = _Replace(line, old[0], old[1] if len(old) == 2 else None, new[0], new[1] if len(new) == 2 else None)
    return replace if replace.is_local or _is_path(new[0]) else None


def _add_required(require: _Require, replacement: _Replace | None, rows: Rows, source: Source) -> None:
    if replacement is not None and not replacement.is_local:
        source.not_resolved[_REPLACED] += 1
        source.note("Replaced modules are not used by the build; what replaces them is listed instead.")
        return
    if replacement is not None:
        source.not_resolved["module replaced by a local folder"] += 1
        source.note(
            "A local folder that replaces a module usually holds a copy of it: the module is listed as probable, "
            "the folder's own content is not known."
        )
    purl = build("golang", require.path, version=require.version)
    if purl is None:
        return
    add_package(
        rows,
        purl,
        raw=f"{require.path} {require.version}",
        field="require",
        line=require.line,
        detail=facts(
            scope="indirect" if require.is_indirect else "prod",
            direct=not require.is_indirect,
            replaced_by="local folder" if replacement is not None else None,
        ),
        certainty="confirmed" if replacement is None else "probable",
    )


def _add_replacing(item: _Replace, is_effective: bool, rows: Rows, source: Source) -> None:
    purl = None if item.is_local else build("golang", item.new_path, version=item.new_version)
    if purl is None:
        return
    if not is_effective:
        source.note("Some replace lines fit no require line; their modules are listed as probable.")
    add_package(
        rows,
        purl,
        raw=f"{item.new_path} {item.new_version}" if item.new_version else item.new_path,
        field="replace",
        line=item.line,
        detail=facts(replaces=text_of(item.old_path)),
        certainty="confirmed" if is_effective else "probable",
    )


def _is_path(text: str) -> bool:
    return len(text) <= MAX_TEXT and _MODULE_PATH.fullmatch(text) is not None and build("golang", text) is not None


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in '"`' else word
