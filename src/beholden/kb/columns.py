"""The bulk of a layer in columns: Arrow tables as written and as mapped, and the address ranges in them."""

from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, cast

import msgspec
import pyarrow as pa

from beholden.errors import KnowledgeBaseError
from beholden.kb.addresses import AddressIndex
from beholden.kb.answers import ANSWERS, answers_in
from beholden.kb.precedence import Operators
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import Asset, Ownership, Prefix, Row
from beholden.values.address import pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from beholden.kb.layer import Layer

# Small documents in a row, which Arrow keeps as JSON text.
_DOCUMENTS = frozenset({"exceptions", "duties", "sides", "told"})
_NATIVE = (date, Decimal)
_HINT = "run `beholden kb build`"
_SMALLEST = Decimal(1).scaleb(-6)


def table_of(table: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as columns, with the schema that the table is stated to have."""
    schema = TABLES[table]
    whole = list(rows)
    columns: list[pa.Array] = []
    for field in schema:
        # `class` is a word of Python, so that the attribute is called otherwise.
        values = list(map(attrgetter("class_" if field.name == "class" else field.name), whole))
        columns.append(pa.array(map(_document, values) if field.name in _DOCUMENTS else values, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def coded(holdings: pa.Table) -> pa.Table:
    """Holdings with their parties as codes of one dictionary, so that a party has one number in every column.

    Args:
        holdings: Of the schema of `ownership`.

    Returns:
        The same in one chunk per column; `owner_id`, `owned_id` and `beneficiary_id` are dictionary-coded.
    """
    whole = holdings.combine_chunks()
    parties = ("owner_id", "owned_id", "beneficiary_id")
    found = pa.chunked_array([chunk for name in parties for chunk in whole[name].chunks], pa.string())
    codes = found.dictionary_encode().combine_chunks()
    for at, name in enumerate(parties):
        column = codes.slice(at * len(whole), len(whole))
        whole = whole.set_column(whole.schema.get_field_index(name), name, column)
    return whole


def _document(value: object) -> str:
    plain = msgspec.to_builtins(value, builtin_types=_NATIVE)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, default=str)


def _bounded(row: Ownership) -> Ownership:
    """A holding whose bounds fit the column; a finer share is rounded away from the other bound."""
    low, high = row.percentage_low, row.percentage_high
    return msgspec.structs.replace(
        row,
        percentage_low=None if low is None else low.quantize(_SMALLEST, ROUND_FLOOR),
        percentage_high=None if high is None else high.quantize(_SMALLEST, ROUND_CEILING),
    )


def holdings(rows: Iterable[Ownership]) -> pa.Table:
    """Holdings in columns; a share that is finer than the column is widened."""
    return table_of("ownership", [_bounded(row) for row in rows])


def whole_holdings(layers: Sequence[Layer]) -> pa.Table:
    """The holdings of layers, the highest first, without those that a higher one hides; coded as `coded` does.

    Raises:
        KnowledgeBaseError: The file of a written layer is damaged.
    """
    tables: list[pa.Table] = []
    hidden: frozenset[str] = frozenset()
    for layer in layers:
        try:
            table = layer.ownership_table
        except (OSError, pa.ArrowInvalid) as error:
            raise KnowledgeBaseError(
                f"the holdings of the knowledge base are damaged: {error}", code="kb.damaged", hint=_HINT
            ) from error
        if hidden:
            # It takes 30 ms to load, and only an overlay needs it here.
            import pyarrow.compute as pc

            table = table.filter(pc.invert(pc.is_in(table["id"], pa.array(sorted(hidden), pa.string()))))
        tables.append(table)
        hidden |= layer.ids.get("ownership", frozenset())
    return coded(pa.concat_tables(tables))


def mapped(path: Path) -> pa.Table:
    """A written table, mapped without reading it.

    Raises:
        OSError: The file is not there.
        pa.ArrowInvalid: It is no Arrow file.
    """
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()


def written(table: pa.Table, path: Path) -> None:
    """Write a table as an uncompressed Arrow file, in one piece."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def address_index(tables: Mapping[str, Iterable[Row]]) -> AddressIndex:
    """The index over the `prefixes` of a set of tables."""
    return AddressIndex.build(row for row in tables.get("prefixes", ()) if isinstance(row, Prefix))


def answers(tables: Mapping[str, Iterable[Row]]) -> pa.Table:
    """The ranges of a set of tables that lead to an operator, with the answers there; `answers.ANSWERS`.

    Args:
        tables: Gone through twice.
    """
    assets = (row for row in tables.get("assets", ()) if isinstance(row, Asset))
    return answers_in(cast("Iterable[Prefix]", tables.get("prefixes", ())), Operators(assets))


def leading(path: Path, numbers: Iterable[str], assets: Iterable[str]) -> list[tuple[int, int]]:
    """Of a written table of ranges, those that some ASs announce or that are some assets, as numbers."""
    # It takes 30 ms to load, and only an overlay needs it here.
    import pyarrow.compute as pc

    table = mapped(path).select(["first", "last", "asn", "asset_id"])
    announced = pc.is_in(table["asn"], pa.array(sorted(numbers), pa.string()))
    own = pc.is_in(table["asset_id"], pa.array(sorted(assets), pa.string()))
    found = table.filter(pc.or_(announced, own))
    ends = zip(found["first"].to_pylist(), found["last"].to_pylist(), strict=True)
    return [(int.from_bytes(pack(first)), int.from_bytes(pack(last))) for first, last in ends]


def domains(path: Path) -> Iterator[tuple[str, str, str | None]]:
    """Of a written table of assets, id, name and operator of each domain.

    Raises:
        KnowledgeBaseError: The file is damaged.
    """
    # It takes 30 ms to load, and only a reader of logs needs it here.
    import pyarrow.compute as pc

    try:
        table = mapped(path).select(["id", "value", "entity_id", "kind"])
        found = table.filter(pc.equal(table["kind"], "domain"))
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(path, error) from error
    yield from zip(*(found[name].to_pylist() for name in ("id", "value", "entity_id")), strict=True)


def mapped_index(path: Path) -> AddressIndex:
    """A written index over address ranges.

    Raises:
        KnowledgeBaseError: The file is damaged.
    """
    try:
        return AddressIndex(mapped(path))
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(path, error) from error


def mapped_answers(path: Path) -> pa.Table:
    """Written ranges with the answers there; `answers.ANSWERS`.

    Raises:
        KnowledgeBaseError: The file is damaged.
    """
    try:
        return mapped(path).select(ANSWERS.names)
    except (OSError, ValueError, KeyError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> KnowledgeBaseError:
    return KnowledgeBaseError(
        f"the knowledge base in {path.parent} is damaged: {path.name}: {error}",
        code="kb.damaged",
        hint=_HINT,
    )
