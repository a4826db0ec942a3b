"""Baselines: an earlier result, so that a gate stops what is new or worse and not what was known."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.errors import Origin, UsageError
from beholden.schema.acceptance import BaselineInfo, Gone
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from beholden.schema.result import Finding

FINGERPRINT = "beholdenFinding/v1"  # the name of a finding's id among the partial fingerprints of a SARIF result


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier result, as far as a gate needs it.

    Attributes:
        file: Its name, without folders.
        as_of: The day it answered for.
        kb_digest: The base that answered.
        levels: By finding id: the level, and the level if what was open turns out against us.
    """

    file: str
    as_of: str
    kb_digest: str
    levels: dict[str, tuple[Level, Level]]


def read_baseline(path: Path) -> Baseline:
    """Read a JSON result or a SARIF log of this tool.

    Raises:
        UsageError: Unreadable, or neither of the two.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", code="baseline.unreadable") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not JSON: {error}", code="baseline.not-a-result", origin=Origin(path.name)) from error
    try:
        if "runs" in document:
            runs = [run for run in document["runs"] if run["tool"]["driver"]["name"] == "beholden"]
            levels = dict(pair for run in runs for pair in _of_sarif(run))
            about = runs[0]["properties"]
            return Baseline(path.name, _text(about["as_of"]), _text(about["kb_digest"]), levels)
        levels = {_text(row["id"]): _pair(row) for row in document["findings"]}
        return Baseline(path.name, _text(document["as_of"]), _text(document["kb"]["digest"]), levels)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UsageError(
            f"neither a JSON result nor a SARIF log of beholden: {type(error).__name__} {error}",
            code="baseline.not-a-result",
            origin=Origin(path.name),
        ) from error


def _of_sarif(run: Any) -> Iterator[tuple[str, tuple[Level, Level]]]:  # noqa: ANN401 (as the file has it)
    for result in run["results"]:
        if result.get("baselineState") != "absent":
            yield _text(result["partialFingerprints"][FINGERPRINT]), _pair(result["properties"])


def _text(value: Any) -> str:  # noqa: ANN401 (as the file has it)
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return value


def _pair(row: Any) -> tuple[Level, Level]:  # noqa: ANN401 (as the file has it)
    """The level, and the worst that it or one of its consequences may become: what a gate goes by."""
    confirmed = [row.get("level_if_confirmed"), *(rule.get("level_if_confirmed") for rule in row["consequences"])]
    level = Level(row["level"])
    return level, min([level, *(Level(one) for one in confirmed if one)], key=lambda one: one.rank)


def compare(findings: Sequence[Finding], baseline: Baseline) -> tuple[list[Finding], BaselineInfo]:
    """Say of each finding whether the baseline has it, and which of the baseline's are gone.

    A finding is `worse` where its level, or the level it may become, is worse than it was. One that several of the
    baseline's became, because their parties were found to be one, is held against the worst of them.
    """
    seen: set[str] = set()
    compared: list[Finding] = []
    for finding in findings:
        known = [one for one in (finding.id, *finding.previous_ids) if one in baseline.levels]
        seen.update(known)
        state = _change(_worst([baseline.levels[one] for one in known]), finding) if known else "new"
        compared.append(msgspec.structs.replace(finding, baseline=state))
    counts = Counter(finding.baseline for finding in compared)
    info = BaselineInfo(
        file=baseline.file,
        as_of=baseline.as_of,
        kb_digest=baseline.kb_digest,
        new=counts["new"],
        unchanged=counts["unchanged"],
        worse=counts["worse"],
        better=counts["better"],
        gone=[Gone(id=one, level=level) for one, (level, _) in sorted(baseline.levels.items()) if one not in seen],
    )
    return compared, info


def _worst(levels: Sequence[tuple[Level, Level]]) -> tuple[Level, Level]:
    now, confirmed = (min(column, key=lambda level: level.rank) for column in zip(*levels, strict=True))
    return now, confirmed


def _change(before: tuple[Level, Level], finding: Finding) -> str:
    now = _pair(msgspec.to_builtins(finding))
    steps = [new.rank - old.rank for new, old in zip(now, before, strict=True)]
    if any(step < 0 for step in steps):
        return "worse"
    return "better" if any(steps) else "unchanged"
