"""What is noted of each workbook's last run, also of one that found nothing to do or failed before
the store was open; and what of it somebody should be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.ports import OpenConflict

OLD_CONFLICT: Final = timedelta(days=1)
AWAY: Final = timedelta(hours=1)
"""A network that is away for less is no matter, nor is a long run: the next one goes on."""
BUSY: Final = "E-RUNNING"
_PASSES: Final = frozenset({"E-UNREACHABLE", "E-QUOTA", BUSY})


@dataclass(frozen=True)
class NotedRun:
    """The last run over one workbook ("" for all: the store or the configuration failed). `outcome`
    as `sync --json` prints it; times are UTC, ISO 8601, `succeeded_at` that of the last run that
    did not fail. `counts` are those of `RunResult.counts`.
    """

    workbook: str
    at: str
    outcome: str
    code: int = 0
    error: str = ""
    message: str = ""
    seconds: float = 0.0
    requests: int = 0
    succeeded_at: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0
    problems: int = 0
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matter:
    """Something that somebody should know. `key` tells it from others, and stays the same as long
    as it is the same matter; `kind` is "failures", "stops" or "conflicts"; `command` what to type.
    """

    key: str
    kind: str
    workbook: str
    what: Phrase
    command: str = ""


def matters_of_runs(runs: Iterable[NotedRun], now: datetime) -> tuple[Matter, ...]:
    """What of these runs somebody should know: failures, and tabs that wait for a decision."""
    found = []
    for run in runs:
        if run.error and not _passes_by_itself(run, now):
            what = Phrase(N_("A run failed ({code}): {message}"), _facts(run))
            key = f"failure {run.workbook} {run.error}"
            found.append(Matter(key, "failures", run.workbook, what, "crm-sync doctor"))
        if run.stops:
            what = Phrase(
                N_("A tab waits for a decision ({codes}); it is not synced until then."),
                {"codes": ", ".join(run.stops)},
            )
            key = f"stop {run.workbook} {' '.join(run.stops)}"
            found.append(Matter(key, "stops", run.workbook, what, "crm-sync sync --dry-run"))
    return tuple(found)


def matters_of_conflicts(conflicts: Sequence[OpenConflict], now: datetime) -> tuple[Matter, ...]:
    """Conflicts that have been open for a day, one matter a workbook."""
    old: dict[str, int] = {}
    for item in conflicts:
        if now - datetime.fromisoformat(item.opened_at) >= OLD_CONFLICT:
            old[item.workbook] = old.get(item.workbook, 0) + 1
    template = N_("Conflicts that have waited for a decision for more than a day: {count}.")
    return tuple(
        Matter(
            f"conflicts {name}",
            "conflicts",
            name,
            Phrase(template, {"count": count}),
            "crm-sync conflicts list",
        )
        for name, count in sorted(old.items())
    )


def _passes_by_itself(run: NotedRun, now: datetime) -> bool:
    if run.error not in _PASSES:
        return False
    if not run.succeeded_at:
        return run.error == BUSY
    return now - datetime.fromisoformat(run.succeeded_at) < AWAY


def _facts(run: NotedRun) -> dict[str, object]:
    return {"code": run.error, "message": run.message}
