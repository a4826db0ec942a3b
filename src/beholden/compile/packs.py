"""Reads packs: reviewable TOML and CSV → typed rows, each with the place it was written."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.errors import CompileError, Origin
from beholden.schema.knowledge import GRADES, TABLES
from beholden.schema.rows import TYPES, Row
from beholden.values.cells import next_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Shares are kept to six places: the next one above 25 is 25.000001.
SMALLEST = Decimal("0.000001")
_NESTED = ("names", "identifiers")
# What the csv module allows unless told otherwise.
_LONGEST_CELL = 131_072
_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class PackRow:
    """One row and where it was written."""

    table: str
    row: Row
    origin: Origin


def read_packs(root: Path) -> list[PackRow]:
    """Read every pack file below a folder, or one file, in sorted order.

    Args:
        root: A folder with `.toml` and `.csv` files, or one such file.

    Raises:
        CompileError: The first row that is wrong, with its file and line.
    """
    base = root if root.is_dir() else root.parent
    rows: list[PackRow] = []
    for file in pack_files(root):
        rows.extend(read_pack(file, file.relative_to(base).as_posix()))
    return rows


def pack_files(root: Path) -> list[Path]:
    """The pack files below a folder, or the one file, in the order in which they are read."""
    files = sorted(root.rglob("*")) if root.is_dir() else [root]
    return [file for file in files if file.suffix in (".toml", ".csv")]


def read_pack(file: Path, name: str) -> Iterator[PackRow]:
    """Read one pack file; `name` is how errors call it."""
    return _read_csv(file, name) if file.suffix == ".csv" else _read_toml(file, name)


def _read_toml(file: Path, name: str) -> Iterator[PackRow]:
    try:
        text = file.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CompileError(f"not valid TOML: {error}", code="compile.malformed-pack", origin=Origin(name)) from error
    defaults = document.pop("defaults", {})
    _expect(defaults, dict, "defaults", Origin(name))
    headers = _headers(text)
    for table, items in document.items():
        lines = headers.get(table, [])
        if table not in TABLES or not isinstance(items, list):
            raise CompileError(
                f"unknown table '{table}'; expected one of {', '.join(sorted(TABLES))}",
                code="compile.unknown-table",
                origin=Origin(name, lines[0] if lines else None),
            )
        for number, item in enumerate(items):
            origin = Origin(name, lines[number] if len(lines) == len(items) else None)
            for target, plain in _expand(table, item, origin):
                yield _row(target, {**_for(target, defaults), **plain}, origin)


def _headers(text: str) -> dict[str, list[int]]:
    """Lines on which the rows of each table begin; the TOML parser does not tell."""
    lines: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.match(line)
        if header is not None:
            lines[header[1]].append(number)
    return lines


def _expect(value: object, kind: type, what: str, origin: Origin) -> None:
    if not isinstance(value, kind):
        expected = "a table" if kind is dict else "a list"
        raise CompileError(f"{what} is {value!r}; expected {expected}", code="compile.malformed-pack", origin=origin)


def _expand(table: str, item: Mapping[str, Any], origin: Origin) -> Iterator[tuple[str, dict[str, Any]]]:
    """One written row → the rows it stands for."""
    _expect(item, dict, f"a row of {table}", origin)
    plain = dict(item)
    if table == "entities":
        nested = {key: plain.pop(key, []) for key in _NESTED}
        yield table, plain
        for key, children in nested.items():
            _expect(children, list, key, origin)
            for child in children:
                _expect(child, dict, f"a row of {key}", origin)
                yield key, {**_inherited(plain), "entity_id": plain.get("id"), **child}
    elif table == "assets" and "values" in plain:
        values = plain.pop("values")
        _expect(values, list, "values", origin)
        for value in values:
            yield table, {**plain, "value": value}
    elif table == "ownership":
        yield table, _bounds(plain, origin)
    else:
        yield table, plain


def _bounds(plain: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """A share as its two bounds; one that is not reached itself lies a millionth of a percent inside."""
    if "percentage" in plain:
        plain["percentage_low"] = plain["percentage_high"] = plain.pop("percentage")
    for word, key, inside in (("above", "percentage_low", SMALLEST), ("below", "percentage_high", -SMALLEST)):
        if word in plain:
            if key in plain:
                raise CompileError(
                    f"{word} beside {key}; expected one of them", code="compile.wrong-value", origin=origin
                )
            try:
                plain[key] = Decimal(str(plain.pop(word))) + inside
            except InvalidOperation as error:
                raise CompileError(f"{word} is no number", code="compile.wrong-value", origin=origin) from error
    return plain


def _inherited(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain[key] for key in ("source_id", "grade", "published_at") if key in plain}


def _for(table: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in defaults.items() if key in TABLES[table].names}


def _read_csv(file: Path, name: str) -> Iterator[PackRow]:
    table = file.name.split(".", 1)[0]
    if table not in TABLES:
        raise CompileError(
            f"unknown table '{table}' in the file name", code="compile.unknown-table", origin=Origin(name)
        )
    try:
        yield from _csv_rows(file, name, table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise CompileError(f"not valid CSV: {error}", code="compile.malformed-pack", origin=Origin(name)) from error


def _csv_rows(file: Path, name: str, table: str) -> Iterator[PackRow]:
    defaults: dict[str, Any] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        header: list[str] | None = None
        reader = csv.reader(stream)
        while (cells := next_row(reader, _LONGEST_CELL)) is not None:
            if not cells:
                continue
            if header is None and cells[0].startswith("#"):
                key, _, value = ",".join(cells)[1:].partition(":")
                if key.strip() in TABLES[table].names:
                    defaults[key.strip()] = value.strip()
                continue
            if header is None:
                header = cells
                continue
            if len(cells) != len(header):
                raise CompileError(
                    f"{len(cells)} columns; expected {len(header)}",
                    code="compile.malformed-pack",
                    origin=Origin(name, reader.line_num),
                )
            plain = {key: value for key, value in zip(header, cells, strict=True) if value != ""}
            yield _row(table, {**defaults, **plain}, Origin(name, reader.line_num))


def _row(table: str, plain: Mapping[str, Any], origin: Origin) -> PackRow:
    unknown = plain.keys() - set(TABLES[table].names)
    if unknown:
        raise CompileError(
            f"unknown column {', '.join(sorted(unknown))} in {table}", code="compile.unknown-column", origin=origin
        )
    ready = {key: _listed(table, key, value) for key, value in plain.items()}
    if table == "names":
        ready.setdefault("norm", "")
    if table == "sources":
        # A pack says in its own words what a source states; where a licence forbids that, the pack says so.
        ready.setdefault("may_pass_on", True)
    if table == "assets":
        ready.setdefault("id", f"{ready.get('kind')}:{ready.get('value')}")
    if table == "ownership":
        kind = ready.get("ownership_type", "capital")
        parties = f"{ready.get('owner_id')}>{ready.get('owned_id')}"
        ready.setdefault("id", f"{parties}:{kind}@{ready.get('valid_from') or ''}")
        _check_share(ready, origin)
    try:
        row = msgspec.convert(ready, TYPES[table], strict=False)
    except msgspec.ValidationError as error:
        raise CompileError(f"in {table}: {error}", code="compile.wrong-value", origin=origin) from error
    if table != "sources" and (row.grade not in GRADES or row.source_id is None):
        raise CompileError(
            f"a row of {table} needs source_id and a grade of {', '.join(sorted(GRADES))}, got "
            f"source_id={row.source_id!r}, grade={row.grade!r}: {dict(plain)!r}",
            code="compile.unsourced-row",
            origin=origin,
        )
    return PackRow(table, row, origin)


def _listed(table: str, key: str, value: Any) -> Any:  # noqa: ANN401 (TOML values)
    is_list = str(TABLES[table].field(key).type).startswith("list")
    if is_list and isinstance(value, str):
        return value.split("|")
    # Shares are typed as TOML floats; their text, not their binary value, is the fact.
    return str(value) if key.startswith("percentage_") or key == "threshold" else value


def _check_share(plain: Mapping[str, Any], origin: Origin) -> None:
    shares: list[float] = []
    for key in ("percentage_low", "percentage_high"):
        value = plain.get(key)
        try:
            share = None if value is None else float(value)
        except ValueError:
            share = -1.0
        if share is not None and not 0 <= share <= 100:
            raise CompileError(f"{key} is {value}; expected 0 to 100", code="compile.wrong-value", origin=origin)
        shares += [] if share is None else [share]
    if shares != sorted(shares):
        raise CompileError("percentage_low is above percentage_high", code="compile.wrong-value", origin=origin)
