"""Notices values that come back: somebody took a change of ours back, or two undo each other.

Nothing is held for that. An edit is an edit, whatever value it brings; the history has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from crm_sync.core.findings import Problem, Severity
from crm_sync.core.plan import Op, Plan, TabPlan
from crm_sync.core.schema import Kind
from crm_sync.core.swings import GONE_BACK, SWINGING, Step, gone_back, swinging
from crm_sync.core.values import N_, Scalar, cell_text
from crm_sync.services.application import Application
from crm_sync.services.planning import Planned
from crm_sync.services.put_back import told_on
from crm_sync.services.reading import TabReading

UNDONE_WITHIN = timedelta(days=1)
SWUNG_WITHIN = timedelta(days=7)

MOST = 20
"""A tab in which more records change at once is no matter of single cells: its limits watch it."""


def with_swings(app: Application, workbook: str, planned: Planned) -> Planned:
    """The plan with what it brings back, what went to and fro of late, and what was put back and
    nobody has accepted.
    """
    told = app.store.findings.problems(workbook)
    waiting: dict[str, dict[str, set[str]]] = {}
    for item in told:
        if item.problem.code in (GONE_BACK, SWINGING):
            fields = waiting.setdefault(item.problem.table, {})
            fields.setdefault(item.problem.record_id, set()).add(item.problem.field)
    tabs = []
    for plan in planned.plan.tabs:
        found = planned.readings.get(plan.table)
        if found is None or plan.stop is not None:
            tabs.append(plan)
            continue
        problems = told_on(
            plan.problems, [item for item in told if item.problem.table == plan.table]
        )
        problems += _swings(app, workbook, planned, found, plan, waiting.get(plan.table, {}))
        tabs.append(replace(plan, problems=tuple(problems)))
    return replace(planned, plan=Plan(tuple(tabs)))


def _swings(
    app: Application,
    workbook: str,
    planned: Planned,
    found: TabReading,
    plan: TabPlan,
    waiting: Mapping[str, set[str]],
) -> Iterator[Problem]:
    fields = {item.name for item in found.tab.table.staff_fields} & found.columns.columns.keys()
    asked = {record_id: set(names) for record_id, names in waiting.items()}
    updates = [change for change in plan.changes if change.op is Op.UPDATE]
    for change in updates:
        asked.setdefault(change.record_id, set()).update(change.values)
    for write in plan.writes:
        if not write.mends:
            asked.setdefault(write.record_id, set()).add(write.field)
    places = planned.places.get(plan.table, {})
    wanted = {
        record_id: sorted(names & fields)
        for record_id, names in sorted(asked.items())
        if record_id in places and names & fields
    }
    if len(wanted) > MOST:
        return
    now, source = planned.world.now, f"sheet:{workbook}"
    for record_id, names in wanted.items():
        history = app.store.records.history(record_id)
        for name in names:
            steps = [
                Step(*entry.changes[name], datetime.fromisoformat(entry.at), entry.source)
                for entry in history
                # What a record came with stood there from the first: it was never blank.
                if name in entry.changes and entry.op != Op.CREATE
            ]
            for change in updates:
                if change.record_id == record_id and name in change.values and steps:
                    steps.append(Step(steps[-1].new, change.values[name], now, source))
            problem = _problem(planned, found, record_id, name, steps, source)
            if problem is not None:
                yield problem


def _problem(
    planned: Planned,
    found: TabReading,
    record_id: str,
    name: str,
    steps: list[Step],
    source: str,
) -> Problem | None:
    now = planned.world.now
    if swinging(steps, now - SWUNG_WITHIN):
        code = SWINGING
    elif gone_back(steps, source, now - UNDONE_WITHIN) is not None:
        code = GONE_BACK
    else:
        return None
    message, remedy = _WORDS[code]
    row = planned.places[found.tab.table.name][record_id]
    column = found.columns.columns[name]
    # Whoever tells it writes a day as its reader does.
    is_day = found.tab.by_field[name].field.kind in (Kind.DATE, Kind.DATETIME)

    def shown(value: Scalar) -> str:
        cell = value if is_day else planned.world.show(found.tab.table.name, name, value)
        return cell_text(cell) or "—"

    return Problem(
        found.tab.table.name,
        code,
        Severity.WARN,
        message,
        remedy,
        record_id,
        name,
        row,
        column,
        cell_text(found.read.cell(row, column)),
        steps[-1].new,
        {"now": shown(steps[-1].new), "before": shown(steps[-1].old), "id": record_id},
    )


_WORDS = {
    SWINGING: (
        N_("This cell goes to and fro between “{before}” and “{now}”."),
        N_(
            "Two people or programs undo each other's work: ask your colleagues who else changes "
            "this cell, and agree on one value. The manager sees who it was: crm-sync history {id}"
        ),
    ),
    GONE_BACK: (
        N_("“{now}” stands here again; elsewhere it had been changed to “{before}”."),
        N_(
            "If that was Ctrl+Z by mistake, type “{before}” again; if it is meant, choose "
            "“Accept as it is” in the tab Problems."
        ),
    ),
}
