"""The frame of every reader of DNS logs: one query and what came of it → sums, resolvers, names of addresses.

A query shows intent, not traffic, so the name is `probable`; that a resolver elsewhere was sent the query is
`confirmed` once it answered. Answers to address queries tell which names stood for which address, and for how long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.named_sums import NamedSums
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, Sides
from beholden.scan.network.tally import Shape
from beholden.schema.vocabulary import Direction, Kind, NameEvidence, Relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

QUERIED = Shape(
    Kind.DOMAIN,
    Direction.OUT,
    "dns.query",
    relation=Relation.SERVICE_ENDPOINT,
    certainty="probable",
    counted="queries",
)
# Where the name leads: who runs that host decides what the tie is, so the matched asset does.
ALIAS = Shape(Kind.DOMAIN, Direction.OUT, "dns.answers", certainty="probable")
RESOLVER = Shape(Kind.IP, Direction.OUT, "dns.resolver", counted="queries")
SILENT_RESOLVER = Shape(Kind.IP, Direction.OUT, "dns.resolver", certainty="probable", counted="queries")

NO_SUCH_NAME = "dns_no_such_name"
BLOCKED = "dns_blocked"
ANSWERED_BY_US = "dns_answered_by_us"

# Answers to these carry addresses, and host names only as aliases on the way.
_ADDRESS_TYPES = frozenset({"A", "AAAA", "CNAME"})
# Filters answer with these in place of an address; black lists of mail answer with others of 127.0.0.0/8.
_NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104 (nothing is bound)
_MAX_ANSWERS = 20
_MAX_TYPE = 16
# A log that prints no TTL: whoever asked connects within seconds, and most zones ask to be kept for longer than this,
# so that it errs on the short side.
UNSTATED_LIFE_S = 60.0
_NO_SUCH_NAME_RCODES = frozenset({"NXDOMAIN", "3", "REFUSED", "5"})

# Data of a record as printed, and for how many seconds it holds (TTL); None: the log does not say.
Answer = tuple[str, float | None]


def came_to_nothing(rcode: str) -> str | None:
    """Say whether a response code means that no service is in use.

    Args:
        rcode: Name or number (RFC 1035 section 4.1.1), in any case.

    Returns:
        The key under which the query is counted, or None.
    """
    return NO_SUCH_NAME if rcode.upper() in _NO_SUCH_NAME_RCODES else None


def is_nowhere(address: str) -> bool:
    """Whether an address is one that filters give in place of another.

    Args:
        address: Data of a record, as printed.
    """
    return address in _NOWHERE


@dataclass(slots=True)
class Query:
    """One question and what came of it.

    Attributes:
        line: Where it stands; None: the log is no text.
        seen: Seconds since 1970, UTC, within year 9999; None: the log does not say.
        client: Who asked, as printed; None: the log does not say, but it is our own resolver's.
        name: What was asked for, as printed; None: the record does not say.
        rrtype: Type in letters (`A`, `HTTPS`), or as printed.
        server: Who was asked, as printed; None: the resolver of ours that writes the log.
        is_answered: Whether the server is known to have replied.
        nothing: Key under which it is counted where no service elsewhere is in use (see `came_to_nothing`, `BLOCKED`,
            `ANSWERED_BY_US`).
        answers: Answer records in their order.
    """

    line: int | None
    seen: float | None
    client: str | None
    name: str | None
    rrtype: str
    server: str | None = None
    is_answered: bool = True
    nothing: str | None = None
    answers: Sequence[Answer] = ()


class Queries(NamedSums):
    """Sums queries while a log is read, and gathers which names stood for which addresses.

    A reader calls `add` for each query that it read, gives what `full` gives after each, and ends through
    `log_sums.with_rest(gathered, queries, finish)`, whose `finish` calls `tell`.

    Args:
        source: The log; takes the counts of what is left out, and the notes.
        watch: Which side is ours, which addresses and names matter.
        all_ours: Whether the log holds nothing but queries of our own hosts, whatever addresses they have.

    Attributes:
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, watch: Watch, *, all_ours: bool = False) -> None:
        super().__init__(source, watch)
        self.sides = Sides(watch)
        self._all_ours = all_ours
        self._source = source
        self._answers_cut = 0

    def add(self, query: Query) -> None:
        """Judge one query and add it to the sums."""
        own = self._own_side(query)
        if own is None:
            return
        if query.server is not None:
            self.resolver(query.server, own, query.line, query.seen, is_answered=query.is_answered)
        counts = self._source.not_resolved
        if query.name is None:
            counts["dns_without_query"] += 1
            return
        if query.nothing or _leads_nowhere(query.answers):
            counts[query.nothing or BLOCKED] += 1
            return
        name = normalise_host(query.name)
        if name is None:
            counts["dns_not_a_host_name"] += 1
            return
        if why := not_outside(name):
            counts[why] += 1
            return
        detail = {"qtype": query.rrtype[:_MAX_TYPE]}
        self._tally.add(QUERIED, name, own, query.line, query.seen, detail=detail, raw=query.name)
        if query.answers and query.rrtype in _ADDRESS_TYPES:
            self._follow(query, name, own)

    def resolver(self, server: str, own: str, line: int | None, seen: float | None, *, is_answered: bool) -> None:
        """Add one query that was sent to a resolver, if it is somebody else's.

        Args:
            server: Its address, as printed.
            own: Who of ours asked; empty: our resolver, whose address the log does not tell.
            line: Where the record stands; None: the log is no text.
            seen: Seconds since 1970, UTC, within year 9999; None: the log does not say.
            is_answered: Whether it is known to have replied.
        """
        bits = self.sides[server]
        if not bits & FOREIGN:
            return
        if not bits & WATCHED:
            self._source.not_resolved["ip"] += 1
            return
        shape = RESOLVER if is_answered else SILENT_RESOLVER
        self._tally.add(shape, self.sides.canonical(server), own, line, seen, raw=server)

    def tell(self) -> None:
        """Note in coverage what a reader of the findings has to know about what is not in them."""
        source, counts = self._source, self._source.not_resolved
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} queries run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if count := counts[NO_SUCH_NAME]:
            source.note(f"{count} queries were refused or for names that do not exist: no service in use")
        if count := counts[BLOCKED]:
            source.note(f"{count} queries were blocked by a filter: no service in use")
        if count := counts[ANSWERED_BY_US]:
            source.note(f"{count} queries were answered from what our own resolver was told, not by anybody else")
        if self._answers_cut:
            source.note(f"{self._answers_cut} answers list more than {_MAX_ANSWERS} records: the rest was not read")

    def _own_side(self, query: Query) -> str | None:
        """Our side's address, empty where it is unknown; None where the client is not ours."""
        if query.client is None:
            return ""
        bits = self.sides[query.client]
        # The host of the resolver asks itself over the loopback; some filters print 0.0.0.0 to hide who asked.
        if bits & OURS or (bits & GROUP and query.server is None) or (bits and self._all_ours):
            return self.sides.canonical(query.client)
        if self._all_ours:
            return ""
        if query.server is None or self.sides[query.server] & OURS:
            self._source.not_resolved["dns_queries_from_outside"] += 1
        elif bits & GROUP or self.sides.has_own_networks:
            self._source.not_resolved["neither_side_ours"] += 1
        else:
            self._source.not_resolved["our_side_unknown"] += 1
        return None

    def _follow(self, query: Query, name: str, own: str) -> None:
        """Take the aliases among the answers, and every name of the chain for every address."""
        self._answers_cut += len(query.answers) > _MAX_ANSWERS
        chain, addresses = [name], []
        for data, life in query.answers[:_MAX_ANSWERS]:
            if self.sides[data]:
                addresses.append((data, life))
                continue
            alias = normalise_host(data)
            if alias is None or alias in chain or not_outside(alias):
                continue
            chain.append(alias)
            self._tally.add(ALIAS, alias, own, query.line, query.seen, detail={"queried": name}, raw=data)
        for address, life in addresses:
            if query.seen is None or query.line is None or self.sides[address] & GROUP:
                continue
            lasts = UNSTATED_LIFE_S if life is None else life
            for told in chain:
                self._names.add(NameEvidence.DNS, told, address, query.client, query.line, query.seen, lasts)


def _leads_nowhere(answers: Sequence[Answer]) -> bool:
    return bool(answers) and all(is_nowhere(data) for data, _ in answers)
