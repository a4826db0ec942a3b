"""What the records show of a party, counted: each artefact once, however many lists its findings rest on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from beholden.report.wording import amount, count, money, quantity, words
from beholden.schema.result import Artefact, MonthQuantity, Quantity, Sample
from beholden.schema.vocabulary import Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

BYTES = "By"
_COUNT = "1"
_CURRENCY_LETTERS = 3
_DEVICE = frozenset({Relation.HARDWARE, Relation.OEM_OF})
# What is neither money, data, package, device nor model still stands in the sentence, by its kind.
_OTHER_KINDS = {
    Kind.DOMAIN: ("domain", None),
    Kind.IP: ("address", "addresses"),
    Kind.ASN: ("network", None),
    Kind.IMAGE: ("container image", None),
    Kind.URL: ("web address", "web addresses"),
    Kind.NAME: ("name on record", "names on record"),
    Kind.ISIN: ("security", "securities"),
    Kind.CUSIP: ("security", "securities"),
    Kind.TICKER: ("security", "securities"),
}


@dataclass(frozen=True, slots=True)
class Hosts:
    """How many of our hosts took part; the document holds samples, so the number may be a lower bound."""

    number: int
    is_exact: bool

    def __str__(self) -> str:
        """As a number, with what it is where it is only a bound."""
        return f"{self.number:,}" if self.is_exact else f"at least {self.number:,}"


@dataclass(frozen=True, slots=True)
class MonthSeries:
    """One measure over the months in which dated acts were recorded, in order."""

    unit: str
    what: str
    months: list[tuple[str, Decimal]]

    @property
    def total(self) -> Decimal:
        """Sum of the months; undated acts are not in it."""
        return sum((value for _, value in self.months), Decimal(0))


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a set of artefacts.

    Attributes:
        money: Sums by currency and what was done; currencies are never added up.
        data: Bytes by direction.
        other: Other measured amounts (queries, units).
        packages: Distinct packages; `sdks` of them are vendors' SDKs.
        devices: Distinct hardware addresses.
        entries: Hardware that an inventory names without an address; it may be one of the devices, so never added.
        models: Distinct models.
        others: Phrases for what is none of these.
        hosts: Our hosts that took part.
        artefacts: How many there are.
        months: Amounts by month.
    """

    money: list[Quantity]
    data: list[Quantity]
    other: list[Quantity]
    packages: int
    sdks: int
    devices: int
    entries: int
    models: int
    others: list[str]
    hosts: Hosts
    artefacts: int
    months: list[MonthSeries]


def once(artefacts: Iterable[Artefact]) -> list[Artefact]:
    """Return each artefact once: the findings of several lists rest on the same one."""
    return list({(item.kind, item.value, item.relation): item for item in artefacts}.values())


def tally_of(artefacts: Iterable[Artefact]) -> Tally:
    """Count artefacts; those given several times count once."""
    distinct = once(artefacts)
    sums = _sums(distinct)
    purls = {item.value for item in distinct if item.kind == Kind.PURL}
    sdks = {item.value for item in distinct if item.kind == Kind.PURL and item.relation == Relation.VENDOR_SDK}
    return Tally(
        money=[item for item in sums if is_currency(item.unit)],
        data=[item for item in sums if item.unit == BYTES],
        other=[item for item in sums if item.unit != BYTES and not is_currency(item.unit)],
        packages=len(purls),
        sdks=len(sdks),
        devices=_devices(distinct),
        entries=_entries(distinct),
        models=len({item.value for item in distinct if item.kind == Kind.MODEL}),
        others=_others(distinct),
        hosts=_hosts([item.own_hosts for item in distinct]),
        artefacts=len(distinct),
        months=_months(distinct),
    )


def is_currency(unit: str) -> bool:
    """Return whether a unit is an ISO 4217 code."""
    return len(unit) == _CURRENCY_LETTERS and unit.isascii() and unit.isalpha() and unit.isupper()


def sentence(tally: Tally) -> str:
    """Return all that the records show of a party: `25,571 USD paid (2026-01 to 2026-06), 3 SDKs and 2 devices`."""
    parts = [_money(tally, item) for item in tally.money] + [_data(tally, item) for item in tally.data]
    parts += [quantity(item) for item in tally.other]
    packages = tally.packages - tally.sdks
    if tally.sdks:
        parts.append(count(tally.sdks, "SDK"))
    if packages:
        parts.append(count(packages, "other package" if tally.sdks else "package"))
    if tally.models:
        parts.append(count(tally.models, "model"))
    if tally.devices:
        parts.append(count(tally.devices, "device"))
    if tally.entries:
        parts.append(count(tally.entries, "hardware entry", "hardware entries"))
    parts += tally.others
    hosts = f"{tally.hosts} own host{'' if tally.hosts.number == 1 else 's'} took part" if tally.hosts.number else ""
    return "; ".join(part for part in (_joined(parts), hosts) if part)


def _joined(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _dated(tally: Tally, item: Quantity) -> MonthSeries | None:
    """The months of an amount, where every act of it is dated."""
    for series in tally.months:
        if (series.unit, series.what) == (item.unit, item.what) and series.total == _decimal(item.amount):
            return series
    return None


def _money(tally: Tally, item: Quantity) -> str:
    series = _dated(tally, item)
    if series is None:
        return quantity(item)
    first, last = series.months[0][0], series.months[-1][0]
    return f"{quantity(item)} ({first})" if first == last else f"{quantity(item)} ({first} to {last})"


def _data(tally: Tally, item: Quantity) -> str:
    series = _dated(tally, item)
    if series is None:
        return quantity(item)
    if len(series.months) == 1:
        return f"{quantity(item)} (in {series.months[0][0]})"
    mean = month_amount((series.total / len(series.months), item.unit))
    return f"{quantity(item)} ({mean} a month over {len(series.months)} months with traffic)"


def _decimal(text: str) -> Decimal:
    """An amount; what is no number adds nothing."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def _sums(artefacts: list[Artefact]) -> list[Quantity]:
    """Sums by unit and what; one that stands alone keeps its text, whatever it is."""
    items: dict[tuple[str, str], list[Quantity]] = defaultdict(list)
    for artefact in artefacts:
        for item in artefact.quantities:
            items[item.what, item.unit].append(item)
    return [
        group[0]
        if len(group) == 1
        else Quantity(amount=str(sum((_decimal(item.amount) for item in group), Decimal(0))), unit=unit, what=what)
        for (what, unit), group in sorted(items.items())
    ]


def _months(artefacts: list[Artefact]) -> list[MonthSeries]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for artefact in artefacts:
        for item in artefact.by_month:
            sums[item.what, item.unit][item.month] += _decimal(item.amount)
    return [MonthSeries(unit, what, sorted(months.items())) for (what, unit), months in sorted(sums.items())]


def _union(samples: list[Sample]) -> Hosts:
    """Distinct values over several samples: exact where each holds all of its values."""
    values = {item.value.lower() for sample in samples for item in sample.top}
    is_exact = all(len(sample.top) >= sample.distinct for sample in samples)
    return Hosts(max([len(values), *(sample.distinct for sample in samples)]), is_exact or len(samples) == 1)


def _hosts(samples: list[Sample]) -> Hosts:
    return _union([sample for sample in samples if sample.distinct])


def _devices(artefacts: list[Artefact]) -> int:
    """Blocks of addresses do not overlap, so their devices add up; one block met in two relations counts once."""
    by_block: dict[str, int] = defaultdict(int)
    for item in artefacts:
        if item.kind == Kind.MAC:
            by_block[item.value] = max(by_block[item.value], item.values.distinct)
    return sum(by_block.values())


def _entries(artefacts: list[Artefact]) -> int:
    """Entries by host where the inventory names hosts; else each record is one."""
    named = (item for item in artefacts if item.kind != Kind.MAC and item.relation in _DEVICE)
    return sum(item.own_hosts.distinct or item.count for item in named)


def _others(artefacts: list[Artefact]) -> list[str]:
    counted: dict[tuple[str, str | None], set[tuple[str, str]]] = defaultdict(set)
    for item in artefacts:
        if item.kind in (Kind.PURL, Kind.MODEL, Kind.MAC) or item.relation in _DEVICE:
            continue
        # A name whose payments are summed is in the sentence already.
        if item.kind == Kind.NAME and any(is_currency(part.unit) for part in item.quantities):
            continue
        try:
            noun = _OTHER_KINDS.get(Kind(item.kind), (f"{words(item.kind).upper()} on record", None))
        except ValueError:
            noun = (f"{words(item.kind)} on record", None)
        counted[noun].add((item.kind, item.value))
    return [count(len(values), *noun) for noun, values in counted.items()]


def month_amount(item: MonthQuantity | tuple[Decimal, str]) -> str:
    """Return an amount of a month with its unit."""
    number, unit = (item.amount, item.unit) if isinstance(item, MonthQuantity) else (str(item[0]), item[1])
    if unit == BYTES:
        return quantity(Quantity(amount=number, unit=unit, what="")).strip()
    return amount(number) if unit == _COUNT else f"{money(number)} {unit}"
