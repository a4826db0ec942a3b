"""A registry, and a list of one's own, that loses many is a part of what was held, and who is gone is said by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.command import run_here

from beholden.compile import open_base
from beholden.run import turnover
from beholden.sources.snapshot import Store

SLUG = "in_house"


def own(path: Path, *numbers: int, owner: int | None = None) -> Path:
    """Parties of ours; each but the owner is owned by it."""
    lines = ["id,schema,name,owner_id,percentage"]
    lines += [
        f"{n},Company,Example Party {n},{'' if owner in (None, n) else f'{owner},60'}".rstrip(",") for n in numbers
    ]
    width = lines[0].count(",")
    path.write_text("\n".join(line + "," * (width - line.count(",")) for line in lines) + "\n", encoding="utf-8")
    return path


def bring(path: Path, *more: str, slug: str = SLUG, edition: str = "2026-08-01") -> dict[str, Any]:
    answer = run_here("kb", "import", slug, path, "--edition", edition, *more, "--format", "json")
    assert answer.out, answer.err
    (info,) = answer.document["publications"]
    assert isinstance(info, dict)
    return info


@pytest.mark.parametrize("edition", ["2026-08-01", "2026-08-05"], ids=["of-the-same-day", "of-a-later-day"])
def test_an_own_list_that_loses_most_says_who_is_gone_and_takes_nobody_out(edition: str, tmp_path: Path) -> None:
    assert bring(own(tmp_path / "five.csv", 1, 2, 3, 4, 5, owner=1))["notes"] == []
    info = bring(own(tmp_path / "one.csv", 1, owner=1), edition=edition)
    assert info["is_partial"] is True
    told = "8 entries gone since the copy of 2026-08-01 (Example Party 2, Example Party 3, "
    assert [note for note in info["notes"] if note.startswith(told)], info["notes"]
    assert "none of its holdings is left" in info["notes"]
    base = open_base()
    assert base.entity("in_house:5") is not None
    assert [row.owner_id for row in base.owners("in_house:5")] == ["in_house:1"]


def test_an_own_list_that_lost_most_is_whole_where_the_user_says_so(tmp_path: Path) -> None:
    bring(own(tmp_path / "five.csv", 1, 2, 3, 4, 5))
    info = bring(own(tmp_path / "one.csv", 1), "--whole", edition="2026-08-05")
    assert info["is_partial"] is False
    assert info["notes"][0].startswith("4 entries gone since the copy of 2026-08-01 (Example Party 2, ")
    assert open_base().entity("in_house:5") is None


def test_an_own_list_of_others_than_before_adds_to_it(tmp_path: Path) -> None:
    bring(own(tmp_path / "five.csv", 1, 2, 3, 4, 5))
    info = bring(own(tmp_path / "others.csv", 6, 7, 8, 9, 10), edition="2026-08-05")
    assert info["is_partial"] is True
    assert "5 entries gone" in info["notes"][0]
    assert open_base().entity("in_house:5") is not None


def test_an_own_list_that_loses_a_few_is_whole_and_says_it(tmp_path: Path) -> None:
    bring(own(tmp_path / "five.csv", 1, 2, 3, 4, 5))
    info = bring(own(tmp_path / "four.csv", 1, 2, 3, 4, 6), edition="2026-08-05")
    assert info["is_partial"] is False
    assert info["notes"] == ["1 entry gone since the copy of 2026-08-01 (Example Party 5), 1 new"]


def test_a_registry_of_very_many_is_compared_by_its_number_of_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnover, "_MOST", 4)
    bring(own(tmp_path / "many.csv", *range(20)))
    info = bring(own(tmp_path / "fewer.csv", *range(19)), edition="2026-08-05")
    assert (info["is_partial"], info["notes"]) == (False, ["19 records; the whole copy of 2026-08-01 has 20"])
    assert bring(own(tmp_path / "few.csv", *range(15)), edition="2026-08-06")["is_partial"] is True


def test_one_file_of_several_is_a_part_of_the_day_that_is_held(tmp_path: Path) -> None:
    folder = tmp_path / "clusters"
    folder.mkdir()
    for name, count in (("first", 4), ("second", 6)):
        values = [
            {"uuid": f"00000000-0000-4000-8000-{name[0].encode().hex()}{n:010}", "value": f"EXAMPLE {name} {n}"}
            for n in range(count)
        ]
        cluster = {
            "authors": ["Example"],
            "category": "actor",
            "description": "Invented.",
            "name": name,
            "source": "Example",
            "type": f"example-{name}",
            "uuid": f"00000000-0000-4000-8000-00000000{name[0].encode().hex()}00",
            "values": values,
            "version": 1,
        }
        (folder / f"{name}.json").write_text(json.dumps(cluster), encoding="utf-8")
    assert bring(folder, slug="misp_galaxy")["records_read"] == 10
    info = bring(folder / "second.json", slug="misp_galaxy")
    assert (info["records_read"], info["is_partial"]) == (6, True)
    assert "4 entries gone since the copy of 2026-08-01 (EXAMPLE first 0, " in info["notes"][0]
    assert [held.is_partial for held in Store(tmp_path / "home").held("misp_galaxy")] == [False, True]
