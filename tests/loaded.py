"""A base with the lists of the shared folder in it, built once for all workers of a test run."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from beholden.compile import rebuild
from beholden.compile.opening import in_use
from beholden.kb.base import KnowledgeBase
from beholden.run.publications import files_of
from beholden.run.publish import Desk
from beholden.sources import source_called
from beholden.sources.snapshot import Store

# Importer, files below the data folder, edition where the files print none. Without registers of addresses: no list
# and no party depends on them, and they are most of the rows.
_TAKEN = (
    ("us_ofac_sdn", "lists/ofac/ofac-sdn.2026-08-06.json.gz", "2026-08-06"),
    ("us_ofac_sdn", "lists/ofac/ofac-sdn.2026-08-20.json.gz", "2026-08-20"),
    ("us_ofac_cons", "lists/ofac/CONS_ENHANCED.2025-01-10.XML.gz", None),
    ("us_ofac_cons", "lists/ofac/cons_*.2025-12-19.csv.gz", "2025-12-19"),
    ("us_trade_csl", "lists/us-csl/consolidated.2022-04-22.csv.gz", "2022-04-22"),
    ("un_sc_consolidated", "lists/un/UN_consolidated.2026-02-27.xml.gz", None),
    ("gb_fcdo_sanctions", "lists/uk/FCDO-UK-sanctions-list.2025-08-11.ods", None),
    ("us_dod_1260h", "lists/us-1260h/section-1260h.csv.gz", "2026-08-20"),
    ("us_fcc_covered_list", "lists/us-fcc-covered/covered-list.2026-05-21.csv", "2026-05-21"),
    ("us_fcc_covered_list", "lists/us-fcc-covered/covered-list.csv", "2026-08-20"),
    ("us_ndaa_889", "lists/us-ndaa/section_889.csv", "2026-08-18"),
    ("us_ndaa_5949", "lists/us-ndaa/section_5949.csv", "2026-08-18"),
    ("us_ndaa_154", "lists/us-ndaa/section_154.csv", "2026-08-18"),
    ("us_ndaa_1286", "lists/us-ndaa/section_1286.csv.gz", "2026-08-18"),
    ("us_inksna", "lists/us-ndaa/inksna.csv", "2026-08-18"),
    ("us_bis_mieu", "lists/us-bis/mieu.csv", "2026-07-27"),
    ("eu_fsf", "lists/eu/*", "2026-08-20"),
    ("cn_sanctions", "lists/cn/*", "2026-08-20"),
    ("gleif", "ownership/gleif-level1-selection.tsv.gz", "2025-10-06"),
    ("sec_company_tickers", "ownership/sec-company-tickers.2026-06.csv.gz", "2026-06-30"),
    ("mitre_attack", "threats/attack-ent*", "2025-10-28"),
    ("misp_galaxy", "threats/misp-galaxy*", "2026-08-20"),
)


def loaded_base(data: Path, home: Path) -> KnowledgeBase:
    """The base of the packs with the lists; a home in which it was built already is used as it is.

    Args:
        data: The data folder.
        home: Where publications and base are kept.
    """
    with _alone(home):
        if in_use(home) is None:
            desk = Desk(Store(home), lambda: datetime(2026, 9, 1, tzinfo=UTC))
            for slug, pattern, edition in _TAKEN:
                files = sorted(data.glob(pattern))
                assert files, f"no file {pattern}"
                day = None if edition is None else date.fromisoformat(edition)
                # No number of rows says that the annexes of a regulation are whole: somebody has to.
                is_whole = slug == "eu_fsf"
                given = files_of(files)
                info = desk.take_given(source_called(slug), given, edition=day, is_whole=is_whole).info
                assert info.error is None, f"{slug}: {info.error}"
            rebuild(home)
        pointer = in_use(home)
        assert pointer is not None
        assert pointer.digest is not None
        return KnowledgeBase.open(home / "kb" / pointer.digest)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
