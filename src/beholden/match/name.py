"""Party name → entity: equal after normalisation, else the nearest candidates as probable."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from beholden.kb.identity import OF_USERS, numbering
from beholden.kb.layer import tokens_of
from beholden.match.interface import NAMESAKES, Found, Query, hop, queries, to_batch
from beholden.match.oem import makers_of_brand
from beholden.schema.vocabulary import Kind, Relation
from beholden.values.names import bracketed, core, is_short_for, is_weak, normalise, spelled_with_forms, stems

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence, Set

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Name

THRESHOLD = 0.90
_MAX_CANDIDATES = 50
# One that agrees in all but what stands in brackets behind it.
_BEFORE_BRACKETS = 0.95
# A brand or a unit is not a legal person: its name leads to the company behind it, as probable.
_SURE_KINDS = frozenset({"legal", "alias", "former"})


class NameMatcher:
    """Exact normal form first; then token candidates scored by `rapidfuzz` on the distinctive part of the name."""

    name = "name"
    kinds = frozenset({Kind.NAME})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`."""
        return to_batch([found for query in queries(batch, self.kinds) for found in _parties(kb, query)])


def _parties(kb: KnowledgeBase, query: Query) -> Iterator[Found]:
    """Those whom a name means; of hardware, also who makes what is sold under that name."""
    for found in find(kb, query):
        yield found
        if found.relation == Relation.HARDWARE:
            yield from makers_of_brand(kb, found)


def find(kb: KnowledgeBase, query: Query, threshold: float = THRESHOLD) -> Iterator[Found]:
    """Entities whose name equals or nearly equals the one asked, best first.

    An equal name does not end the search for parties on other lists: one list prints “EXAMPLE, Ann” and another “Ann
    Example”, and a ledger of vendors has every name of the ledger of payments.

    Args:
        kb: Knowledge base.
        query: `value` is the name as printed.
        threshold: Least similarity, 0–1, of candidates that are not equal.
    """
    norm = normalise(query.value)
    if not norm:
        return
    equal = kb.named([norm])
    if equal:
        yield from _equal(kb, query, norm, equal)
    elif (parts := bracketed(query.value)) is not None:
        equal = yield from _before_brackets(kb, query, *map(normalise, parts))
    lists = {row.regime_id for name in equal for row in kb.designations(name.entity_id)}
    best: dict[str, tuple[float, Name]] = {}
    for name, score in _near(kb, norm, threshold if not lists else 1.0):
        if equal and {row.regime_id for row in kb.designations(name.entity_id)} <= lists:
            continue
        if name.entity_id not in best or score > best[name.entity_id][0]:
            best[name.entity_id] = (score, name)
    if not equal:
        yield from _branches(kb, query, norm, set(best))
    for entity_id, (score, name) in sorted(best.items(), key=lambda item: (-item[1][0], item[0])):
        yield _found(
            kb,
            query,
            entity_id,
            name,
            "similar_name",
            score,
            is_sure=False,
            question=f"Is “{query.raw or query.value}” the same party as {name.name}?",
        )


def _equal(kb: KnowledgeBase, query: Query, norm: str, names: list[Name]) -> Iterator[Found]:
    by_entity: dict[str, list[Name]] = {}
    for name in names:
        by_entity.setdefault(name.entity_id, []).append(name)
    beside = _records_of(kb, by_entity)
    printed = by_entity.keys() - beside
    may_be_meant = printed | _unlike(kb, beside, printed)
    for entity_id, own in sorted(by_entity.items()):
        name = min(own, key=lambda item: (item.kind not in _SURE_KINDS, item.name))
        is_alone = len(printed) == 1 and entity_id not in beside
        # Sure if nobody else had the name: then policy may find that it does not matter who of them is meant.
        is_telling = name.kind in _SURE_KINDS and not (is_weak(norm) and name.kind != "legal")
        sure = is_telling and is_alone
        others = sorted(may_be_meant - {entity_id}) if is_telling and entity_id not in beside and not is_alone else []
        question = None
        if not sure:
            kind = "brand or unit" if name.kind not in _SURE_KINDS else "short or shared name"
            question = f"“{query.raw or query.value}” is a {kind}: which legal person is meant?"
        yield _found(kb, query, entity_id, name, "equal_name", 1.0, is_sure=sure, question=question, namesakes=others)


def _records_of(kb: KnowledgeBase, ids: Iterable[str]) -> set[str]:
    """Parties of the user's own records that may be another party of the name, as far as anybody decided.

    To write a vendor down under the name of a listed party makes nobody else of it: until a person says that they are
    two (`kb review --apart`), or numbers or sorts tell, the name still means the listed one.
    """
    own = {entity_id for entity_id in ids if numbering(entity_id) in OF_USERS}
    if not own:
        return own
    entities = kb.entities_with(ids)
    others = [entity for entity_id, entity in entities.items() if entity_id not in own]
    return {
        entity_id
        for entity_id in own & entities.keys()
        if any(kb.identities.may_be_one(other, entities[entity_id]) for other in others)
    }


def _unlike(kb: KnowledgeBase, own: Set[str], others: Set[str]) -> set[str]:
    """Own records that print something which none of the others of the name can have, such as a place of its own.

    Of one listed party that is no reason to doubt; of several it is one more of whom the name may be.
    """
    if not own or len(others) < 2:
        return set()
    rows, entities = kb.entities_with(own), kb.entities_with(others).values()
    return {
        one for one, row in rows.items() if not any(kb.identities.is_plausibly_one(row, other) for other in entities)
    }


def _before_brackets(kb: KnowledgeBase, query: Query, norm: str, inside: str) -> Generator[Found, None, list[Name]]:
    """Entities that have the name before the brackets of “Example Holdings Limited (Example)”, and their names.

    It is the name itself where the brackets say nothing else: another name of the party, its own words or initials.
    Else it is a question: “(Pakistan)” and “(Sales)” may make another party of it.
    """
    equal = kb.named([norm]) if norm and inside else []
    also = {name.entity_id for name in kb.named([inside])} if equal else set()
    own = [name for name in equal if name.entity_id in also]
    if own or is_short_for(inside, norm):
        yield from _equal(kb, query, norm, own or equal)
        return own or equal
    for name in {name.entity_id: name for name in sorted(equal, key=lambda item: item.kind in _SURE_KINDS)}.values():
        question = f"Is “{query.raw or query.value}” the same party as {name.name}?"
        yield _found(
            kb, query, name.entity_id, name, "similar_name", _BEFORE_BRACKETS, is_sure=False, question=question
        )
    return equal


def _branches(kb: KnowledgeBase, query: Query, norm: str, taken: set[str]) -> Iterator[Found]:
    """Groups of which the name reads as a subsidiary; brands count where they are not short."""
    for stem in stems(core(norm)):
        named = [name for name in kb.named(spelled_with_forms(stem)) if name.kind in _SURE_KINDS or not is_weak(stem)]
        for name in sorted(named, key=lambda item: (item.entity_id, item.kind not in _SURE_KINDS, item.name)):
            if name.entity_id not in taken:
                taken.add(name.entity_id)
                question = f"Is “{query.raw or query.value}” a company of {name.name}?"
                yield _found(kb, query, name.entity_id, name, "branch_name", 0.85, is_sure=False, question=question)
        if named:
            return


def _near(kb: KnowledgeBase, norm: str, threshold: float) -> Iterator[tuple[Name, float]]:
    from rapidfuzz import fuzz

    asked = core(norm)
    if is_weak(asked):
        return
    shared = Counter(kb.norms_with(sorted(tokens_of(norm))))
    candidates = [candidate for candidate, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))]
    scores: dict[str, float] = {}
    for candidate in candidates[:_MAX_CANDIDATES]:
        distinctive = core(candidate)
        if is_weak(distinctive):
            continue
        score = fuzz.token_sort_ratio(asked, distinctive) / 100
        if score >= threshold:
            scores[candidate] = score
    for name in kb.named(sorted(scores)):
        # Similar brands and units say too little, unless only the legal form differs.
        if name.kind in _SURE_KINDS or core(name.norm) == asked:
            yield name, scores[name.norm]


def _found(
    kb: KnowledgeBase,
    query: Query,
    entity_id: str,
    name: Name,
    method: str,
    score: float,
    *,
    is_sure: bool,
    question: str | None,
    namesakes: Sequence[str] = (),
) -> Found:
    entity = kb.entity(entity_id)
    caption = entity.caption if entity else entity_id
    shown = query.raw or query.value
    return Found(
        query=query,
        entity_id=entity_id,
        relation=query.relation or Relation.SUPPLIER,
        artefact_kind=Kind.NAME,
        artefact_value=shown,
        method=method,
        score=round(score, 4),
        decision="confirmed" if is_sure else "probable",
        features={"matched_name": name.name, "name_kind": name.kind, **({NAMESAKES: namesakes} if namesakes else {})},
        question=question,
        hops=(hop(shown, caption, f"{name.kind}_name_of", name, None if shown == name.name else f"as “{name.name}”"),),
    )
