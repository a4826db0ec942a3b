"""Under which terms something was done, as far as a record says; amounts are summed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from beholden.schema.vocabulary import Relation

if TYPE_CHECKING:
    from datetime import date

Measure = tuple[str, str]  # (unit, what)


class Terms(NamedTuple):
    """Under which terms something was done, as far as the record says.

    Attributes:
        day: When; None: a standing relation.
        contract_on: Day of the contract or acquisition.
        authorisation: The licence or approval that the record names.
        agreement: Of a data flow: under what it happens.
        data_class: Of a data flow: what it carries.
        produced_in: Of a product: where it is produced.
        authorised_on: Of a product: when it was authorised.
        act: Who paid whom (`out`, `in`), or what was done with a security (`bought`, `sold`, `held`), where the rules
            tell these apart.
        unit: Whose act it is; None: of no unit that we know.
    """

    day: date | None
    contract_on: date | None = None
    authorisation: str | None = None
    agreement: str | None = None
    data_class: str | None = None
    produced_in: str | None = None
    authorised_on: date | None = None
    act: str | None = None
    unit: str | None = None


def terms_of(row: dict[str, Any], relation: str, unit: str | None) -> Terms:
    """The terms that an observation states for a relation."""
    act = None
    if relation == Relation.PAYMENT_COUNTERPARTY:
        act = row["direction"]
    elif relation == Relation.EQUITY:
        act = row["what"]
    return Terms(
        row["acted_on"],
        row["contract_on"],
        row["authorisation"],
        row["agreement"],
        row["data_class"],
        row["produced_in"],
        row["authorised_on"],
        act,
        unit,
    )
