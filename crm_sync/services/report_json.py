"""The shapes that `--json` prints; docs/json-output.md is their contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm_sync.core.findings import Conflict, Notice, Problem, Stop
from crm_sync.core.grid import Grid, Shown, Style, cell_name
from crm_sync.core.keeping import Backup
from crm_sync.ports import Exported, HistoryEntry, OpenConflict, OpenProblem, Run
from crm_sync.services.application import Application
from crm_sync.services.result import PlannedChange, RunResult, TabResult, planned_changes
from crm_sync.services.status import Status

# Only recovery needs the whole of a run, and most commands recover nothing.
if TYPE_CHECKING:
    from crm_sync.services.recovery import Recovery

_EPOCH = datetime.fromisoformat("1899-12-30")


def result_json(app: Application, result: RunResult) -> dict[str, Any]:
    """One run over one workbook. A dry run lists what it would do as `changes`, and findings that
    are in no store yet.
    """
    plan = result.plan
    conflicts = [conflict_json(item) for item in result.conflicts]
    problems = [problem_json(app, item) for item in result.problems]
    if plan is not None:
        conflicts = [_conflict(result.workbook, item) for item in plan.conflicts]
        problems = [_problem(app, result.workbook, item) for item in plan.problems]
    changes = () if plan is None else planned_changes(app, plan)
    return {
        "workbook": result.workbook,
        "outcome": result.outcome,
        "address": result.address,
        "tabs": [_tab(app, tab) for tab in result.tabs],
        "changes": [_change(item) for item in changes],
        "notices": [_notice(app, notice) for notice in result.notices],
        "conflicts": conflicts,
        "problems": problems,
        "published": list(result.published),
        "waiting": result.waiting,
        "error": None,
    }


def failed_json(workbook: str, error: dict[str, str]) -> dict[str, Any]:
    """A run over one workbook that an error ended."""
    return {
        "workbook": workbook,
        "outcome": "failed",
        "address": "",
        "tabs": [],
        "changes": [],
        "notices": [],
        "conflicts": [],
        "problems": [],
        "published": [],
        "waiting": 0,
        "error": error,
    }


def recovery_json(app: Application, found: Recovery) -> dict[str, Any]:
    """What stands between a workbook and the store; `run` as for a sync, null if there was none."""
    return {
        "workbook": found.workbook,
        "standing": found.standing.name.lower(),
        "when": found.when,
        "moved_from": found.moved_from,
        "unfinished": found.unfinished,
        "older_cells": found.count("older_cells"),
        "missing_rows": found.count("missing_rows"),
        "left_rows": found.count("left_rows"),
        "edits": found.count("edits"),
        "records_adopted": found.records_adopted,
        "run": None if found.run is None else result_json(app, found.run),
    }


def _change(change: PlannedChange) -> dict[str, Any]:
    return {
        "side": change.side,
        "table": change.table,
        "record": change.record_id,
        "op": change.op,
        "fields": {name: list(pair) for name, pair in change.fields.items()},
    }


def _tab(app: Application, tab: TabResult) -> dict[str, Any]:
    return {
        "table": tab.table,
        "title": tab.title,
        "to_store": {
            "created": tab.created,
            "updated": tab.updated,
            "archived": tab.archived,
            "restored": tab.restored,
        },
        "to_sheet": {
            "added": tab.rows_added,
            "changed": tab.rows_changed,
            "removed": tab.rows_removed,
        },
        "conflicts": tab.conflicts,
        "problems": tab.problems,
        "stop": _stop(app, tab.stop) if tab.stop else None,
    }


def _stop(app: Application, stop: Stop) -> dict[str, Any]:
    return {
        "code": stop.code,
        "message": " ".join(app.say(text, **facts) for text, facts in stop.reasons),
        "hint": app.say(stop.hint, **stop.params),
        "allow": [each.allow for each in (stop, *stop.beside) if each.allow],
    }


def _notice(app: Application, notice: Notice) -> dict[str, Any]:
    return {
        "table": notice.table,
        "code": notice.code,
        "message": app.say(notice.message, **notice.params),
    }


def conflict_json(found: OpenConflict) -> dict[str, Any]:
    """One open conflict. Values are canonical; `field` is "" when the whole record is meant."""
    return {
        **_conflict(found.workbook, found.conflict),
        "id": found.id,
        "opened_at": found.opened_at,
        "store_changed_at": found.ours_at,
        "store_changed_by": found.ours_by,
    }


def _conflict(workbook: str, conflict: Conflict) -> dict[str, Any]:
    return {
        "id": None,
        "workbook": workbook,
        "table": conflict.table,
        "record": conflict.record_id,
        "field": conflict.field,
        "kind": conflict.clash.value,
        "base": conflict.base,
        "store": conflict.ours,
        "sheet": conflict.theirs,
        "opened_at": "",
        "store_changed_at": "",
        "store_changed_by": "",
    }


def problem_json(app: Application, found: OpenProblem) -> dict[str, Any]:
    """One open problem. `cell` is a place such as "F12", "" when no cell is to blame."""
    return {
        **_problem(app, found.workbook, found.problem),
        "id": found.id,
        "first_seen": found.first_seen,
        "last_seen": found.last_seen,
        "times": found.times,
    }


def _problem(app: Application, workbook: str, problem: Problem) -> dict[str, Any]:
    place = ""
    if problem.row is not None and problem.column is not None:
        place = cell_name(problem.row, problem.column)
    return {
        "id": None,
        "workbook": workbook,
        "table": problem.table,
        "record": problem.record_id,
        "field": problem.field,
        "cell": place,
        "row": None if problem.row is None else problem.row + 1,
        "code": problem.code,
        "severity": problem.severity.value,
        "typed": problem.typed,
        "stored": problem.stored,
        "message": app.say(problem.message, **problem.params),
        "remedy": app.say(problem.remedy, **problem.params) if problem.remedy else "",
        "first_seen": "",
        "last_seen": "",
        "times": 0,
    }


def history_json(entry: HistoryEntry) -> dict[str, Any]:
    """One change of one record: `changes` is field -> [old, new]."""
    return {
        "sequence": entry.sequence,
        "table": entry.table,
        "record": entry.record_id,
        "op": entry.op,
        "changes": {name: list(pair) for name, pair in entry.changes.items()},
        "at": entry.at,
        "source": entry.source,
        "by": entry.by,
        "run": entry.run,
    }


def run_json(run: Run) -> dict[str, Any]:
    """One run of the log; `counts` are sums over its tabs, empty for a run that did not end."""
    return {
        "run": run.number,
        "workbook": run.workbook,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "outcome": run.outcome,
        "counts": json.loads(run.summary or "{}"),
    }


def status_json(found: Status) -> dict[str, Any]:
    """How things stand."""
    age = found.backup_age
    return {
        "at": found.at.astimezone(UTC).isoformat(timespec="seconds"),
        "workbooks": [
            {
                "workbook": item.name,
                "last_run": run_json(item.last) if item.last else None,
                "conflicts": item.conflicts,
                "problems": item.problems,
                "unsettled": item.unsettled,
                "pending": item.pending,
            }
            for item in found.workbooks
        ],
        "records": dict(found.records),
        "archived": found.archived,
        "backups": found.backups,
        "newest_backup": backup_json(found.backup) if found.backup else None,
        "newest_backup_seconds": None if age is None else int(age.total_seconds()),
    }


def exported_json(noted: Exported) -> dict[str, Any]:
    """One export as it is written down."""
    return {
        "at": noted.at.astimezone(UTC).isoformat(timespec="seconds"),
        "by": noted.by,
        "what": noted.what,
        "file": noted.target,
        "records": dict(noted.records),
        "digest": noted.digest,
    }


def backup_json(made: Backup) -> dict[str, Any]:
    """One backup."""
    return {
        "name": made.name,
        "made_at": made.made_at,
        "reason": made.reason,
        "size": made.size,
        "records": dict(made.records),
        "digest": made.digest,
        "encrypted": made.encrypted,
    }


def grid_json(name: str, grid: Grid) -> dict[str, Any]:
    """A report as rows of cells, as in its tab: each with its value and how it is to be read."""
    return {
        "report": name,
        "rows": [[_cell(item) for item in row] for row in grid.rows],
    }


def _cell(shown: Shown) -> dict[str, Any]:
    """Dates as ISO 8601 text, shares as fractions; `style` tells which is which."""
    value = shown.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if shown.style is Style.DATE:
            value = (_EPOCH + timedelta(days=int(value))).date().isoformat()
        elif shown.style is Style.DATETIME:
            moment = _EPOCH + timedelta(seconds=round(value * 86400))
            value = moment.isoformat(timespec="minutes")
    return {"value": value, "style": shown.style.value}
