"""Relation and direction → what we do, in the words of the rules (DESIGN section 4)."""

from __future__ import annotations

from beholden.schema.vocabulary import Conduct, Direction, Relation, Segment

_PAYING = frozenset({Conduct.PROCURE, Conduct.PAY})
_SELLING = frozenset({Conduct.SUPPLY, Conduct.EXPORT})
_SENDING = frozenset({Conduct.USE_SERVICE, Conduct.TRANSFER_DATA})
_DEALING: dict[str | None, Conduct] = {
    "bought": Conduct.BUY_SECURITY,
    "sold": Conduct.SELL_SECURITY,
    "invested": Conduct.INVEST,
}
_NONE: frozenset[Conduct] = frozenset()

_BY_RELATION: dict[Relation, frozenset[Conduct]] = {
    Relation.SUPPLIER: _PAYING,
    Relation.CUSTOMER: _SELLING,
    Relation.PAYMENT_AGENT: frozenset({Conduct.DEAL_THROUGH}),
    Relation.HARDWARE: frozenset({Conduct.USE_EQUIPMENT}),
    Relation.OEM_OF: frozenset({Conduct.USE_EQUIPMENT}),
    Relation.FIRMWARE_CLOUD: frozenset({Conduct.USE_EQUIPMENT, Conduct.TRANSFER_DATA}),
    Relation.CODE_DEPENDENCY: frozenset({Conduct.USE_SOFTWARE}),
    Relation.MODEL_WEIGHTS: frozenset({Conduct.USE_SOFTWARE}),
    Relation.VENDOR_SDK: frozenset({Conduct.USE_SOFTWARE}),
    Relation.MIRROR: frozenset({Conduct.USE_SERVICE}),
    Relation.DATA_RECIPIENT: frozenset({Conduct.TRANSFER_DATA}),
    # Tenants' content may be anyone's, and transit carries everyone's: no conduct by themselves.
    Relation.HOSTING: _NONE,
    Relation.TRANSIT: _NONE,
}


def conduct(
    relation: Relation,
    directions: frozenset[Direction],
    segment: Segment | None,
    *,
    has_traffic: bool = False,
    dealings: frozenset[str | None] = frozenset(),
) -> frozenset[Conduct]:
    """What having or doing this amounts to.

    Args:
        relation: Artefact → entity.
        directions: Directions in which acts were seen.
        segment: Where it was seen; None: in our own inventory or books.
        has_traffic: Whether an endpoint, key or traffic of the same operator shows that its service is used.
        dealings: What was done with a security: `bought`, `sold`, `invested`, `held`; what else was done is holding it.
    """
    if segment not in (None, Segment.OWN):
        return _NONE
    if relation is Relation.EQUITY:
        return frozenset(_DEALING.get(dealing, Conduct.HOLD_SECURITY) for dealing in dealings or {None})
    if relation is Relation.PAYMENT_COUNTERPARTY:
        paid = _PAYING if Direction.OUT in directions else _NONE
        return paid | (_SELLING if Direction.IN in directions else _NONE)
    if relation in (Relation.SERVICE_ENDPOINT, Relation.MODEL_API, Relation.DNS_RESOLVER):
        return _SENDING if Direction.OUT in directions else _NONE
    if relation is Relation.VENDOR_SDK and has_traffic:
        return _BY_RELATION[relation] | {Conduct.USE_SERVICE}
    return _BY_RELATION[relation]
