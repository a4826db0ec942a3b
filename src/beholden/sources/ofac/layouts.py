"""Which layout the files of an OFAC publication have, and the rows of its parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, SourceError
from beholden.schema.rows import Edition, Ownership, Row
from beholden.sources.interface import no_layout
from beholden.sources.ofac import advanced_xml, enhanced_xml, legacy_csv, packaged, simple_xml
from beholden.sources.ofac.party import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.ofac.party import Party

# The reason with which `list_by_programme` refuses a party.
ELSEWHERE = "programmes of no list of this publication"
# No copy has many such parties: of those tried none has any. A wrong one has a third and more.
_FEW, _TELLING = 2, 0.1

# Layouts of one file, in the order in which they are tried: whether it fits, its day, its parties.
_SINGLE: tuple[
    tuple[
        Callable[[Document], str | None],
        Callable[[Document], date | None],
        Callable[[Publication, Progress], Iterator[Party]],
    ],
    ...,
] = (
    (enhanced_xml.fits, enhanced_xml.printed_date, enhanced_xml.read),
    (advanced_xml.fits, advanced_xml.printed_date, advanced_xml.read),
    (simple_xml.fits, simple_xml.printed_date, simple_xml.read),
    (packaged.fits, packaged.printed_date, packaged.read),
)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of a publication in any of its layouts.

    Raises:
        SourceError: No layout fits, or the files are of another publication of OFAC.
    """
    progress = Progress(reading)
    known: set[str] = set()
    named: set[str] = set()
    holdings: dict[tuple[str, str], None] = {}
    for party in _parties(publication, progress):
        party.check_days()
        for error in party.problems:
            reading.reject(error)
        # A party on none was refused by the layout, or is on lists that another publication is the copy of.
        if party.lists:
            known.add(party.uid)
            named.update(party.lists)
            holdings.update(party.holdings)
            yield from party.rows(publication)
    _refuse_another(publication, reading, len(known))
    yield from _ownership(holdings, known, reading)
    if progress.lost:
        what = "parties or parts of the file could not be read, so that this copy does not count as complete"
        reading.notes.append(f"{progress.lost} {what}")
    for item in publication.descriptor.lists:
        if item.is_named_only and item.regime not in named:
            continue
        yield Edition(
            regime_id=item.regime,
            date=publication.edition,
            is_complete=not progress.lost and not item.is_named_only,
            title=f"{publication.descriptor.title}, as of {publication.edition}",
        )


def _refuse_another(publication: Publication, reading: Reading, parties: int) -> None:
    """Refuse the file of another OFAC publication: of the comma-separated ones only the programmes tell.

    Some programmes are of both lists, so that part of a wrong file reads well and would list its parties falsely.
    """
    others = reading.reasons[ELSEWHERE]
    if others > _FEW and others > (parties + others) * _TELLING:
        first = next((error for error in reading.rejected if error.reason == ELSEWHERE), None)
        raise SourceError(
            f"{others} of {parties + others} parties have programmes that are of no list of {publication.slug}, "
            "so that these are files of another publication of OFAC",
            code="source.other-publication",
            hint="us_ofac_sdn reads the SDN list, us_ofac_cons the consolidated list of the others",
            origin=first.origin if first is not None else Origin(publication.documents[0].name),
        )


def _ownership(holdings: dict[tuple[str, str], None], known: set[str], reading: Reading) -> Iterator[Ownership]:
    """Who owns or controls whom, as far as both are in this publication; OFAC prints no share and no day."""
    left_out = 0
    for owner, owned in holdings:
        if owner not in known or owned not in known:
            left_out += 1
            continue
        owner_id, owned_id = f"ofac:{owner}", f"ofac:{owned}"
        yield Ownership(
            id=f"{owner_id}>{owned_id}:control@",
            owner_id=owner_id,
            owned_id=owned_id,
            ownership_type="control",
            note="OFAC: owned or controlled by",
        )
    if left_out:
        reading.notes.append(f"{left_out} relations of ownership or control are with a party of another publication")


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The day that the file prints; the comma-separated files print none."""
    del descriptor
    for fits, day, _ in _SINGLE:
        if fits(documents[0]):
            return day(documents[0])
    return None


def _parties(publication: Publication, progress: Progress) -> Iterator[Party]:
    first = publication.documents[0]
    for fits, _, read in _SINGLE:
        name = fits(first)
        if name:
            if len(publication.documents) > 1:
                raise no_layout(publication, f"{len(publication.documents)} files; {name} is one file")
            _known(publication, name)
            progress.reading.layout = name
            return read(publication, progress)
    parts = []
    for document in publication.documents:
        part = legacy_csv.part_of(document)
        if part is None:
            raise no_layout(publication, "the file is in no layout that is known", Origin(document.name))
        parts.append(part)
    _known(publication, "legacy-csv")
    progress.reading.layout = "legacy-csv"
    return legacy_csv.read(publication, progress, parts)


def _known(publication: Publication, name: str) -> None:
    if name not in {layout.name for layout in publication.descriptor.layouts}:
        raise no_layout(publication, f"the layout is {name}")
