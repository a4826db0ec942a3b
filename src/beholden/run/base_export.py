"""A base as Parquet for others, without what may not be passed on: the work behind `kb export`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from beholden.errors import ReportError, UsageError
from beholden.kb.columns import table_of
from beholden.run.left_out import LeftOut
from beholden.schema.bases import BaseExport, SourceShare, TableShare
from beholden.schema.knowledge import TABLES
from beholden.schema.version import KB_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from beholden.kb.base import KnowledgeBase
    from beholden.run.interface import Progress
    from beholden.schema.rows import Row, SourceRow

_ROWS_A_GROUP = 65_536


@dataclass(slots=True)
class _Tally:
    """Rows by what became of them."""

    kept: Counter[str] = field(default_factory=Counter)  # by source
    left_out: Counter[str] = field(default_factory=Counter)  # by source
    unsourced: int = 0
    tables: list[TableShare] = field(default_factory=list)


def export(
    kb: KnowledgeBase,
    folder: Path,
    *,
    licences: Callable[[BaseExport], bytes],
    progress: Progress = lambda _: None,
) -> BaseExport:
    """Write the tables of a base as Parquet, with the licences beside them; whole or not at all.

    Rows are read and written in groups; memory does not grow with the base.

    Args:
        kb: The base.
        folder: Where to; it must not exist, or be empty.
        licences: What `LICENCES.md` says.
        progress: Called with the name of each table before it is read.

    Raises:
        UsageError: The folder holds something already, or is none.
        ReportError: It cannot be written.
    """
    target = folder.resolve()
    _check(target, folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".exporting-", dir=target.parent))
        try:
            document = _write(kb, temporary, progress)
            (temporary / "sources.json").write_bytes(
                msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
            )
            (temporary / "LICENCES.md").write_bytes(licences(document))
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o777 & ~mask)
            # Takes the place of an empty folder, and fails where it has been filled in the meantime.
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except (OSError, pa.ArrowException) as error:
        raise ReportError(f"{folder}: cannot be written: {error}", code="report.unwritable") from error
    return document


def _check(target: Path, folder: Path) -> None:
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise ReportError(f"{folder}: {error.strerror}", code="report.unwritable") from error
    if taken:
        raise UsageError(
            f"{folder} exists and is not an empty folder; nothing was written",
            code="export.not-empty",
            hint="name a new folder",
        )


def _write(kb: KnowledgeBase, folder: Path, progress: Progress) -> BaseExport:
    sources = {row.id: row for row in sorted(kb.sources(), key=lambda row: row.id)}
    tally = _Tally()
    progress("licences")
    with closing(LeftOut(kb, {one: row.may_pass_on is True for one, row in sources.items()})) as left_out:
        for table in TABLES:
            progress(table)
            tally.tables.append(_write_table(kb, table, folder, left_out, tally, sources))
    return BaseExport(
        kb_digest=kb.digest,
        kb_schema=KB_SCHEMA,
        rows=sum(row.rows for row in tally.tables),
        left_out=sum(row.left_out for row in tally.tables),
        left_out_with=sum(row.left_out_with for row in tally.tables),
        tables=tally.tables,
        sources=[_share(row, tally) for row in sources.values() if tally.kept[row.id] or tally.left_out[row.id]],
        unsourced=tally.unsourced,
    )


def _share(row: SourceRow, tally: _Tally) -> SourceShare:
    return SourceShare(
        id=row.id,
        title=row.title,
        publisher=row.publisher,
        url=row.url,
        date=row.date.isoformat() if row.date else None,
        licence=row.licence,
        attribution=row.attribution,
        may_pass_on=row.may_pass_on,
        rows=tally.kept[row.id],
        left_out=tally.left_out[row.id],
    )


def _write_table(
    kb: KnowledgeBase,
    table: str,
    folder: Path,
    left_out: LeftOut,
    tally: _Tally,
    sources: Mapping[str, SourceRow],
) -> TableShare:
    import pyarrow.parquet as pq

    share = TableShare(table=table, rows=0, left_out=0, left_out_with=0)
    kept = _kept(kb, table, left_out, tally, sources, share)
    schema = TABLES[table].with_metadata({"table": table, "kb_schema": KB_SCHEMA, "kb_digest": kb.digest})
    # Every option that changes bytes is said, so that another default in a later pyarrow does not.
    with pq.ParquetWriter(
        folder / f"{table}.parquet",
        schema,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
    ) as writer:
        while group := list(islice(kept, _ROWS_A_GROUP)):
            writer.write_table(table_of(table, group).replace_schema_metadata(schema.metadata))
    return share


def _kept(
    kb: KnowledgeBase,
    table: str,
    left_out: LeftOut,
    tally: _Tally,
    sources: Mapping[str, SourceRow],
    share: TableShare,
) -> Iterator[Row]:
    """Rows that may be passed on; counts what becomes of all. A row of `sources` is about itself."""
    for row in kb.rows(table):
        if table == "sources":
            # Who published what under which licence is said of every source, also of one whose rows stay here.
            share.rows += 1
            yield row
        elif left_out.for_its_source(row):
            share.left_out += 1
            if row.source_id is None or row.source_id not in sources:
                tally.unsourced += 1
            else:
                tally.left_out[row.source_id] += 1
        elif left_out.with_another(table, row):
            share.left_out_with += 1
        else:
            share.rows += 1
            tally.kept[row.source_id or ""] += 1
            yield left_out.without_others(row)
