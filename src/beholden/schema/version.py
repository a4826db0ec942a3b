"""Schema versions, MODEL.REVISION.ADDITION, with one changelog line per value."""

from __future__ import annotations

# 1.0.0: first tables
# 1.0.1: events are found by their list
# 1.1.0: notices, gazette days, later starts of entries, category entries, programmes; mixed lists and places of
#        ownership rules; nominees, undisclosed holders, released ends of holdings; rules whose sums were
#        not read; exceptions as predicates; no next_flip: flips follow from the effects
# 1.2.0: rows of publications: addresses and birth dates, weak aliases, resolutions with their reasons and both sides,
#        starts and ends known only to a copy of ours, names and places of address ranges, vulnerabilities; whether a
#        source may be passed on, and its attribution; which source says which place and birth date of a party
# 1.2.1: watched ranges say which answer holds in them; whether an edition is a copy of ours of a running list;
#        hardware makers that build modules
KB_SCHEMA = "1.2.1"
# 1.0.0: first result document
# 1.0.1: timeline, waivers, baseline, gate; artefact id and months; asked facts; authorisations; all of them optional
# 1.0.2: presumed exceptions and how to answer them; standing of rules with its dates; of each stake its holder's lists,
#        kind and bounds; the sum that decides; the strictest list; place; documents of diff and whatif
# 1.0.3: ages of copies and every importer in kb info; ids of publications in show; documents of kb diff, kb export,
#        kb import, kb update, kb drop and kb review; namesakes in show,
#        undecided listings in scan; the day of `kb build --as-held`
# 1.0.4: whether the first or last day of a listing is only a bound (scan, show, kb diff); by when a party was listed of
#        which it is unknown whether it was already, among the undecided listings; signals of tempo; the document of
#        kb prune; what is held and waits to be built; between which copies of a list the as-of date is
REPORT_SCHEMA = "1.0.4"
# 1.0.0: findings, hops, observations, coverage
# 1.0.1: terms of data flows and of products in observations
# 1.0.2: grains of traffic in observations; whether the day of a listing is only a bound
TABLES_SCHEMA = "1.0.2"
# 1.0.0: first receipt and its verification
# 1.0.1: behaviour that was looked for
RECEIPT_SCHEMA = "1.0.1"
