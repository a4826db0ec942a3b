"""Which name stood for an address, as a log tells it: gathered while the log is read, given as NAMING batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.scan.network.sides import parse_address
from beholden.scan.network.tally import utc
from beholden.schema.naming import NAMING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source
    from beholden.schema.vocabulary import NameEvidence

_BATCH_ROWS = 16_384
# A zone may say "keep for 68 years" (RFC 2181 section 8); resolvers cap at a day or a week.
_LONGEST_LIFE_S = 7 * 86_400
_LATEST_S = 253_402_300_000.0


class NamesSeen:
    """Names of interest with the address each stood for.

    Args:
        source: The log.
        watch: Says which names are of interest.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._file = source.path
        self._names = watch.names
        self._rows: list[tuple[str, bytes, bytes | None, datetime, datetime, str, str, int]] = []

    def add(
        self,
        told_by: NameEvidence,
        name: str,
        address: str,
        client: str | None,
        line: int,
        seen: float,
        life: float = 0,
    ) -> None:
        """Take one tie of a name to an address; those of names that nobody watches are passed over.

        Args:
            told_by: What the record is.
            name: A result of `normalise_host`.
            address: As printed; what is no address is passed over (an answer may be a name).
            client: Who was told, as printed; None: the log does not say.
            line: Where the record stands.
            seen: Seconds since 1970, UTC, within year 9999.
            life: Seconds for which it holds (the TTL of an answer); 0 for a handshake, which is of one moment.
        """
        if self._names is not None and name not in self._names:
            return
        packed = parse_address(address)
        if packed is None:
            return
        own = parse_address(client) if client is not None else None
        until = min(seen + min(max(life, 0), _LONGEST_LIFE_S), _LATEST_S)
        self._rows.append((name, packed, own, utc(seen), utc(until), told_by.value, self._file, line))

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give a batch once enough rows have gathered."""
        if len(self._rows) >= _BATCH_ROWS:
            yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(values, type=field.type) for values, field in zip(columns, NAMING, strict=True)]
            self._rows = []
            yield pa.RecordBatch.from_arrays(arrays, schema=NAMING)
