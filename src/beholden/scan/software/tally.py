"""Observations that repeat within a document, counted per distinct value: hosts that serve, names that supply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beholden.scan.software.hosts import host_of, without_secrets
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.scan.rows import Rows


@dataclass(frozen=True, slots=True)
class Sighting:
    """What makes two sightings the same observation."""

    kind: Kind
    value: str
    relation: Relation | None
    field: str
    direction: Direction = Direction.NONE
    certainty: str = "confirmed"


@dataclass(slots=True)
class _Sum:
    raw: str
    detail: Mapping[str, Any] | None
    count: int = 0
    lines: list[int] = field(default_factory=list)


class Tally:
    """Counts sightings and gives one observation each, in order of first sight."""

    def __init__(self) -> None:
        self._sums: dict[Sighting, _Sum] = {}

    def add(
        self,
        sighting: Sighting,
        line: int | None,
        *,
        raw: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Count one sighting; `raw` and `detail` of the first one are kept as the sample."""
        held = self._sums.get(sighting)
        if held is None:
            held = self._sums[sighting] = _Sum(raw if raw is not None else sighting.value, detail)
        held.count += 1
        if line is not None and len(held.lines) < MAX_LINES and line not in held.lines:
            held.lines.append(line)

    def add_mirror(self, address: str, field: str, line: int | None, *, certainty: str = "confirmed") -> bool:
        """Count an entry that builds pull from the host of `address`.

        Returns:
            False where the address names no host.
        """
        host = host_of(address)
        if host is None:
            return False
        sighting = Sighting(host.kind, host.value, Relation.MIRROR, field, Direction.OUT, certainty)
        self.add(sighting, line, raw=without_secrets(address))
        return True

    def write(self, rows: Rows) -> None:
        """Add one observation per distinct sighting."""
        for sighting, held in self._sums.items():
            rows.add(
                sighting.kind,
                sighting.value,
                raw=held.raw,
                relation=sighting.relation,
                direction=sighting.direction,
                certainty=sighting.certainty,
                field=sighting.field,
                lines=held.lines,
                count=held.count,
                detail=held.detail,
            )
