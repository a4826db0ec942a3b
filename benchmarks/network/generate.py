"""Flow logs of one invented organisation, for the network benchmarks: VPC text, gz, Parquet, Zeek conn, and the truth.

20,000 internal hosts; 60 % of the rows go to 2,000 destinations (Zipf), 25 % to three million others, 15 % stay inside;
2 % are IPv6, 0.5 % NODATA; about 5 % go to watched ranges. A row has some 115 bytes. Each file is one day. Rows go one
way, outwards. The same rows in every format, the same every time.

    python benchmarks/network/generate.py FOLDER --rows 5000000 --kinds text,gz
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow.feather
from watched import TABLE, Watched, watched  # a neighbour of this program

from beholden.scan.network.vpc_layout import VERSION_2

KINDS = ("text", "gz", "parquet", "zeek")
ROWS = 5_000_000
HOSTS, HOT, TAIL, WIDE = 20_000, 2_000, 3_000_000, 20_000
DAY = 86_400
FIRST_DAY = 1_714_521_600  # 2024-05-01
# Rows of the small copies by which start-up is told.
FEW = 1_000
HEADER = list(VERSION_2)
ZEEK = {
    "ts": "time",
    "uid": "string",
    "id.orig_h": "addr",
    "id.orig_p": "port",
    "id.resp_h": "addr",
    "id.resp_p": "port",
    "proto": "enum",
    "service": "string",
    "duration": "interval",
    "orig_bytes": "count",
    "resp_bytes": "count",
    "conn_state": "string",
    "local_orig": "bool",
    "local_resp": "bool",
    "missed_bytes": "count",
    "history": "string",
    "orig_pkts": "count",
    "orig_ip_bytes": "count",
    "resp_pkts": "count",
    "resp_ip_bytes": "count",
    "tunnel_parents": "set[string]",
}


class World(NamedTuple):
    """What rows are drawn from: addresses by number, what each is to us, and how often each comes.

    Attributes:
        text: Addresses; the hosts' first, then their IPv6 ones, the hot, the tail, other IPv6 ones; null at the end.
        network: Which watched network each belongs to; -1: none.
        busy: Odds of the hosts, summed.
        hot: Odds of the hot destinations, summed.
    """

    text: pl.Series
    network: np.ndarray
    busy: np.ndarray
    hot: np.ndarray


def zipf(count: int) -> np.ndarray:
    """Odds by rank, summed up to 1."""
    odds = 1 / np.arange(1, count + 1)
    return np.cumsum(odds) / odds.sum()


def world(ranges: Watched) -> World:
    """Addresses; those of watched networks are drawn from their ranges, and the other ones lie outside."""
    dice = np.random.default_rng(6)
    base = 0xFFFF << 32
    v4 = np.array([(a - base, b - base, n) for a, b, n in ranges.ranges if a >> 32 == 0xFFFF], np.int64)
    v6 = [found for found in ranges.ranges if found[0] >> 32 != 0xFFFF]
    hosts = 10 << 24 | dice.choice(1 << 24, HOSTS, replace=False)
    hot, tail = _public(dice, v4, HOT), _public(dice, v4, TAIL)
    numbers = np.concatenate([hosts, np.zeros(HOSTS, np.int64), hot, tail])
    text = pl.Series(numbers.astype(np.uint32))
    octets = pl.DataFrame({str(at): (text // 2 ** (24 - 8 * at)) % 256 for at in range(4)})
    texts = octets.select(pl.concat_str(pl.all(), separator=".")).to_series()
    own = [f"fd00::{high:x}:{low + 1:x}" for high, low in zip(*np.divmod(np.arange(HOSTS), 9_000), strict=True)]
    picks, inside = dice.integers(0, len(v6), WIDE // 16), dice.integers(1, 1 << 16, WIDE)
    wide = [f"2001:db8:{part % 0xFFFF:x}::{number:x}" for part, number in enumerate(inside[len(picks) :])]
    watched_wide = [_v6(v6[pick][0] + int(number)) for pick, number in zip(picks, inside, strict=False)]
    v4_texts = (texts[:HOSTS], pl.Series(own), texts[2 * HOSTS :], pl.Series([*watched_wide, *wide, None]))
    network = np.full(len(numbers) + WIDE + 1, -1)
    network[: len(numbers)] = _network(numbers, v4)
    network[len(numbers) : len(numbers) + len(picks)] = [v6[pick][2] for pick in picks]
    return World(pl.concat([part.alias("text") for part in v4_texts]), network, zipf(HOSTS), zipf(HOT))


def _public(dice: np.random.Generator, v4: np.ndarray, count: int) -> np.ndarray:
    """Addresses of which one in thirteen is watched."""
    found = dice.integers(11 << 24, 100 << 24, 2 * count)
    found = found[_network(found, v4) < 0][:count]
    networks = np.unique(v4[:, 2])
    # Some networks are met far more often than others.
    chosen = networks[np.searchsorted(zipf(len(networks)), dice.random(count))]
    ordered = v4[np.argsort(v4[:, 2], kind="stable")]
    begin = np.searchsorted(ordered[:, 2], chosen)
    width = np.searchsorted(ordered[:, 2], chosen, side="right") - begin
    rows = ordered[begin + (dice.random(count) * width).astype(np.int64)]
    inside = rows[:, 0] + (dice.random(count) * (rows[:, 1] - rows[:, 0] + 1)).astype(np.int64)
    return np.where(np.arange(count) % 13 == 7, inside, found)


def _network(numbers: np.ndarray, v4: np.ndarray) -> np.ndarray:
    at = np.searchsorted(v4[:, 0], numbers, side="right") - 1
    return np.where((at >= 0) & (numbers <= v4[at, 1]), v4[at, 2], -1)


def _v6(number: int) -> str:
    packed = number.to_bytes(16)
    return ":".join(f"{high << 8 | low:x}" for high, low in zip(packed[::2], packed[1::2], strict=True))


class Rows(NamedTuple):
    """The rows of one file: what they say, and numbers of the two ends in `World`."""

    frame: pl.DataFrame
    source: np.ndarray
    target: np.ndarray


def rows_of(day: int, count: int, known: World) -> Rows:
    """One day's rows."""
    dice = np.random.default_rng((6, day))
    host = np.searchsorted(known.busy, dice.random(count))
    kind, is_v6 = dice.random(count), dice.random(count) < 0.02
    wide = len(known.text) - 1 - WIDE + dice.integers(0, WIDE, count)
    hot = 2 * HOSTS + np.searchsorted(known.hot, dice.random(count))
    tail = 2 * HOSTS + HOT + dice.integers(0, TAIL, count)
    inside = dice.integers(0, HOSTS, count)
    outside = np.where(is_v6, wide, np.where(kind < 0.75, hot, tail))
    # Of four rows three go to few places or stay inside: 60, 25 and 15 %.
    target = np.where(kind < 0.15, inside + HOSTS * is_v6, outside)
    source = host + HOSTS * is_v6
    is_nothing = dice.random(count) < 0.005
    packets = dice.integers(2, 40, count)
    size = packets * dice.integers(90, 1_400, count)
    start = FIRST_DAY + day * DAY + np.sort(dice.integers(0, DAY - 60, count))
    null = len(known.text) - 1
    said = pl.Series(~is_nothing)
    accepted = dice.random(count) >= 0.02
    frame = pl.DataFrame(
        {
            "version": np.full(count, 2, np.int32),
            "account-id": pl.Series([f"{111_122_220_000 + at}" for at in range(40)]).gather(host % 40),
            "interface-id": pl.Series([f"eni-{at * 0x9E3779B97F4A7C15 % 2**68:017x}" for at in range(HOSTS)]).gather(
                host
            ),
            "srcaddr": known.text.gather(np.where(is_nothing, null, source)),
            "dstaddr": known.text.gather(np.where(is_nothing, null, target)),
            "srcport": dice.integers(32_768, 61_000, count).astype(np.int32),
            "dstport": np.array([443, 443, 443, 80, 53, 8_443, 22, 5_432], np.int32)[dice.integers(0, 8, count)],
            "protocol": np.full(count, 6, np.int32),
            "packets": packets,
            "bytes": size,
            "start": start,
            "end": start + dice.integers(0, 60, count),
            "action": pl.Series(["REJECT", "ACCEPT"]).gather(accepted.astype(np.int64)),
            "log-status": pl.Series(["NODATA", "OK"]).gather((~is_nothing).astype(np.int64)),
        }
    )
    empty = [name for name in HEADER if name not in ("version", "account-id", "interface-id", "start", "end")]
    frame = frame.with_columns(pl.when(said).then(pl.col(empty[:-1])), "log-status")
    return Rows(frame, np.where(is_nothing, null, source), np.where(is_nothing, null, target))


class Truth:
    """What is to be found in the rows: of those to watched networks."""

    def __init__(self, known: World) -> None:
        self._network = known.network
        self._pairs = np.zeros((2 * HOSTS, int(known.network.max()) + 1), np.bool_)
        self.flows = self.bytes = 0

    def add(self, rows: Rows) -> None:
        """Take the rows of a file."""
        network = self._network[rows.target]
        hits = np.flatnonzero(network >= 0)
        self.flows += len(hits)
        self._pairs[rows.source[hits], network[hits]] = True
        self.bytes += int(rows.frame[hits].filter(pl.col("action") == "ACCEPT")["bytes"].sum())

    def told(self) -> dict[str, int]:
        """Records, bytes that left, and groups of a host and a network."""
        return {"flows": self.flows, "bytes": self.bytes, "groups": int(self._pairs.sum())}


def zeek(frame: pl.DataFrame) -> pl.DataFrame:
    """The same connections as a Zeek sensor tells them."""
    passed = pl.col("action") == "ACCEPT"
    numbers = pl.int_range(pl.len())
    told = {
        "ts": pl.col("start").cast(pl.Float64) + (numbers % 1_000_000) / 1e6,
        "uid": pl.format("C{}{}", (numbers * 0x9E3779B9 % 2**40).cast(pl.String).str.zfill(13), pl.col("srcport")),
        "id.orig_h": "srcaddr",
        "id.orig_p": "srcport",
        "id.resp_h": "dstaddr",
        "id.resp_p": "dstport",
        "proto": pl.lit("tcp"),
        "service": pl.when(pl.col("dstport") == 443).then(pl.lit("ssl")),
        "duration": (pl.col("end") - pl.col("start")).cast(pl.Float64) + 0.25,
        "orig_bytes": pl.when(passed).then("bytes").otherwise(0),
        "resp_bytes": pl.when(passed).then(pl.col("bytes") * 3).otherwise(0),
        "conn_state": pl.when(passed).then(pl.lit("SF")).otherwise(pl.lit("S0")),
        "local_orig": pl.lit("T"),
        "local_resp": pl.when(pl.col("dstaddr").str.contains(r"^(10\.|fd00:)"))
        .then(pl.lit("T"))
        .otherwise(pl.lit("F")),
        "missed_bytes": pl.lit(0),
        "history": pl.when(passed).then(pl.lit("ShADadFf")).otherwise(pl.lit("S")),
        "orig_pkts": "packets",
        "orig_ip_bytes": pl.col("bytes") + pl.col("packets") * 40,
        "resp_pkts": "packets",
        "resp_ip_bytes": pl.when(passed).then(pl.col("bytes") * 3 + pl.col("packets") * 40).otherwise(0),
        "tunnel_parents": pl.lit(None, pl.String),
    }
    return frame.filter(pl.col("log-status") == "OK").select(
        (pl.col(value) if isinstance(value, str) else value).alias(name) for name, value in told.items()
    )


def write(frame: pl.DataFrame, kind: str, path: Path) -> None:
    """Write one file."""
    if kind == "parquet":
        # The fields of the service's own Parquet files are named with `_`.
        frame.rename({name: name.replace("-", "_") for name in HEADER}).write_parquet(path, compression="snappy")
        return
    with path.open("wb") as stream:
        if kind == "zeek":
            head = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn"]
            head += ["#open\t2024-05-01-00-00-00", "\t".join(["#fields", *ZEEK]), "\t".join(["#types", *ZEEK.values()])]
            stream.write("\n".join([*head, ""]).encode())
            frame.write_csv(stream, separator="\t", include_header=False, null_value="-", float_precision=6)
        else:
            stream.write((" ".join(HEADER) + "\n").encode())
            frame.write_csv(stream, separator=" ", include_header=False, null_value="-", quote_style="never")


def compress(path: Path, to: Path) -> None:
    """As the service stores them."""
    with path.open("rb") as plain, gzip.open(to, "wb", compresslevel=6) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)


_ENDINGS = {"text": "log", "gz": "log.gz", "parquet": "parquet", "zeek": "log"}


def generate(folder: Path, rows: int, kinds: list[str], files: int = 10, table: Path = TABLE) -> dict[str, object]:
    """Write what is not there yet; what was generated and the truth, also kept in `truth.json`.

    Args:
        folder: Each kind has one of its own there, and another (`KIND-few`) with some rows of the first file.
        rows: Of all files.
        kinds: Some of KINDS.
        files: How many.
        table: See `watched`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "truth.json"
    done: dict[str, object] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    wanted = {"rows": rows, "files": files}
    if not all(done.get(name) == value for name, value in wanted.items()):
        done = {**wanted, "kinds": []}
    missing = [kind for kind in kinds if kind not in done["kinds"]]
    if not missing:
        return done
    ranges = watched(table)
    pyarrow.feather.write_feather(ranges.table(), folder / "watched.arrow", compression="uncompressed")
    known = world(ranges)
    truth = Truth(known)
    written = [kind for kind in missing if kind != "gz"] + ["text"] * ("gz" in missing and "text" not in kinds)
    for kind in {*written, *missing}:
        for name in (kind, f"{kind}-few"):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir()
    with ThreadPoolExecutor(2) as pool:
        packed = []
        for day in range(files):
            made = rows_of(day, rows // files + (day < rows % files), known)
            truth.add(made)
            for kind in written:
                frame = zeek(made.frame) if kind == "zeek" else made.frame
                path = folder / kind / f"day-{day:03}.{_ENDINGS[kind]}"
                write(frame, kind, path)
                if day == 0:
                    write(frame.head(FEW), kind, folder / f"{kind}-few" / path.name)
            if "gz" in missing:
                plain = f"day-{day:03}.log"
                packed.append(pool.submit(compress, folder / "text" / plain, folder / "gz" / f"{plain}.gz"))
                if day == 0:
                    compress(folder / "text-few" / plain, folder / "gz-few" / f"{plain}.gz")
        for each in packed:
            each.result()
    done = {**wanted, "kinds": sorted({*done["kinds"], *written, *missing}), "watched": ranges.told, **truth.told()}
    kept.write_text(json.dumps(done, indent=2), encoding="utf-8")
    return done


def main() -> None:
    """Write the files that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--kinds", default="text", help=f"some of {','.join(KINDS)}")
    parser.add_argument("--table", type=Path, default=TABLE, help="a folder with asn-ipv4.csv.gz and asn-ipv6.csv.gz")
    options = parser.parse_args()
    print(json.dumps(generate(options.folder, options.rows, options.kinds.split(","), options.files, options.table)))


if __name__ == "__main__":
    main()
