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
    bring(own(tmp_path / "many-1.csv", *range(20)), "--later")
    info = bring(own(tmp_path / "many-2.csv", *range(19)), "--later", edition="2026-08-05")
    assert (info["is_partial"], info["notes"]) == (False, ["19 records; the whole copy of 2026-08-01 has 20"])
    assert bring(own(tmp_path / "many-3.csv", *range(15)), "--later", edition="2026-08-06")["is_partial"] is True


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


def test_files_of_another_owner_take_nothing_of_the_first_one(tmp_path: Path) -> None:
    for name in ("alibaba", "tencent"):
        lines = [f"{name}-{number}.example" for number in range(4)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert bring(tmp_path / "alibaba", "--later", slug="v2fly_domains")["is_partial"] is False
    info = bring(tmp_path / "tencent", "--later", slug="v2fly_domains")
    assert info["is_partial"] is True
    assert info["notes"][0].startswith("4 entries gone since the copy of 2026-08-01 (alibaba-0.example, ")
    assert "none of its addresses and names of alibaba is left" in info["notes"]


def ranges(path: Path, provider: str, day: str, network: str) -> Path:
    value = {
        "provider": provider,
        "source": "https://ranges.example",
        "last_update": day,
        "ipv4": [network],
        "ipv6": [],
    }
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_ranges_of_one_provider_take_nothing_of_another(tmp_path: Path) -> None:
    first = ranges(tmp_path / "one.json", "Example One", "2025-07-03", "192.0.2.0/24")
    other = ranges(tmp_path / "two.json", "Example Two", "2025-07-04", "198.51.100.0/24")
    assert run_here("kb", "import", "cloud_ranges", first, "--later").code == 0
    answer = run_here("kb", "import", "cloud_ranges", other, "--later")
    assert answer.code == 3
    assert "none of its addresses and names of cloud_ranges:example-one is left" in answer.out.decode()


def test_an_older_state_of_a_registry_is_said_not_to_be_used(tmp_path: Path) -> None:
    later = ranges(tmp_path / "one.json", "Example One", "2025-07-03", "192.0.2.0/24")
    older = ranges(tmp_path / "two.json", "Example Two", "2025-06-14", "198.51.100.0/24")
    run_here("kb", "import", "cloud_ranges", later, "--later")
    for more, code in ((["--part"], 3), ([], 3), (["--allow-incomplete"], 0)):
        answer = run_here("kb", "import", "cloud_ranges", older, "--later", *more)
        assert answer.code == code
        assert "not used: the edition of 2025-07-03 is held" in answer.out.decode()
        assert "tells of its own day" not in answer.out.decode()


def test_two_parties_and_then_two_others_are_four(tmp_path: Path) -> None:
    bring(own(tmp_path / "a.csv", 1, 2), "--later")
    info = bring(own(tmp_path / "b.csv", 3, 4), "--later", edition="2026-08-05")
    assert info["is_partial"] is True
    assert "none of its parties is left" in info["notes"]


def test_of_very_many_other_files_are_a_part_until_the_user_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnover, "_MOST", 4)
    bring(own(tmp_path / "many-2026-08-01.csv", *range(20)), "--later")
    other = own(tmp_path / "others.csv", *range(20, 40))
    info = bring(other, "--later", edition="2026-08-05")
    assert info["is_partial"] is True
    told = "the whole copy of 2026-08-01 has files of other names (many-2026-08-01.csv), and their entries"
    assert [note for note in info["notes"] if note.startswith(told)], info["notes"]
    assert bring(other, "--later", "--whole", edition="2026-08-05")["is_partial"] is False
    (tmp_path / "many-2026-08-06.csv").write_bytes(own(tmp_path / "new.csv", *range(21)).read_bytes())
    run_here("kb", "drop", SLUG, "--edition", "2026-08-05", "--later")
    assert bring(tmp_path / "many-2026-08-06.csv", "--later", edition="2026-08-06")["is_partial"] is False


def test_a_part_stays_one_on_a_later_day_until_the_user_says_that_it_is_whole(tmp_path: Path) -> None:
    bring(own(tmp_path / "all.csv", *range(100)), "--later", edition="2024-08-01")
    fewer = own(tmp_path / "fewer.csv", *range(91))
    assert bring(fewer, "--part", "--later", edition="2024-09-01")["is_partial"] is True
    info = bring(fewer, "--later", edition="2026-08-01")
    assert info["is_partial"] is True
    told = "the same files as the part of 2024-09-01: they stay a part until --whole says that nothing is missing"
    assert told in info["notes"]
    assert bring(fewer, "--later", "--whole", edition="2026-08-01")["is_partial"] is False


def test_of_the_same_files_of_a_day_counts_what_was_said_last(tmp_path: Path) -> None:
    path = own(tmp_path / "all.csv", *range(5))
    for more, is_partial in (((), False), (("--part",), True), ((), True), (("--whole",), False), ((), False)):
        assert bring(path, "--later", *more)["is_partial"] is is_partial
        assert [held.is_partial for held in Store(tmp_path / "home").held(SLUG)] == [is_partial]


@pytest.mark.parametrize("is_named", [True, False], ids=["by-its-name", "by-edition"])
def test_a_list_that_went_back_is_taken_where_the_user_says_that_it_is_whole(is_named: bool, tmp_path: Path) -> None:
    def come(day: str, *numbers: int, more: tuple[str, ...] = ()) -> tuple[int, str]:
        path = own(tmp_path / (f"list-{day}.csv" if is_named else "list.csv"), *numbers)
        said = () if is_named else ("--edition", day)
        answer = run_here("kb", "import", SLUG, path, *said, "--later", *more)
        return answer.code, answer.out.decode() + answer.err

    first, second = tuple(range(30)), tuple(range(1, 31))
    assert come("2026-08-01", *first)[0] == 0
    assert come("2026-08-10", *second)[0] == 0
    code, told = come("2026-08-20", *first)
    assert code == 2
    assert "say --whole" in told
    code, told = come("2026-08-20", *first, more=("--whole",))
    assert code == 0
    assert "the list has gone back" in told


def test_an_own_list_may_change_a_tenth(tmp_path: Path) -> None:
    bring(own(tmp_path / "all.csv", *range(200)), "--later")
    info = bring(own(tmp_path / "next.csv", *range(3, 203)), "--later", edition="2026-08-20")
    assert (info["is_partial"], info["notes"]) == (
        False,
        [
            "3 entries gone since the copy of 2026-08-01 (Example Party 0, Example Party 1, Example Party 2), 3 new",
        ],
    )
