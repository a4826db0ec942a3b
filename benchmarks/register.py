"""A register of the size of GLEIF's: what it costs to take in, to open and to ask.

Run with `python benchmarks/register.py [--entities N] [--relations N] [--folder PATH]`. Entities and relations are
invented and written as a golden copy in CSV; import, compile, opening and questions are what the commands
do. With --folder the files and the base are kept, and made only where they are not there yet. The machine is noisy:
read medians of one run.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BEHOLDEN = Path(sys.executable).with_name("beholden")
ROUNDS = 7
QUESTIONS = 200
DAY = "2026-05-01"
# Frequent words are in hundreds of thousands of names, as they are in the register.
COMMON = (
    "Capital",
    "Fund",
    "Trading",
    "Holdings",
    "International",
    "Group",
    "Investment",
    "Services",
    "Energy",
    "Global",
)
FORMS = [
    ("US", "LLC"),
    ("US", "Inc."),
    ("GB", "Limited"),
    ("DE", "GmbH"),
    ("CN", "Co., Ltd."),
    ("NL", "B.V."),
    ("FR", "SAS"),
]
COLUMNS = [
    "LEI",
    "Entity.LegalName",
    "Entity.LegalName.xmllang",
    "Entity.OtherEntityNames.OtherEntityName.1",
    "Entity.OtherEntityNames.OtherEntityName.1.xmllang",
    "Entity.OtherEntityNames.OtherEntityName.1.type",
    "Entity.LegalAddress.FirstAddressLine",
    "Entity.LegalAddress.City",
    "Entity.LegalAddress.Country",
    "Entity.LegalAddress.PostalCode",
    "Entity.HeadquartersAddress.FirstAddressLine",
    "Entity.HeadquartersAddress.City",
    "Entity.HeadquartersAddress.Country",
    "Entity.RegistrationAuthority.RegistrationAuthorityID",
    "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
    "Entity.LegalJurisdiction",
    "Entity.EntityCategory",
    "Entity.EntityStatus",
    "Registration.RegistrationStatus",
]
RELATIONS = [
    "Relationship.StartNode.NodeID",
    "Relationship.StartNode.NodeIDType",
    "Relationship.EndNode.NodeID",
    "Relationship.EndNode.NodeIDType",
    "Relationship.RelationshipType",
    "Relationship.RelationshipStatus",
    "Registration.InitialRegistrationDate",
    "Registration.LastUpdateDate",
    "Registration.RegistrationStatus",
]


def lei(number: int) -> str:
    """An identifier with a right checksum under a prefix that nobody has."""
    body = f"9999{number:014d}"
    return f"{body}{98 - int(body + '00') % 97:02d}"


def write_register(folder: Path, entities: int, relations: int) -> None:
    """A golden copy of so many entities; a seed makes it the same every time."""
    chance = random.Random(5)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "en", "or")]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))).capitalize() for _ in range(150_000)]
    with (folder / "lei2-golden-copy.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for number in range(entities):
            country, form = chance.choice(FORMS)
            own, common = " ".join(chance.choices(words, k=chance.randint(1, 2))), chance.choice(COMMON)
            other = (
                [f"{own} {chance.choice(COMMON)}", "en", "TRADING_OR_OPERATING_NAME"] if number % 7 == 0 else [""] * 3
            )
            place = [f"{number % 900 + 1} {chance.choice(words)} Street", chance.choice(words), country]
            record = ["RA000001", f"{number:09d}", country, "GENERAL", "ACTIVE", "ISSUED"]
            names = [lei(number), f"{own} {common} {form}", "en", *other]
            rows.writerow([*names, *place, f"{number % 99999:05d}", *place, *record])
    with (folder / "rr-golden-copy.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(RELATIONS)
        for number in range(relations):
            child = number * (entities // relations) + 1
            parent = lei(chance.randrange(max(child // 10, 1)))
            kind = "IS_DIRECTLY_CONSOLIDATED_BY"
            dates = ["2020-01-01T00:00:00Z", "2026-04-01T00:00:00Z", "PUBLISHED"]
            rows.writerow([lei(child), "LEI", parent, "LEI", kind, "ACTIVE", *dates])


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float, int, bytes]:
    """Wall and processor seconds and peak memory (MiB) of a command, and what it said."""
    with tempfile.TemporaryFile() as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        if status:
            raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
        out.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, out.read()


ASK = """
import json, random, statistics, sys, time
from datetime import date
from beholden.compile import open_base
from beholden.run.dossier import show
asked = json.loads(sys.argv[1])
started = time.perf_counter()
kb = open_base()
opened = time.perf_counter() - started
show(kb, asked[0], as_of=date(2026, 5, 1), known_at=None)  # what is loaded once
finds, shows = [], []
for one in asked:
    started = time.perf_counter()
    found = kb.entity("lei:" + one) if len(one) == 20 and one.startswith("9999") else kb.named([one])
    finds.append(time.perf_counter() - started)
    assert found, one
    started = time.perf_counter()
    if len(one) == 20:
        show(kb, one, as_of=date(2026, 5, 1), known_at=None)
        shows.append(time.perf_counter() - started)
print(json.dumps([opened, statistics.median(finds), max(finds), statistics.median(shows), max(shows)]))
"""


def main() -> None:
    """Make the register, take it in, then ask."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entities", type=int, default=3_000_000)
    options.add_argument("--relations", type=int, default=500_000)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        files, home = folder / "files", folder / "home"
        env = {**os.environ, "BEHOLDEN_HOME": str(home)}
        # An installed program has its byte code; without it, much of the start would be compiling our source.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if not files.exists():
            files.mkdir(parents=True)
            write_register(files, chosen.entities, chosen.relations)
        if not home.exists():
            command = [str(BEHOLDEN), "kb", "import", "gleif", str(files), "--edition", DAY, "--format", "json"]
            wall, cpu, peak, said = measured(command, env)
            (info,) = json.loads(said)["publications"]
            print(f"read {info['records_read']:,} records, {info['records_rejected']:,} rejected")
            print(f"import and compile          {wall:8.0f} s wall {cpu:8.0f} s processor {peak:8,} MiB")
        chance = random.Random(6)
        leis = [lei(chance.randrange(chosen.entities)) for _ in range(QUESTIONS)]
        rounds, walls, cpus, empty = [], [], [], []
        for number in range(ROUNDS):
            rounds.append(json.loads(measured([sys.executable, "-c", ASK, json.dumps(leis)], env)[3]))
            asked = [str(BEHOLDEN), "show", leis[number], "--as-of", DAY]
            wall, cpu, *_ = measured(asked, env)
            walls.append(wall)
            cpus.append(cpu)
            empty.append(measured([sys.executable, "-c", "pass"], env)[0])
        print(f"medians of {ROUNDS} rounds, {QUESTIONS} questions each")
        for name, column in (
            ("open", 0),
            ("look-up", 1),
            ("slowest look-up", 2),
            ("show, open process", 3),
            ("slowest", 4),
        ):
            print(f"{name:28}{statistics.median(one[column] for one in rounds) * 1000:8.1f} ms")
        print(f"{'show from the shell':28}{statistics.median(walls) * 1000:8.1f} ms")
        print(f"{'the same, processor':28}{statistics.median(cpus) * 1000:8.1f} ms")
        print(f"{'empty interpreter':28}{statistics.median(empty) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
