"""Problems and conflicts in one line each."""

from __future__ import annotations

from crm_sync.core.grid import cell_name
from crm_sync.core.values import N_, Scalar
from crm_sync.messages import Messages
from crm_sync.ports import OpenConflict, OpenProblem
from crm_sync.services.application import Application


def conflict_line(app: Application, messages: Messages, found: OpenConflict) -> str:
    """A conflict in a line: number, record, column, what each side says."""
    conflict = found.conflict
    tab = app.tab(conflict.table)
    record = record_name(app, conflict.table, conflict.record_id)
    if not conflict.field:
        return messages.text(
            N_("Conflict {number}: {tab}, {record}: removed on one side, edited on the other."),
            number=found.id,
            tab=tab.title,
            record=record,
        )
    return messages.text(
        N_("Conflict {number}: {tab}, {record}, {heading}: store “{ours}”, sheet “{theirs}”."),
        number=found.id,
        tab=tab.title,
        record=record,
        heading=tab.by_field[conflict.field].heading,
        ours=shown(conflict.ours),
        theirs=shown(conflict.theirs),
    )


def problem_line(app: Application, messages: Messages, found: OpenProblem) -> str:
    """A problem in a line or two: where, what, why, what to do."""
    problem = found.problem
    tab = app.tab(problem.table)
    where = tab.title
    if problem.row is not None:
        place = (
            cell_name(problem.row, problem.column)
            if problem.column is not None
            else str(problem.row + 1)
        )
        where = f"{where}!{place}"
    heading = tab.by_field[problem.field].heading if problem.field in tab.by_field else ""
    what = messages.text(problem.message, **problem.params)
    remedy = messages.text(problem.remedy, **problem.params) if problem.remedy else ""
    said = "{typed}" in problem.message or not problem.typed or not problem.field
    typed = "" if said else f"“{problem.typed}”: "
    head = f"{where} {heading}".strip()
    return f"{head}: {typed}{what} {remedy}".strip()


def record_name(app: Application, table: str, record_id: str) -> str:
    """A record as people call it: "Around the Horn (C-000045)"."""
    found = app.tab(table).table
    record = app.store.records.all(found).get(record_id)
    name = record.values.get(found.label) if record else None
    return f"{name} ({record_id})" if name else record_id


def shown(value: Scalar) -> str:
    """A canonical value as text, empty ones as a dash."""
    return "—" if value is None else str(value)
