"""The golden copy as CSV, and a short table of entities. Columns are found once, so that millions of rows are quick."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.gleif.facts import Exemption, Printed, Relation
from beholden.sources.record import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from beholden.sources.document import Document
    from beholden.sources.gleif.parse import Item

# The column that only this table has → kind of its records.
KINDS = {
    "Entity.LegalName": "entity",
    "Relationship.StartNode.NodeID": "relation",
    "Exception.Category": "exemption",
}
_SHORT = {"legal_name": "selection"}
_SELECTION = ("lei", "legal_name", "legal_country", "category")
# Columns that are read, and families of columns that no rule needs; any other is an error.
_KNOWN = re.compile(
    r"LEI|ConformityFlag|Entity\.(LegalName|LegalName\.xmllang|LegalJurisdiction|EntityCategory|EntitySubCategory"
    r"|EntityStatus|EntityCreationDate|EntityExpirationDate|EntityExpirationReason)"
    r"|Entity\.(OtherEntityNames|TransliteratedOtherEntityNames|LegalAddress|HeadquartersAddress|OtherAddresses"
    r"|TransliteratedOtherAddresses|RegistrationAuthority|LegalForm|AssociatedEntity|SuccessorEntity"
    r"|LegalEntityEvents)\..+"
    r"|Registration\..+|Extension\..+|Geocoding\..+"
    r"|Relationship\.(StartNode|EndNode)\.(NodeID|NodeIDType)|Relationship\.(RelationshipType|RelationshipStatus)"
    r"|Relationship\.(Period|Qualifiers|Quantifiers)\.\d+\.\w+"
    r"|Exception\.(Category|Reason\.\d+|Reference\.\d+)"
)
_NAME = re.compile(
    r"Entity\.(?:OtherEntityNames\.Other|TransliteratedOtherEntityNames\.TransliteratedOther)EntityName\.\d+"
)
# Deltas print when a record was deleted; full files may print the column, and leave it blank.
_DELETED = re.compile(r"(?:\w+\.)*DeletedAt", re.IGNORECASE)
_REASON = re.compile(r"Exception\.Reason\.\d+")
_PERIOD = re.compile(r"Relationship\.Period\.(\d+)\.startDate")
_ADDRESS = ("FirstAddressLine", "AdditionalAddressLine.1", "AdditionalAddressLine.2", "AdditionalAddressLine.3")
_REST = ("AddressNumber", "City", "PostalCode", "Country")


class _Row:
    """One row, whose cells are found by the name of the column."""

    __slots__ = ("_at", "_cells", "origin")

    def __init__(self, at: Mapping[str, int], cells: Sequence[str], origin: Origin) -> None:
        if len(cells) != len(at):
            raise UnexpectedValueError("wrong number of cells", f"{len(cells)}; expected {len(at)}", origin=origin)
        self._at, self._cells, self.origin = at, cells, origin

    def __getitem__(self, name: str) -> str | None:
        at = self._at.get(name)
        return None if at is None or not self._cells[at] else text_of(self._cells[at], self.origin)


def header(document: Document) -> tuple[str, str, list[str]] | None:
    """Kind of the records, delimiter and columns; None where it is no table of the register."""
    for delimiter, kinds in ((",", KINDS), ("\t", _SHORT)):
        for _, cells in document.rows(delimiter=delimiter, strict=delimiter == ","):
            columns = [cell.strip() for cell in cells]
            kind = next((kind for column, kind in kinds.items() if column in columns), None)
            if kind is not None:
                return kind, delimiter, columns
            break
    return None


def items(document: Document) -> Iterator[Item]:
    """Records of a table."""
    found = header(document)
    assert found is not None  # the layout was recognised by it
    kind, delimiter, columns = found
    known = (lambda name: name in _SELECTION) if kind == "selection" else _KNOWN.fullmatch
    unknown = [name for name in columns if not known(name)]
    if unknown or len(set(columns)) < len(columns):
        raise document.error(f"unknown or repeated column {', '.join(unknown)[:200]!r}", "source.unknown-layout", 1)
    at = {name: number for number, name in enumerate(columns)}
    makers: dict[str, Callable[[_Row], Printed | Relation | Exemption]] = {
        "entity": _Entities(columns).entity,
        "relation": _Relations(columns).relation,
        "exemption": _Exemptions(columns).exemption,
        "selection": _selected,
    }
    make = makers[kind]
    # The short table has no quoting: a quotation mark is part of a name.
    tabbed = ((line, text.split("\t")) for line, text in document.lines() if text)
    rows = tabbed if kind == "selection" else document.rows(delimiter=delimiter)
    next(rows)
    for line, cells in rows:
        origin = Origin(document.name, line)
        yield (
            "entity" if kind == "selection" else kind,
            origin,
            partial(_made, make, at, cells, origin),
        )


def _made(
    make: Callable[[_Row], Printed | Relation | Exemption], at: dict[str, int], cells: list[str], origin: Origin
) -> Printed | Relation | Exemption:
    return make(_Row(at, cells, origin))


class _Entities:
    """Reads rows of Level 1."""

    def __init__(self, columns: list[str]) -> None:
        self._names = [name for name in columns if _NAME.fullmatch(name)]
        successor = "Entity.SuccessorEntity."
        self._successors = [name for name in columns if name.startswith(successor) and name.endswith(("LEI", "Name"))]

    def entity(self, row: _Row) -> Printed:
        addresses = []
        for kind in ("LegalAddress", "HeadquartersAddress"):
            parts = [row[f"Entity.{kind}.{part}"] for part in (*_ADDRESS, *_REST)]
            addresses.append(", ".join(part for part in parts if part))
        authority = "Entity.RegistrationAuthority."
        return Printed(
            row.origin,
            lei=row["LEI"],
            legal_name=row["Entity.LegalName"],
            language=row["Entity.LegalName.xmllang"],
            names=[
                (name, row[f"{column}.xmllang"], row[f"{column}.type"])
                for column in self._names
                if (name := row[column]) is not None
            ],
            places=[
                (name, row[name])
                for name in (
                    "Entity.LegalJurisdiction",
                    "Entity.LegalAddress.Country",
                    "Entity.HeadquartersAddress.Country",
                )
            ],
            addresses=addresses,
            authority=(
                row[f"{authority}RegistrationAuthorityID"],
                row[f"{authority}RegistrationAuthorityEntityID"],
            ),
            category=row["Entity.EntityCategory"],
            entity_status=row["Entity.EntityStatus"],
            expired=row["Entity.EntityExpirationDate"],
            expiry_reason=row["Entity.EntityExpirationReason"],
            successors=[found for column in self._successors if (found := row[column]) is not None],
            registration=row["Registration.RegistrationStatus"],
        )


class _Relations:
    """Reads rows of Level 2."""

    def __init__(self, columns: list[str]) -> None:
        self._periods = [match.group(1) for name in columns if (match := _PERIOD.fullmatch(name)) is not None]
        self._deleted = [name for name in columns if _DELETED.fullmatch(name)]

    def relation(self, row: _Row) -> Relation:
        periods = []
        for number in self._periods:
            one = tuple(row[f"Relationship.Period.{number}.{part}"] for part in ("startDate", "endDate", "periodType"))
            if any(part is not None for part in one):
                periods.append((one[0], one[1], one[2]))
        return Relation(
            row.origin,
            child=row["Relationship.StartNode.NodeID"],
            parent=row["Relationship.EndNode.NodeID"],
            type=row["Relationship.RelationshipType"],
            node_types=(row["Relationship.StartNode.NodeIDType"], row["Relationship.EndNode.NodeIDType"]),
            status=row["Relationship.RelationshipStatus"],
            periods=periods,
            registration=row["Registration.RegistrationStatus"],
            registered=row["Registration.InitialRegistrationDate"],
            updated=row["Registration.LastUpdateDate"],
            is_deleted=any(row[name] is not None for name in self._deleted),
        )


class _Exemptions:
    """Reads rows of reporting exceptions."""

    def __init__(self, columns: list[str]) -> None:
        self._reasons = [name for name in columns if _REASON.fullmatch(name)]
        self._deleted = [name for name in columns if _DELETED.fullmatch(name)]

    def exemption(self, row: _Row) -> Exemption:
        return Exemption(
            row.origin,
            row["LEI"],
            row["Exception.Category"],
            [reason for name in self._reasons if (reason := row[name]) is not None],
            is_deleted=any(row[name] is not None for name in self._deleted),
        )


def _selected(row: _Row) -> Printed:
    return Printed(
        row.origin,
        lei=row["lei"],
        legal_name=row["legal_name"],
        places=[("legal_country", row["legal_country"])],
        category=row["category"],
    )
