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
    if not conflict.field:
        return messages.text(
            N_("Conflict {number}: {tab}, {id}: removed on one side, edited on the other."),
            number=found.id,
            tab=tab.title,
            id=conflict.record_id,
        )
    return messages.text(
        N_("Conflict {number}: {tab}, {id}, {heading}: store “{ours}”, sheet “{theirs}”."),
        number=found.id,
        tab=tab.title,
        id=conflict.record_id,
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
    typed = f"“{problem.typed}” " if problem.typed and problem.field else ""
    head = f"{where} {heading}".strip()
    return f"{head}: {typed}{what} {remedy}".strip()


def shown(value: Scalar) -> str:
    """A canonical value as text, empty ones as a dash."""
    return "—" if value is None else str(value)
