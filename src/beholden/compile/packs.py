"""Reads packs: reviewable TOML and CSV → typed rows, each with the place it was written."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.errors import CompileError, Origin
from beholden.schema.knowledge import GRADES, TABLES
from beholden.schema.rows import TYPES, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SHARED_DEFAULTS = ("source_id", "grade", "published_at", "valid_from", "valid_to")
_NESTED = {"names": "names", "identifiers": "identifiers"}


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
        CompileError: The first row that is wrong, with its file (and line for CSV).
    """
    base = root if root.is_dir() else root.parent
    files = sorted(root.rglob("*")) if root.is_dir() else [root]
    rows: list[PackRow] = []
    for file in files:
        if file.suffix in (".toml", ".csv"):
            rows.extend(read_pack(file, file.relative_to(base).as_posix()))
    return rows


def read_pack(file: Path, name: str) -> Iterator[PackRow]:
    """Read one pack file; `name` is how errors call it."""
    return _read_csv(file, name) if file.suffix == ".csv" else _read_toml(file, name)


def _read_toml(file: Path, name: str) -> Iterator[PackRow]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompileError(f"not valid TOML: {error}", code="compile.malformed-pack", origin=Origin(name)) from error
    defaults = document.pop("defaults", {})
    for table, items in document.items():
        if table not in TABLES or not isinstance(items, list):
            raise CompileError(
                f"unknown table '{table}'; expected one of {', '.join(sorted(TABLES))}",
                code="compile.unknown-table",
                origin=Origin(name),
            )
        for item in items:
            for target, plain in _expand(table, item):
                yield _row(target, {**_for(target, defaults), **plain}, Origin(name))


def _expand(table: str, item: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One written row → the rows it stands for."""
    plain = dict(item)
    if table == "entities":
        nested = {key: plain.pop(key, []) for key in _NESTED}
        yield table, plain
        for key, children in nested.items():
            for child in children:
                yield _NESTED[key], {**_inherited(plain), "entity_id": plain.get("id"), **child}
    elif table == "assets" and "values" in plain:
        for value in plain.pop("values"):
            yield table, {**plain, "value": value}
    elif table == "ownership" and "percentage" in plain:
        share = plain.pop("percentage")
        yield table, {**plain, "percentage_low": share, "percentage_high": share}
    else:
        yield table, plain


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
    defaults: dict[str, Any] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        number = 0
        header: list[str] | None = None
        for cells in csv.reader(stream):
            number += 1
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
                    origin=Origin(name, number),
                )
            plain = {key: value for key, value in zip(header, cells, strict=True) if value != ""}
            yield _row(table, {**defaults, **plain}, Origin(name, number))


def _row(table: str, plain: Mapping[str, Any], origin: Origin) -> PackRow:
    unknown = plain.keys() - set(TABLES[table].names)
    if unknown:
        raise CompileError(
            f"unknown column {', '.join(sorted(unknown))} in {table}", code="compile.unknown-column", origin=origin
        )
    ready = {key: _listed(table, key, value) for key, value in plain.items()}
    if table == "names":
        ready.setdefault("norm", "")
    if table == "assets":
        ready.setdefault("id", f"{ready.get('kind')}:{ready.get('value')}")
    if table == "ownership":
        ready.setdefault("id", f"{ready.get('owner_id')}>{ready.get('owned_id')}@{ready.get('valid_from') or ''}")
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
    for key in ("percentage_low", "percentage_high"):
        value = plain.get(key)
        try:
            share = None if value is None else float(value)
        except ValueError:
            share = -1.0
        if share is not None and not 0 <= share <= 100:
            raise CompileError(f"{key} is {value}; expected 0 to 100", code="compile.wrong-value", origin=origin)
