"""Which publications can be read: the tuple below, and entry points of the group `beholden.sources`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from beholden.errors import UsageError
from beholden.sources.descriptor import read_descriptor
from beholden.sources.interface import Source

# One folder each: `source.toml` and `parse.py`. Order is rank: of two publications that say the same, the first speaks.
SOURCES: tuple[str, ...] = (
    "us_ofac_sdn",
    "us_ofac_cons",
    "un_sc_consolidated",
    "gb_fcdo_sanctions",
    "eu_fsf",
    "us_bis_entity_list",
    "us_dhs_uflpa",
    "us_dod_1260h",
    "us_fcc_covered_list",
    "us_ndaa_889",
    "us_ndaa_5949",
    "us_ndaa_154",
    "us_ndaa_1286",
    "us_bis_mieu",
    "us_inksna",
    "cn_sanctions",
    "us_trade_csl",
    "gleif",
    "sec_company_tickers",
    "sec_exhibit_21",
    "bods",
    "ieee_oui",
    "prefix_asn",
    "rir_delegated",
    "prefix_country",
    "cloud_ranges",
    "v2fly_domains",
    "cisa_kev",
    "mitre_attack",
    "misp_galaxy",
    "ftm",
    "in_house",
)


def source_called(slug: str) -> Source:
    """A publication by its id.

    Raises:
        UsageError: There is none.
    """
    if slug in SOURCES:
        return _own(slug)
    for point in entry_points(group="beholden.sources", name=slug):
        found = point.load()
        assert isinstance(found, Source)
        return found
    raise UsageError(
        f"no importer is called {slug!r}; there are {', '.join(sorted(SOURCES))}",
        code="source.unknown",
        hint="`beholden kb info` lists them",
    )


def every_source() -> list[Source]:
    """Every publication that can be read, in order of rank; those of other distributions last."""
    others = sorted({point.name for point in entry_points(group="beholden.sources")} - set(SOURCES))
    return [source_called(slug) for slug in (*SOURCES, *others)]


@cache
def _own(slug: str) -> Source:
    module = import_module(f"beholden.sources.{slug}.parse")
    descriptor = read_descriptor(Path(str(module.__file__)).with_name("source.toml"))
    return Source(descriptor, module.parse, getattr(module, "printed_date", None))
